"""What ``manage.py demo`` is made of.

``database``
    Which one it runs on.
``site``, ``stage``
    This site served over HTTP, and beside it a simulated Vonage, each told where the other is.
``browser``
    A member of staff who clicks and types.
``story``
    What happens, in order.
``screen``
    How it is told.
``expectations``
    What the database must say in the end.
``live``
    What goes on after the story, until somebody stops it.
"""
