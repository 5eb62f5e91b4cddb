"""Display of customers' names and addresses (phone numbers or IDs), and search by either."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from django_vonage_messages.conf import get_accounts
from django_vonage_messages.models import Conversation
from django_vonage_messages.protocol.addresses import InvalidAddress, mask, normalize_number
from django_vonage_messages.protocol.redaction import mask_numbers

_ADDRESS_BESIDE_NAME: Final = '<bdi class="vonage-name">{}</bdi> ({})'
_ADDRESS_BELOW_NAME: Final = '<bdi class="vonage-name">{}</bdi><br>{}'


def show_address(address: str, *, full: bool) -> SafeString:
    return format_html(
        '<bdi dir="ltr" class="vonage-address">{}</bdi>', address if full else mask(address)
    )


def show_customer(conversation: Conversation, *, full: bool, below: bool = False) -> SafeString:
    """Return the customer's name and address as HTML.

    If ``below`` is True, the address is below the name.
    """
    address = show_address(conversation.their_address, full=full)
    name = conversation.contact_name
    if not name:
        return address
    template = _ADDRESS_BELOW_NAME if below else _ADDRESS_BESIDE_NAME
    # A name can contain a phone number.
    return format_html(template, name if full else mask_numbers(name), address)


def matches_number(column: str, term: str, *, full: bool) -> Q:
    """Return a ``Q`` for a search by a customer's phone number or ID on the channel."""
    exact = term.strip()
    digits = _digits(term)
    condition = Q(**{f"{column}__in": {exact, digits, *_normalized(term)} - {""}})
    # Users who see only masked numbers must not find a number digit by digit.
    if full:
        for prefix in {exact, digits} - {""}:
            condition |= Q(**{f"{column}__startswith": prefix})
    return condition


def matches_name(column: str, term: str, *, full: bool) -> Q:
    """Return a ``Q`` for a search by name."""
    name = " ".join(term.split())
    has_digits = any(char.isnumeric() for char in name)
    # A term with digits but no letters is a number, not a name.
    # Unless ``full`` is True, digits are not searched: a match could reveal a masked number.
    if not name or (has_digits and not (full and any(char.isalpha() for char in name))):
        return Q()
    return Q(**{f"{column}__icontains": name})


def regions() -> frozenset[str | None]:
    """Return the setting REGION of every account."""
    try:
        return frozenset(account.region for account in get_accounts())
    except ImproperlyConfigured:
        return frozenset()  # search works with invalid settings too


def _normalized(term: str) -> Iterator[str]:
    for region in regions() | {None}:
        try:
            yield normalize_number(term, region)
        except InvalidAddress:
            continue


def _digits(term: str) -> str:
    """Return the digits of a phone number, without a leading 00."""
    if any(char.isalpha() for char in term):
        return ""  # not a phone number
    digits = "".join(str(unicodedata.decimal(char)) for char in term if char.isdecimal())
    return digits[2:] if digits.startswith("00") else digits
