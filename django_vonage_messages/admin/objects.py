"""Orders and contacts in words, as far as they have the form that is known of them.

(Source: the v1 OpenAPI document, inbound WhatsApp messages.)
"""

from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from django_vonage_messages.admin.content_parts import objects_in
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.redaction import mask_numbers
from django_vonage_messages.protocol.webhook_payloads import read_object, read_text

_MOST: Final = 50
"""How many lines are shown before those that remain are counted."""
_LONGEST: Final = 200


def order_lines(message: Message) -> list[str]:
    """Return what a customer ordered, a line for each product."""
    items = objects_in(read_object(message.content, "order").get("product_items"))
    return _shortened([line for item in items if (line := _item(item))])


def contact_lines(message: Message, *, full: bool) -> list[str]:
    """Return whose contacts a customer sent, with their numbers where ``full``."""
    contacts = objects_in(message.content.get("contacts"))
    return _shortened([line for each in contacts if (line := _contact(each, full=full))])


def _shortened(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST
    if more <= 0:
        return lines
    return [*lines[:_MOST], gettext("… and %(count)d more") % {"count": more}]


def _item(item: dict[str, object]) -> str:
    product = _plain(item.get("product_retailer_id"))
    if not product:
        return ""
    words = {"count": _plain(item.get("quantity")) or "?", "product": product}
    price = " ".join(filter(None, (_plain(item.get("item_price")), _plain(item.get("currency")))))
    if not price:
        return gettext("%(count)s × %(product)s") % words
    return gettext("%(count)s × %(product)s, at %(price)s") % {**words, "price": price}


def _contact(contact: dict[str, object], *, full: bool) -> str:
    name = read_text(read_object(contact, "name"), "formatted_name")[:_LONGEST]
    if not full:
        return mask_numbers(name)
    phones = objects_in(contact.get("phones"))
    numbers = [number for phone in phones if (number := read_text(phone, "phone")[:_LONGEST])]
    shown = format_html_join(", ", '<bdi dir="ltr">{}</bdi>', ((number,) for number in numbers))
    return format_html("<bdi>{}</bdi> {}", name, shown) if numbers else name


def _plain(value: object) -> str:
    """Return a text or a number as text, and "" for anything else."""
    is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value)[:_LONGEST].strip() if is_plain else ""
