"""How WhatsApp prices a message, in words beside its price."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

_LABELS: Final[Mapping[str, Any]] = {
    "category": _("Category"),
    "pricing_model": _("Pricing model"),
    "type": _("Type"),
}


def show_pricing(pricing: Mapping[str, str]) -> SafeString:
    """Return what is known of a pricing, in Vonage's own words."""
    known = ((label, pricing[key]) for key, label in _LABELS.items() if key in pricing)
    return format_html_join("", '<div dir="auto">{}: <bdi>{}</bdi></div>', known)
