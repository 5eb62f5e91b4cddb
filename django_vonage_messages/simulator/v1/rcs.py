"""Rules of RCS in v1: message types, cards, carousels, and suggestions."""

# Sources: the v1 OpenAPI document, which does not contain cards, carousels and suggestions yet.
# Cards and carousels: developer.vonage.com, "How to Send Rich Cards and Carousels".
# Suggestions: developer.vonage.com, "RCS Suggestions Chips", and the Node SDK for their members.

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django_vonage_messages.simulator.json_rules import (
    Members,
    Problem,
    Problems,
    Rule,
    an_array,
    an_object,
    boolean,
    custom,
    integer,
    one_of,
    pattern,
    string,
    url,
)
from django_vonage_messages.simulator.v1.channel_rules import (
    NUMBER,
    ChannelRules,
    MessageRules,
    media,
    options,
)


def _suggestion(value: object, path: str) -> Problems:
    suggestion_type = value.get("type") if isinstance(value, dict) else None
    if isinstance(value, dict):
        problems = [*one_of(*_SUGGESTIONS)(suggestion_type, f"{path}.type")]
        if problems:
            yield from problems
            return
    required, optional = _SUGGESTIONS.get(str(suggestion_type), ({}, {}))
    yield from an_object(_SUGGESTION_COMMON | required, optional)(value, path)


def _date_time(value: object, path: str) -> Problems:
    try:
        datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        yield Problem(path, "must be a date and time in ISO 8601.")


_DEGREES: Final = pattern("must be degrees, as a string.", re.compile(r"-?[0-9]{1,3}(\.[0-9]+)?"))
_PHONE: Final = pattern("must be E.164 with a leading +.", re.compile(r"\+[1-9][0-9]{6,14}"))
_FALLBACK: Final = {"fallback_url": url()}
_SUGGESTION_COMMON: Final[dict[str, Rule]] = {
    "type": string(),
    "text": string(1, 25),
    "postback_data": string(),
}
_SUGGESTIONS: Final[Mapping[str, tuple[dict[str, Rule], Members]]] = {
    "reply": ({}, {}),
    "dial": ({"phone_number": _PHONE}, _FALLBACK),
    "view_location": (
        {"latitude": _DEGREES, "longitude": _DEGREES},
        {"pin_label": string(), **_FALLBACK},
    ),
    "share_location": ({}, {}),
    "open_url": ({"url": url()}, {"description": string()}),
    "open_url_in_webview": (
        {"url": url()},
        {"description": string(), "view_mode": one_of("FULL", "TALL", "HALF")},
    ),
    "create_calendar_event": (
        {"start_time": _date_time, "end_time": _date_time, "title": string(1)},
        {"description": string(), **_FALLBACK},
    ),
}
"""Types of suggestions, each with its required and its optional members."""

_CARD: Final = an_object(
    {"title": string(1, 200), "text": string(1, 2000), "media_url": url()},
    {
        "media_description": string(),
        "media_height": one_of("SHORT", "MEDIUM", "TALL"),
        "thumbnail_url": url(),
        "media_force_refresh": boolean,
        "suggestions": an_array(_suggestion, 0, 4),
    },
)
_CAROUSEL: Final = an_object({"cards": an_array(_CARD, 2, 10)})
_OPTIONS: Final = options(
    category=one_of(
        "authentication", "transaction", "promotion", "service-request", "acknowledgement"
    ),
    card_orientation=one_of("VERTICAL", "HORIZONTAL"),
    image_alignment=one_of("LEFT", "RIGHT"),
    card_width=one_of("SMALL", "MEDIUM"),
)
_COMMON: Final = {"ttl": integer(300, 2_592_000), "rcs": _OPTIONS}
_TEXT_COMMON: Final = {**_COMMON, "suggestions": an_array(_suggestion, 0, 11)}

RCS_RULES: Final = ChannelRules(
    to=NUMBER,
    from_=pattern(
        "must be the name of an RCS agent: letters, digits, -, _ and &.",
        re.compile("[a-zA-Z0-9_&-]+"),
    ),
    message_types={
        "text": MessageRules({"text": string(1, 3072)}, _TEXT_COMMON),
        **{name: MessageRules({name: media()}, _COMMON) for name in ("image", "video", "file")},
        "card": MessageRules({"card": _CARD}, _COMMON),
        "carousel": MessageRules({"carousel": _CAROUSEL}, _COMMON),
        "custom": MessageRules({"custom": custom}, _COMMON),
    },
    has_webhook_version=False,
)
