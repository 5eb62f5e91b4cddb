"""Messages of several parts: files with a caption each, and cards with what can be tapped.

What is said of a part stands with it: a customer's answer is to one of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django_vonage_messages.admin.external_links import Link, media_link
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.webhook_payloads import read_object, read_text


@dataclass(frozen=True)
class Part:
    """One file or card: its words, the link to what it shows, and what the customer can tap."""

    words: str
    link: Link | None = None
    taps: list[str] = field(default_factory=list)


def files_of(message: Message) -> list[Part]:
    """Return the files of a message that can be opened, each with its caption."""
    return [Part(media.caption, media_link(media)) for media in message.media]


def cards_of(message: Message) -> list[Part]:
    """Return the cards of a message, as the customer has them side by side."""
    links = {media.url: media_link(media) for media in message.media}
    return [
        Part(
            words="\n".join(filter(None, (read_text(card, "title"), read_text(card, "text")))),
            link=links.get(read_text(card, "media_url")),
            taps=taps_of(card),
        )
        for card in _cards(message)
    ]


def taps_of(data: object) -> list[str]:
    """Return what stands on the chips under a card or a text."""
    chips = objects_in(data.get("suggestions")) if isinstance(data, dict) else []
    return [words for chip in chips if (words := read_text(chip, "text"))]


def words_beside(message: Message, parts: Iterable[Part]) -> str:
    """Return a message's words, or "" where its parts say them already."""
    said = "\n".join(part.words for part in parts if part.words)
    return "" if message.text in said else message.text


def objects_in(value: object) -> list[dict[str, object]]:
    """Return the objects of a list, or none for what is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _cards(message: Message) -> list[dict[str, object]]:
    if message.content_type == "carousel":
        return objects_in(read_object(message.content, "carousel").get("cards"))
    card = read_object(message.content, "card")
    return [card] if card else []
