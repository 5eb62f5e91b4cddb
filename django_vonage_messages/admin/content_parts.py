"""Parts of a message's content: files, cards, buttons, links, ordered products and contacts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.status_text import format_time, sentence
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.content_summary import Media, Place
from django_vonage_messages.protocol.redaction import mask_numbers
from django_vonage_messages.protocol.webhook_payloads import read_object, read_text

MEDIA_LIFETIME: Final = timedelta(hours=48)
"""Time for which Vonage keeps a customer's file (v0.1 OpenAPI document, ``image.url``)."""
MAX_LINES: Final = 50
"""Maximum number of products or contacts of one message that a page shows."""

_MAX_LENGTH: Final = 200
_MAP_HOST: Final = "www.openstreetmap.org"
_LINK_LABELS: Final[Mapping[str, Any]] = {
    "image": _("Open image"),
    "audio": _("Open audio"),
    "video": _("Open video"),
    "file": _("Open file"),
    "vcard": _("Open contact card"),
    "sticker": _("Open sticker"),
    "card": _("Open card media"),
}


@dataclass(frozen=True)
class ExternalLink:
    """A link to another host."""

    label: str
    url: str
    host: str


@dataclass(frozen=True)
class ContentPart:
    """A file or a card of a message, with its text, link and buttons."""

    text: str
    link: ExternalLink | None = None
    buttons: list[str] = field(default_factory=list)  # labels of the card's buttons


def media_link(media: Media) -> ExternalLink:
    label = str(_LINK_LABELS[media.content_type])
    if media.name:
        label = gettext("%(label)s: %(name)s") % {"label": label, "name": media.name}
    return ExternalLink(label, media.url, media.host)


def place_links(place: Place) -> list[ExternalLink]:
    """Return links to a map and to the website of a place."""
    links = [map_link(place)]
    if place.url:
        host = urlsplit(place.url).hostname or ""
        links.append(ExternalLink(gettext("Open website"), place.url, host))
    return links


def map_link(place: Place) -> ExternalLink:
    latitude, longitude = f"{float(place.latitude):.6f}", f"{float(place.longitude):.6f}"
    url = f"https://{_MAP_HOST}/?mlat={latitude}&mlon={longitude}#map=16/{latitude}/{longitude}"
    return ExternalLink(gettext("Show on map"), url, _MAP_HOST)


def files_of(message: Message) -> list[ContentPart]:
    return [ContentPart(media.caption, media_link(media)) for media in message.media]


def expiry_note(message: Message, count: int) -> str:
    """Return a note on how long Vonage keeps the files of an inbound message."""
    if not message.is_inbound:
        return ""
    end = min(message.created_at, message.occurred_at or message.created_at) + MEDIA_LIFETIME
    if end < timezone.now():
        return ngettext(
            "This file may be gone: Vonage keeps files for 48 hours.",
            "These files may be gone: Vonage keeps files for 48 hours.",
            count,
        )
    return sentence(gettext("Available until %(moment)s") % {"moment": format_time(end)})


def cards_of(message: Message) -> list[ContentPart]:
    links = {media.url: media_link(media) for media in message.media}
    return [
        ContentPart(
            text="\n".join(filter(None, (read_text(card, "title"), read_text(card, "text")))),
            link=links.get(read_text(card, "media_url")),
            buttons=buttons_of(card),
        )
        for card in _card_objects(message)
    ]


def buttons_of(data: object) -> list[str]:
    suggestions = _objects(data.get("suggestions")) if isinstance(data, dict) else []
    return [label for each in suggestions if (label := read_text(each, "text"))]


def text_beside(message: Message, parts: Iterable[ContentPart]) -> str:
    """Return the message's text without the texts that files or cards show."""
    text = message.text
    for part in parts:
        if part.text:
            text = text.replace(part.text, "", 1)
    return "\n".join(line for line in text.splitlines() if line.strip())


def order_lines(message: Message) -> list[str]:
    # Orders and contacts from WhatsApp have the format of Vonage's v1 OpenAPI document.
    items = _objects(read_object(message.content, "order").get("product_items"))
    return _limited([line for item in items if (line := _order_line(item))])


def contact_lines(message: Message, *, full: bool) -> list[str]:
    """Return a line for each contact in a message."""
    contacts = _objects(message.content.get("contacts"))
    return _limited([line for each in contacts if (line := _contact_line(each, full=full))])


def _card_objects(message: Message) -> list[dict[str, object]]:
    if message.content_type == "carousel":
        return _objects(read_object(message.content, "carousel").get("cards"))
    card = read_object(message.content, "card")
    return [card] if card else []


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _limited(lines: list[str]) -> list[str]:
    more = len(lines) - MAX_LINES
    if more <= 0:
        return lines
    return [*lines[:MAX_LINES], gettext("… and %(count)d more") % {"count": more}]


def _order_line(item: dict[str, object]) -> str:
    product = _scalar_text(item.get("product_retailer_id"))
    if not product:
        return ""
    values = {"count": _scalar_text(item.get("quantity")) or "?", "product": product}
    amounts = (_scalar_text(item.get("item_price")), _scalar_text(item.get("currency")))
    price = " ".join(filter(None, amounts))
    if not price:
        return gettext("%(count)s × %(product)s") % values
    return gettext("%(count)s × %(product)s, at %(price)s") % {**values, "price": price}


def _contact_line(contact: dict[str, object], *, full: bool) -> str:
    name = read_text(read_object(contact, "name"), "formatted_name")[:_MAX_LENGTH]
    if not full:
        return mask_numbers(name)
    phones = _objects(contact.get("phones"))
    numbers = [number for phone in phones if (number := read_text(phone, "phone")[:_MAX_LENGTH])]
    shown = format_html_join(", ", '<bdi dir="ltr">{}</bdi>', ((number,) for number in numbers))
    return format_html("<bdi>{}</bdi> {}", name, shown) if numbers else name


def _scalar_text(value: object) -> str:
    is_scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value)[:_MAX_LENGTH].strip() if is_scalar else ""
