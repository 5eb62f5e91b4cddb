"""What a message can be, in a word, and the one line that a list has room for."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KINDS: Final[Mapping[str, Any]] = {
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
"""Text has no word: its words say it."""


def kind_of(content_type: str) -> str:
    """Return the word for a content type, "" for text; one that is not known is its own word."""
    return "" if content_type == "text" else str(KINDS.get(content_type, content_type))


def show_preview(content_type: str, words: str) -> SafeString:
    """Return one line of a message: what it is, where that is not text, and its first words."""
    kind = kind_of(content_type)
    label = format_html('<span class="vonage-kind"><bdi>{}</bdi></span> ', kind) if kind else ""
    return format_html("{}<bdi>{}</bdi>", label, words)
