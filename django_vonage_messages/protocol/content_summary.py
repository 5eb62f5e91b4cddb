"""What people can read and open in a message's content, whoever sent it and whatever its type.

``content`` is the dict that ``Message.content`` keeps, in the shape of v0.1's webhooks: under the
content type's own name is what belongs to it. Nothing here trusts it: what is absent or of another
type is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from django_vonage_messages.protocol.value_checks import DEGREES, is_degrees, url_problems
from django_vonage_messages.protocol.webhook_payloads import read_object, read_text

_DEGREES_LENGTH: Final = 40
MEDIA_TYPES: Final = ("image", "audio", "video", "file", "vcard", "sticker")
_WORDS: Final = {"button": "text", "reply": "title", "reaction": "emoji"}
"""What a customer chose instead of writing: the member that they read (v1's OpenAPI document)."""
_WITH_FILE: Final = frozenset({*MEDIA_TYPES, "card"})
_WITH_PARTS: Final = frozenset({"content", "card", "carousel"})


_OPT_OUT_KEYWORDS: Final = frozenset({"stop", "end", "quit", "cancel", "unsubscribe"})
"""Source: developer.vonage.com, "Opt-Out Assist", keywords."""


@dataclass(frozen=True)
class Media:
    """A file that came or went with a message. ``url`` is http or https; Vonage keeps what a
    customer sent for 48 hours (the v0.1 OpenAPI document, ``image.url``).
    """

    content_type: str
    url: str = field(repr=False)
    caption: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """Where the file is, as people should know before they open it."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, repr=False)
class Place:
    """A location: degrees as text, in the precision in which they came."""

    latitude: str
    longitude: str
    name: str = ""
    address: str = ""


def text_of(content_type: str, content: Mapping[str, Any]) -> str:
    """Return the words that were said: a text, a caption, or what stands on a pressed button."""
    if content_type == "text":
        return read_text(content, "text")
    part = _part(content_type, content)
    if member := _WORDS.get(content_type):
        return read_text(part, member)
    if content_type in _WITH_PARTS:
        return "\n".join(words for words in map(_words_of, _parts(content)) if words)
    return read_text(part, "caption") if content_type in MEDIA_TYPES else ""


def media_of(content_type: str, content: Mapping[str, Any]) -> list[Media]:
    """Return the files of a message, each once, without those whose URL nobody should open."""
    found: dict[str, Media] = {}
    whole = (content_type, _part(content_type, content))
    for kind, part in [whole, *_parts(content)]:
        url = read_text(part, "media_url" if kind == "card" else "url")
        if kind in _WITH_FILE and not any(url_problems(url)):
            caption = read_text(part, "title" if kind == "card" else "caption")
            found.setdefault(url, Media(kind, url, caption))
    return list(found.values())


def place_of(content_type: str, content: Mapping[str, Any]) -> Place | None:
    """Return the location that a message tells, if it tells one that can be shown."""
    if content_type != "location":
        return None
    part = _part(content_type, content)
    latitude, longitude = _degrees(part, "latitude"), _degrees(part, "longitude")
    if not latitude or not longitude:
        return None
    return Place(latitude, longitude, read_text(part, "name"), read_text(part, "address"))


def summary_of(content_type: str, content: Mapping[str, Any]) -> str:
    """Return one line for a list: the words of a message, else the name of what it is about."""
    if words := text_of(content_type, content):
        return words
    if place := place_of(content_type, content):
        return place.name or place.address or f"{place.latitude}, {place.longitude}"
    return read_text(_part(content_type, content), "name") if content_type == "template" else ""


def is_opt_out(text: str) -> bool:
    """Whether a text is only an opt-out keyword, in any case and with any punctuation around it."""
    return text.strip(" \t\r\n.!\"'").casefold() in _OPT_OUT_KEYWORDS


def _part(content_type: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return read_object(content, content_type)


def _parts(content: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the several files of an MMS, or the cards of an RCS message, each with its type."""
    files = _objects(content.get("content"))
    cards = [read_object(content, "card"), *_objects(_part("carousel", content).get("cards"))]
    found = [(read_text(file, "type"), file) for file in files]
    return found + [("card", card) for card in cards if card]


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _words_of(part: tuple[str, dict[str, Any]]) -> str:
    kind, data = part
    if kind == "card":
        return "\n".join(filter(None, (read_text(data, "title"), read_text(data, "text"))))
    return read_text(data, "caption") if kind in MEDIA_TYPES else ""


def _degrees(part: Mapping[str, Any], key: str) -> str:
    """Return degrees as text, "" for what is none: v0.1 writes them as strings."""
    value = part.get(key)
    text = str(value) if isinstance(value, float) else read_text(part, key).strip()
    return text if len(text) <= _DEGREES_LENGTH and is_degrees(text, DEGREES[key]) else ""
