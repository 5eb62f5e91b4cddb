"""Labels and escaped HTML for content types, options, prices and raw JSON of messages."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_vonage_messages.protocol.redaction import mask_numbers, redact

RAW_LIMIT: Final = 20_000
"""Maximum number of characters of a raw body on a page."""

CONTENT_LABELS: Final[Mapping[str, Any]] = {
    "image": _("Image"),
    "audio": _("Audio"),
    "video": _("Video"),
    "file": _("File"),
    "location": _("Location"),
    "button": _("Pressed button"),
    "reply": _("Selected option"),
    "reaction": _("Reaction"),
    "sticker": _("Sticker"),
    "vcard": _("Contact card"),
    "contacts": _("Contacts"),
    # Needs a context: Django's catalogs translate "Order" as a sort order.
    "order": pgettext_lazy("purchase", "Order"),
    "content": _("Files"),
    "card": _("Card"),
    "carousel": _("Cards"),
    "template": _("Template"),
    "custom": _("Custom content"),
    "unsupported": _("Unsupported"),
}
"""Labels of all content types except text, which has no label."""

_OPTION_LABELS: Final[Mapping[str, Any]] = {
    "action": _("Button"),
    "card_orientation": _("Card orientation"),
    "card_width": _("Card width"),
    "category": _("Category"),
    "context": _("Quoted message (UUID)"),
    "duration": _("Video length (seconds)"),
    "encoding_type": _("Encoding"),
    "extra": _("Extra fields"),
    "file_size": _("Video size (MB)"),
    "image_alignment": _("Image alignment"),
    "suggestions": _("Buttons"),
    "tag": _("Message tag"),
    "trusted_recipient": _("Bypass Fraud Defender"),
    "ttl": _("Expires after (seconds)"),
    "type": _("Type"),
    "webhook_url": _("Statuses sent to"),
    "webhook_version": _("Status format"),
}
_PRICING_LABELS: Final[Mapping[str, Any]] = {
    "category": _("Category"),
    "pricing_model": _("Pricing model"),
    "type": _("Type"),
}


def content_label(content_type: str) -> str:
    """Return the label of a content type, or "" for text."""
    return "" if content_type == "text" else str(CONTENT_LABELS.get(content_type, content_type))


def show_preview(content_type: str, text: str) -> SafeString:
    """Return the label and the text of a message as one line of HTML."""
    label = content_label(content_type)
    if not label:
        return format_html("<bdi>{}</bdi>", text)
    return format_html(
        '<span class="vonage-content-label"><bdi>{}</bdi></span> <bdi>{}</bdi>', label, text
    )


def show_options(options: Mapping[str, object], *, full: bool) -> SafeString:
    texts = ((name, _option_text(value)) for name, value in options.items())
    return _show_pairs(
        (_OPTION_LABELS.get(name, name), text if full else mask_numbers(text))
        for name, text in texts
    )


def show_pricing(pricing: Mapping[str, str]) -> SafeString:
    return _show_pairs(
        (label, pricing[key]) for key, label in _PRICING_LABELS.items() if key in pricing
    )


def show_raw(text: str, *, full: bool) -> SafeString:
    """Return ``text`` in a ``<pre>`` element, cut to RAW_LIMIT characters."""
    shown = text if full else redact(text, RAW_LIMIT)
    if len(shown) > RAW_LIMIT:
        shown = shown[:RAW_LIMIT] + "…"
    return format_html('<pre class="vonage-raw" dir="ltr">{}</pre>', shown)


def show_json(value: object, *, full: bool) -> SafeString:
    """Return ``value`` as JSON in HTML."""
    shown = value if full else _without_values(value)
    return show_raw(json.dumps(shown, indent=2, ensure_ascii=False), full=full)


def _option_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _show_pairs(pairs: Iterable[tuple[Any, str]]) -> SafeString:
    return format_html_join("", '<div dir="auto">{}: <bdi>{}</bdi></div>', pairs)


def _without_values(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_values(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_values(item) for item in value]
    return "…"  # masking could miss a phone number in an unusual form
