"""What an RCS message suggests to answer or to do.

(Source: developer.vonage.com, "RCS Suggestions Chips"; the Node SDK, for the names and types of the
members.)
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django_vonage_messages.simulator.v1.rules import (
    Members,
    Problem,
    Problems,
    Rule,
    a_form,
    an_array,
    an_object,
    either,
    one_of,
    string,
    url,
)

MOST_OF_A_TEXT: Final = 11
MOST_OF_A_CARD: Final = 4
LONGEST_LABEL: Final = 25


def suggestions(most: int) -> Rule:
    """So many suggestions, each of a type of its own."""
    return an_array(_suggestion, 0, most)


def _suggestion(value: object, path: str) -> Problems:
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(value, dict) and not (isinstance(kind, str) and kind in _TYPES):
        yield Problem(f"{path}.type", f"must be {either(tuple(_TYPES))}.")
        return
    required, optional = _TYPES.get(str(kind), ({}, {}))
    yield from an_object(_COMMON | required, optional)(value, path)


def _moment(value: object, path: str) -> Problems:
    try:
        datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        yield Problem(path, "must be a date and time in ISO 8601.")


_DEGREES: Final = a_form("must be degrees, as a string.", re.compile(r"-?[0-9]{1,3}(\.[0-9]+)?"))
_PHONE: Final = a_form("must be E.164 with a leading +.", re.compile(r"\+[1-9][0-9]{6,14}"))
_FALLBACK: Final = {"fallback_url": url()}
_PAGE: Final = {"url": url()}
_COMMON: Final[dict[str, Rule]] = {
    "type": string(),
    "text": string(1, LONGEST_LABEL),
    "postback_data": string(),
}
_TYPES: Final[Mapping[str, tuple[dict[str, Rule], Members]]] = {
    "reply": ({}, {}),
    "dial": ({"phone_number": _PHONE}, _FALLBACK),
    "view_location": (
        {"latitude": _DEGREES, "longitude": _DEGREES},
        {"pin_label": string(), **_FALLBACK},
    ),
    "share_location": ({}, {}),
    "open_url": ({**_PAGE}, {"description": string()}),
    "open_url_in_webview": (
        {**_PAGE},
        {"description": string(), "view_mode": one_of("FULL", "TALL", "HALF")},
    ),
    "create_calendar_event": (
        {"start_time": _moment, "end_time": _moment, "title": string(1)},
        {"description": string(), **_FALLBACK},
    ),
}
