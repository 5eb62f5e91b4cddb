"""Labels and HTML for the data of messages: content types, options, prices and raw JSON.

Everything that others wrote is escaped.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_vonage_messages.protocol.redaction import mask_numbers, redact

RAW_LIMIT: Final = 20_000
"""Characters of a raw body that a page shows."""

CONTENT_LABELS: Final[Mapping[str, Any]] = {
    "image": _("Image"),
    "audio": _("Audio"),
    "video": _("Video"),
    "file": _("File"),
    "location": _("Location"),
    "button": _("Pressed button"),
    "reply": _("Chosen answer"),
    "reaction": _("Reaction"),
    "sticker": _("Sticker"),
    "vcard": _("Contact card"),
    "contacts": _("Contacts"),
    # With a context: Django's own catalogues translate the word as that of sorting.
    "order": pgettext_lazy("what a customer buys", "Order"),
    "content": _("Files"),
    "card": _("Card"),
    "carousel": _("Cards"),
    "template": _("Template"),
    "custom": _("Custom object"),
    "unsupported": _("Unreadable"),
}
"""Labels of all content types but text, which needs none."""

_OPTION_LABELS: Final[Mapping[str, Any]] = {
    "action": _("Button"),
    "card_orientation": _("Direction of the card"),
    "card_width": _("Width of the cards"),
    "category": _("Category"),
    "context": _("Answers the message with the UUID"),
    "duration": _("Length of the film (seconds)"),
    "encoding_type": _("Encoding"),
    "extra": _("Passed on as it is"),
    "file_size": _("Size of the film (megabytes)"),
    "image_alignment": _("Side of the picture"),
    "suggestions": _("Buttons"),
    "tag": _("Message tag"),
    "trusted_recipient": _("Passes Fraud Defender"),
    "ttl": _("Dropped if not delivered within (seconds)"),
    "type": _("Type"),
    "webhook_url": _("Statuses go to"),
    "webhook_version": _("Form of the statuses"),
}
_PRICING_LABELS: Final[Mapping[str, Any]] = {
    "category": _("Category"),
    "pricing_model": _("Pricing model"),
    "type": _("Type"),
}


def content_label(content_type: str) -> str:
    """Return the label of a content type: "" for text, the type itself if it is unknown."""
    return "" if content_type == "text" else str(CONTENT_LABELS.get(content_type, content_type))


def show_preview(content_type: str, text: str) -> SafeString:
    """Return a message in one line: the label of its content type and the start of its text."""
    label = content_label(content_type)
    if not label:
        return format_html("<bdi>{}</bdi>", text)
    return format_html(
        '<span class="vonage-content-label"><bdi>{}</bdi></span> <bdi>{}</bdi>', label, text
    )


def show_options(options: Mapping[str, object], *, full: bool) -> SafeString:
    """Return the channel options of a message; without ``full``, numbers in them are masked."""
    texts = ((name, _option_text(value)) for name, value in options.items())
    return _show_pairs(
        (_OPTION_LABELS.get(name, name), text if full else mask_numbers(text))
        for name, text in texts
    )


def show_pricing(pricing: Mapping[str, str]) -> SafeString:
    """Return WhatsApp's pricing of a message, in Vonage's own words."""
    return _show_pairs(
        (label, pricing[key]) for key, label in _PRICING_LABELS.items() if key in pricing
    )


def show_raw(text: str, *, full: bool) -> SafeString:
    """Return a raw body, cut to RAW_LIMIT; without ``full``, numbers in it are masked."""
    shown = text if full else redact(text, RAW_LIMIT)
    if len(shown) > RAW_LIMIT:
        shown = shown[:RAW_LIMIT] + "…"
    return format_html('<pre class="vonage-raw" dir="ltr">{}</pre>', shown)


def show_json(value: object, *, full: bool) -> SafeString:
    """Return an indented JSON value; without ``full``, only its keys."""
    shown = value if full else _without_values(value)
    return show_raw(json.dumps(shown, indent=2, ensure_ascii=False), full=full)


def _option_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _show_pairs(pairs: Iterable[tuple[Any, str]]) -> SafeString:
    return format_html_join("", '<div dir="auto">{}: <bdi>{}</bdi></div>', pairs)


def _without_values(value: object) -> object:
    """Return a JSON value with its keys alone: no mask knows all forms of a number."""
    if isinstance(value, dict):
        return {key: _without_values(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_values(item) for item in value]
    return "…"
