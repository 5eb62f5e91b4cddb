"""Text, files, location and summary of a message.

The argument ``content`` is a value of ``Message.content``, such as ``{"image": {"url": …}}``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from django_vonage_messages.protocol.sanitize import display_name
from django_vonage_messages.protocol.value_checks import DEGREES, is_degrees, url_problems
from django_vonage_messages.protocol.webhook_payloads import read_object, read_text

_DEGREES_LENGTH: Final = 40
MEDIA_TYPES: Final = ("image", "audio", "video", "file", "vcard", "sticker")
_FILE_NAME_LENGTH: Final = 100
_TEXT_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "button": ("text",),
    "reply": ("title",),
    "reaction": ("emoji",),
    "order": ("text",),
    "card": ("title", "text"),
    **dict.fromkeys(MEDIA_TYPES, ("caption",)),
}
"""Members that contain text, by content type (v1's OpenAPI document)."""
_FILE_TYPES: Final = frozenset({*MEDIA_TYPES, "card"})
_OPT_OUT_KEYWORDS: Final = frozenset({"stop", "end", "quit", "cancel", "unsubscribe"})
"""Source: the keywords in developer.vonage.com, "Opt-Out Assist"."""


@dataclass(frozen=True)
class Media:
    """A file of a message.

    ``url`` is an http or https URL. Vonage keeps the file of an inbound message for 48 hours.
    """

    content_type: str
    # Source of the 48 hours: v0.1's OpenAPI document, ``image.url``.
    url: str = field(repr=False)
    caption: str = field(default="", repr=False)
    name: str = field(default="", repr=False)  # of the file

    @property
    def host(self) -> str:
        """Host name in ``url``."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, repr=False)
class Place:
    """A geographical location.

    ``latitude`` and ``longitude`` are degrees, as strings such as ``"51.5074"``. ``url`` is an http
    or https URL, or "".
    """

    latitude: str
    longitude: str
    name: str = ""
    address: str = ""
    url: str = ""


class ContentPart(NamedTuple):
    type: str
    members: dict[str, Any]


def text_of(content_type: str, content: Mapping[str, Any]) -> str:
    """Return all text of a message, each text once: the text beside files, and all captions."""
    whole = ContentPart(content_type, read_object(content, content_type))
    texts = [read_text(content, "text"), *map(_part_text, (whole, *_content_parts(content)))]
    return "\n".join(dict.fromkeys(filter(None, texts)))


def media_of(content_type: str, content: Mapping[str, Any]) -> list[Media]:
    """Return the files of a message."""
    media: dict[str, Media] = {}
    whole = ContentPart(content_type, read_object(content, content_type))
    for part in [whole, *_content_parts(content)]:
        url_key, caption_key = ("media_url", "title") if part.type == "card" else ("url", "caption")
        url = read_text(part.members, url_key)
        # Leave out files with a repeated or invalid URL.
        if part.type in _FILE_TYPES and not any(url_problems(url)):
            caption = read_text(part.members, caption_key)
            name = display_name(read_text(part.members, "name"), _FILE_NAME_LENGTH)
            media.setdefault(url, Media(part.type, url, caption, name))
    return list(media.values())


def place_of(content_type: str, content: Mapping[str, Any]) -> Place | None:
    """Return the location of a message, or None if the location is missing or invalid."""
    if content_type != "location":
        return None
    location = read_object(content, content_type)
    latitude, longitude = _degrees(location, "latitude"), _degrees(location, "longitude")
    if not latitude or not longitude:
        return None
    name, address, url = (read_text(location, key) for key in ("name", "address", "url"))
    return Place(latitude, longitude, name, address, "" if any(url_problems(url)) else url)


def summary_of(content_type: str, content: Mapping[str, Any]) -> str:
    """Return the text of a message. Without text, return its location or its template's name."""
    if text := text_of(content_type, content):
        return text
    if place := place_of(content_type, content):
        return place.name or place.address or f"{place.latitude}, {place.longitude}"
    return read_text(read_object(content, "template"), "name") if content_type == "template" else ""


def is_opt_out(text: str) -> bool:
    """Return whether the whole text is an opt-out keyword, such as STOP."""
    return text.strip(" \t\r\n.!\"'").casefold() in _OPT_OUT_KEYWORDS


def _content_parts(content: Mapping[str, Any]) -> list[ContentPart]:
    files = _objects(content.get("content"))
    carousel = read_object(content, "carousel")
    cards = [read_object(content, "card"), *_objects(carousel.get("cards"))]
    parts = [ContentPart(read_text(file, "type"), file) for file in files]
    return parts + [ContentPart("card", card) for card in cards if card]


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _part_text(part: ContentPart) -> str:
    keys = _TEXT_MEMBERS.get(part.type, ())
    return "\n".join(filter(None, (read_text(part.members, key) for key in keys)))


def _degrees(location: Mapping[str, Any], key: str) -> str:
    value = location.get(key)
    text = str(value) if isinstance(value, float) else read_text(location, key).strip()
    return text if len(text) <= _DEGREES_LENGTH and is_degrees(text, DEGREES[key]) else ""
