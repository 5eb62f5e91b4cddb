"""RCS suggestions: buttons that the customer can tap.

``text`` is the button's label (up to 25 characters). If the customer taps the button, an inbound
message with ``postback_data`` arrives. ``extra`` is a dict to add to the JSON of the button.
"""

# Sources: Vonage's own libraries and developer.vonage.com, "RCS Suggestion Chips". Version 1.11 of
# the v1 OpenAPI document does not have suggestions.

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal

from django_vonage_messages.content.base import WithExtra, non_empty_fields


@dataclass(frozen=True, repr=False)
class _Suggestion(WithExtra):
    text: str
    postback_data: str
    type: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        return {"type": self.type, **non_empty_fields(self)}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


@dataclass(frozen=True, repr=False)
class Reply(_Suggestion):
    """RCS button that sends ``text`` as the customer's reply."""

    type: ClassVar[str] = "reply"


@dataclass(frozen=True, repr=False)
class Dial(_Suggestion):
    """RCS button that calls ``phone_number``, which starts with ``+``."""

    phone_number: str
    fallback_url: str = ""
    type: ClassVar[str] = "dial"


@dataclass(frozen=True, repr=False)
class ViewLocation(_Suggestion):
    """RCS button that shows a location on a map.

    ``latitude`` and ``longitude`` are degrees as strings, such as ``"51.5"``.
    """

    latitude: str
    longitude: str
    pin_label: str = ""
    fallback_url: str = ""
    type: ClassVar[str] = "view_location"


@dataclass(frozen=True, repr=False)
class ShareLocation(_Suggestion):
    """RCS button that sends the customer's location."""

    type: ClassVar[str] = "share_location"


@dataclass(frozen=True, repr=False)
class OpenUrl(_Suggestion):
    """RCS button that opens ``url``. ``description`` is for screen readers."""

    url: str
    description: str = ""
    type: ClassVar[str] = "open_url"


@dataclass(frozen=True, repr=False)
class OpenUrlInWebview(_Suggestion):
    """RCS button that opens ``url`` inside the messaging app."""

    url: str
    description: str = ""
    view_mode: Literal["FULL", "TALL", "HALF", ""] = ""
    type: ClassVar[str] = "open_url_in_webview"


@dataclass(frozen=True, repr=False)
class CreateCalendarEvent(_Suggestion):
    """RCS button that adds an event to the customer's calendar.

    ``start_time`` and ``end_time`` have the format ``2026-11-24T10:00:00Z``.
    """

    start_time: str
    end_time: str
    title: str
    description: str = ""
    fallback_url: str = ""
    type: ClassVar[str] = "create_calendar_event"


Suggestion = (
    Reply | Dial | ViewLocation | ShareLocation | OpenUrl | OpenUrlInWebview | CreateCalendarEvent
)

SUGGESTION_CLASSES: Final[Mapping[str, type[Suggestion]]] = MappingProxyType(
    {
        cls.type: cls
        for cls in (
            Reply,
            Dial,
            ViewLocation,
            ShareLocation,
            OpenUrl,
            OpenUrlInWebview,
            CreateCalendarEvent,
        )
    }
)


def load_suggestion(data: Mapping[str, Any]) -> Suggestion:
    """Return the suggestion whose ``as_json()`` returned ``data``."""
    fields = dict(data)
    return SUGGESTION_CLASSES[fields.pop("type")](**fields)
