"""What ``manage.py demo`` is made of.

``database``
    Which one it runs on.
``site``, ``stage``
    This site served over HTTP, and beside it a simulated Vonage, each told where the other is.
``browser``
    A member of staff who clicks and types.
``story``, ``channels``, ``telling``
    What happens, in order; on WhatsApp and Viber; and how it is played.
``screen``
    How it is told.
``expectations``, ``expected_exchanges``, ``expectation``
    What the database must say in the end.
``live``
    What goes on after the story, until somebody stops it.
"""
