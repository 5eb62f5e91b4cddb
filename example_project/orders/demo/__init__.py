"""Modules of ``manage.py demo``.

``database``
    The demo's database: the site's own, or a temporary one.
``site``, ``stage``
    The site and a simulated Vonage, connected over HTTP.
``browser``
    A simulated staff member who uses the site's pages.
``story``, ``channels``, ``teller``
    The chapters (SMS; WhatsApp and Viber), and their common steps.
``screen``
    The output in the terminal.
``expectations``, ``expected_exchanges``, ``expectation``
    Checks of the database after the story.
``live``
    The time after the story, until Ctrl-C.
"""
