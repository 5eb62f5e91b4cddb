"""Descriptions of exceptions. They do not quote the content of messages."""

import traceback
from pathlib import PurePath

from django.db import Error as DatabaseLayerError

from django_vonage_messages.protocol.redaction import redact, remove_texts
from django_vonage_messages.protocol.sanitize import sanitize_text


def describe(exc: BaseException, *quotable: str) -> str:
    """Return the class, text and source line of an exception.

    ``quotable`` contains texts that the exception might quote. These texts are removed.
    """
    # A database error can quote whole rows.
    if isinstance(exc, DatabaseLayerError):
        return identify(exc)
    try:
        text = sanitize_text(str(exc))
    except Exception:  # noqa: BLE001 -- str() of any exception may fail
        text = ""
    text = redact(remove_texts(text, quotable))
    return f"{type(exc).__name__}{': ' if text else ''}{text}{_source_line(exc)}"[:500]


def identify(exc: BaseException) -> str:
    """Return the class, database error code and source line of an exception."""
    return f"{type(exc).__name__}{_database_code(exc)}{_source_line(exc)}"


def _database_code(exc: BaseException) -> str:
    if not isinstance(exc, DatabaseLayerError):
        return ""
    code = getattr(exc.__cause__, "sqlstate", None) or (exc.args[0] if exc.args else None)
    is_code = isinstance(code, int) or (isinstance(code, str) and len(code) == 5)
    return f" {code}" if is_code else ""


def _source_line(exc: BaseException) -> str:
    frames = traceback.extract_tb(exc.__traceback__)
    if not frames:
        return ""
    return f" (in {'/'.join(PurePath(frames[-1].filename).parts[-2:])}:{frames[-1].lineno})"
