"""Saying what went wrong without saying what was in it."""

import traceback
from pathlib import PurePath

from django.db import Error as DatabaseLayerError

from django_vonage_messages.protocol.redaction import redact


def describe(exc: BaseException, *quotable: str) -> str:
    """Return an exception's class, words and place, fit for a log or an admin page.

    A database's words quote whole rows, so only its error code is kept. ``quotable`` are texts that
    others' exceptions may quote, such as a message's text; they are taken out.
    """
    place = _place(exc)
    if isinstance(exc, DatabaseLayerError):
        return f"{type(exc).__name__}{_database_code(exc)}{place}"
    words = str(exc)
    for text in quotable:
        if text.strip():
            words = words.replace(text, "[text]")
    said = redact(words)
    return f"{type(exc).__name__}{': ' if said else ''}{said}{place}"[:500]


def _database_code(exc: BaseException) -> str:
    code = getattr(exc.__cause__, "sqlstate", None) or (exc.args[0] if exc.args else None)
    return f" {code}" if isinstance(code, int) or (code and len(code) == 5) else ""


def _place(exc: BaseException) -> str:
    frames = traceback.extract_tb(exc.__traceback__)
    if not frames:
        return ""
    return f" (in {'/'.join(PurePath(frames[-1].filename).parts[-2:])}:{frames[-1].lineno})"
