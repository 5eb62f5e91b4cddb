"""Showing phone numbers, and finding rows by them."""

import unicodedata
from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from django_vonage_messages.conf import get_accounts
from django_vonage_messages.protocol.addresses import InvalidAddress, mask, normalize_number


def show_address(address: str, *, full: bool) -> SafeString:
    """Return an address as HTML that keeps its order on a right-to-left page."""
    return format_html(
        '<bdi dir="ltr" class="vonage-address">{}</bdi>', address if full else mask(address)
    )


def regions() -> frozenset[str | None]:
    """Return the regions of all accounts, without those whose settings are not usable."""
    try:
        return frozenset(account.region for account in get_accounts())
    except ImproperlyConfigured:
        return frozenset()


def matches_number(column: str, typed: str, *, full: bool) -> Q:
    """Return the condition that ``column`` holds the typed number or id.

    Part of one, from its beginning, is enough only for those who may see full numbers: otherwise a
    search would reveal one digit by digit.
    """
    exact = typed.strip()
    digits = _digits(typed)
    condition = Q(**{f"{column}__in": {exact, digits, *_readings(typed)} - {""}})
    if full:
        for beginning in {exact, digits} - {""}:
            condition |= Q(**{f"{column}__startswith": beginning})
    return condition


def _readings(typed: str) -> Iterator[str]:
    for region in regions() | {None}:
        try:
            yield normalize_number(typed, region)
        except InvalidAddress:
            continue


def _digits(typed: str) -> str:
    """Return the digits that a number begins with, or "" for a text that is not part of one."""
    if any(char.isalpha() for char in typed):
        return ""
    digits = "".join(str(unicodedata.decimal(char)) for char in typed if char.isdecimal())
    return digits[2:] if digits.startswith("00") else digits
