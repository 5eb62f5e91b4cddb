"""Pieces of HTML that several pages show. Everything that others wrote is escaped."""

import json

from django.utils.html import format_html
from django.utils.safestring import SafeString

from django_vonage_messages.admin.status_text import StatusWords
from django_vonage_messages.protocol.redaction import redact

RAW_LIMIT = 20_000
"""How many characters of a raw body a page shows."""


def show_status(words: StatusWords) -> SafeString:
    """Return a status as an icon with its word."""
    return format_html(
        '<strong class="vonage-tone vonage-{}"><span aria-hidden="true">{}</span> {}</strong>',
        words.tone,
        words.icon,
        words.label,
    )


def show_raw(text: str, *, full: bool) -> SafeString:
    """Return a raw body, cut to RAW_LIMIT; without ``full``, numbers in it are masked."""
    shown = text if full else redact(text, RAW_LIMIT)
    if len(shown) > RAW_LIMIT:
        shown = shown[:RAW_LIMIT] + "…"
    return format_html('<pre class="vonage-raw" dir="ltr">{}</pre>', shown)


def _outline(value: object) -> object:
    """Return a JSON value with nothing in it but its keys: numbers hide in more forms than any
    mask could know.
    """
    if isinstance(value, dict):
        return {key: _outline(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_outline(part) for part in value]
    return "…"


def show_json(value: object, *, full: bool) -> SafeString:
    """Return a JSON value, indented; without ``full``, its keys alone."""
    shown = value if full else _outline(value)
    return show_raw(json.dumps(shown, indent=2, ensure_ascii=False), full=full)
