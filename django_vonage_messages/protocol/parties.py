"""The two ends of a message: which address each channel takes, in the form in which it is stored.

Numbers are normalised; ids are the provider's own and stay as they are. (Source: the v0.1 OpenAPI
document: Viber goes to a number from an id, Messenger from id to id, the others between numbers.)
"""

import re
from typing import Final
from unicodedata import category

from django_vonage_messages.protocol.addresses import (
    InvalidAddress,
    normalize_number,
    normalize_sender,
)
from django_vonage_messages.protocol.channels import RCS, AddressKind, Channel

ID_LENGTH: Final = 50
"""Characters of an id, 1 up (the v0.1 OpenAPI document, ``ToProperty`` and ``FromProperty``)."""

_RCS_SENDER: Final = re.compile(r"[A-Za-z0-9_&-]+")
"""Source: Vonage's Python library, ``vonage_messages``, the RCS models."""


def normalize_recipient(channel: Channel, value: str, region: str | None = None) -> str:
    """Return the customer's address on a channel. Raises InvalidAddress."""
    if channel.theirs == "id":
        return normalize_id(value)
    return normalize_number(value, region)


def normalize_our_address(channel: Channel, value: str, region: str | None = None) -> str:
    """Return the address that a channel's messages come from. Raises InvalidAddress."""
    if channel is RCS:
        return _rcs_sender(value)
    if channel.ours == "id":
        return normalize_id(value)
    return normalize_sender(value, region, short_codes=channel.short_codes, names=channel.names)


def normalize_id(value: str) -> str:
    """Return a provider's id without space around it. Raises InvalidAddress."""
    text = value.strip()
    if not 1 <= len(text) <= ID_LENGTH:
        raise InvalidAddress(
            f"An id has 1 to {ID_LENGTH} characters; this one has {len(text)}. Use the id that "
            "the provider gave."
        )
    if any(category(char)[0] == "C" for char in text):
        raise InvalidAddress("The id holds a character that cannot be seen. Write it anew.")
    return text


def _rcs_sender(value: str) -> str:
    text = normalize_id(value)
    if not _RCS_SENDER.fullmatch(text):
        raise InvalidAddress(
            "The name of an RCS sender holds letters A to Z, digits, -, _ and & only. Use the name "
            "that was registered with Vonage."
        )
    return text


def received_address(address: str, kind: AddressKind) -> str:
    """Return a webhook's address in the form in which it is stored: an id exactly as it is, and a
    number that is none as well.
    """
    if kind == "id":
        return address
    try:
        return normalize_number(address)
    except InvalidAddress:
        return address
