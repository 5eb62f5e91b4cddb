"""Descriptions of exceptions. They do not quote the content of messages."""

import traceback
from itertools import pairwise
from pathlib import PurePath
from types import CodeType
from typing import Final

from django import dispatch
from django.db import Error as DatabaseLayerError

from django_vonage_messages.protocol.redaction import one_line, redact, remove_texts
from django_vonage_messages.protocol.sanitize import sanitize_text

_MAX_LENGTH: Final = 500
_MAX_FUNCTION: Final = 80
_Place = tuple[CodeType, int]
"""Function and line."""


def describe(exc: BaseException, *quotable: str) -> str:
    """Return the class, text, source line and function of an exception.

    ``quotable`` contains texts that the exception might quote. These texts are removed.
    """
    # A database error can quote whole rows.
    if isinstance(exc, DatabaseLayerError):
        return identify(exc)
    try:
        text = sanitize_text(str(exc))
    except Exception:  # noqa: BLE001 -- str() of any exception may fail
        text = ""
    text = redact(one_line(remove_texts(text, quotable)))
    name, source = type(exc).__name__[:_MAX_FUNCTION], _source_line(exc)
    begin = f"{name}{': ' if text else ''}{text}"
    return begin[: _MAX_LENGTH - len(source)] + source


def identify(exc: BaseException) -> str:
    """Return the class, database error code, source line and function of an exception."""
    return f"{type(exc).__name__}{_database_code(exc)}{_source_line(exc)}"


def _database_code(exc: BaseException) -> str:
    if not isinstance(exc, DatabaseLayerError):
        return ""
    code = getattr(exc.__cause__, "sqlstate", None) or (exc.args[0] if exc.args else None)
    is_code = isinstance(code, int) or (isinstance(code, str) and len(code) == 5)
    return f" {code}" if is_code else ""


def _source_line(exc: BaseException) -> str:
    """Return the place in the signal receiver, if there is one, and the place that raised."""
    places = [(frame.f_code, line) for frame, line in traceback.walk_tb(exc.__traceback__)]
    if not places:
        return ""
    receiver, raising = _receiver(places), _format_place(places[-1])
    if receiver is None or (in_receiver := _format_place(receiver)) == raising:
        return f" (in {raising})"
    return f" (in {in_receiver}, raised in {raising})"


def _receiver(places: list[_Place]) -> _Place | None:
    # Django's Signal.send() calls the receiver.
    for (caller, _line), place in pairwise(places):
        if caller.co_filename == dispatch.dispatcher.__file__:
            return place
    return None


def _format_place(place: _Place) -> str:
    code, line = place
    path = "/".join(PurePath(code.co_filename).parts[-2:])
    return f"{path[-_MAX_FUNCTION:]}:{line}, {code.co_qualname[-_MAX_FUNCTION:]}()"
