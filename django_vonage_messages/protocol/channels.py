"""Channels of the Messages API, and normalised addresses."""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal
from unicodedata import category

from django_vonage_messages.protocol.addresses import (
    InvalidAddress,
    is_alphanumeric,
    normalize_number,
    normalize_phone_sender,
)

AddressType = Literal["number", "id"]

ID_LENGTH: Final = 50
"""Maximum length of an ID (v0.1 OpenAPI document, ``ToProperty`` and ``FromProperty``)."""

_RCS_SENDER: Final = re.compile(r"[A-Za-z0-9_&-]+")
"""Source: Vonage's Python library, ``vonage_messages``, the RCS models."""


@dataclass(frozen=True)
class Channel:
    """Names and address types of a channel."""

    name: str  # in the database
    label: str
    v0_1_type: str
    v1_type: str
    # In v0.1, the address type is also a JSON key: {"type": "sms", "number": "44…"}.
    customer_address_type: AddressType
    sender_address_type: AddressType
    # For senders of the type ``number``.
    allows_short_codes: bool = False
    allows_names: bool = False

    def takes_replies_at(self, sender: str) -> bool:
        """Return whether a customer can reply to ``sender``."""
        # Customers cannot reply to a name such as MyShop.
        return not (self.allows_names and is_alphanumeric(sender))


SMS = Channel(
    "sms", "SMS", "sms", "sms", "number", "number", allows_short_codes=True, allows_names=True
)
MMS = Channel("mms", "MMS", "mms", "mms", "number", "number", allows_short_codes=True)
WHATSAPP = Channel("whatsapp", "WhatsApp", "whatsapp", "whatsapp", "number", "number")
# Source of the names: the OpenAPI documents of v0.1 and v1.
VIBER = Channel("viber", "Viber", "viber_service_msg", "viber_service", "number", "id")
MESSENGER = Channel("messenger", "Messenger", "messenger", "messenger", "id", "id")
RCS = Channel("rcs", "RCS", "rcs", "rcs", "number", "id")

CHANNELS = MappingProxyType(
    {channel.name: channel for channel in (SMS, MMS, WHATSAPP, VIBER, MESSENGER, RCS)}
)
NUMBER_CHANNELS: Final = tuple(
    name for name, channel in CHANNELS.items() if channel.customer_address_type == "number"
)
"""Names of the channels whose customers have a phone number."""
_ALIASES = MappingProxyType({"viber_service_msg": VIBER, "viber_service": VIBER, **CHANNELS})


def get_channel(name: str) -> Channel | None:
    """Return the channel whose database name or API name is ``name``, or None."""
    return _ALIASES.get(name)


def normalize_recipient(channel: Channel, value: str, region: str | None = None) -> str:
    """Return the normalised address of a customer on a channel. Raises InvalidAddress."""
    if channel.customer_address_type == "id":
        return normalize_id(value)
    return normalize_number(value, region)


def match_recipient(channel: Channel, value: str, region: str | None = None) -> str | None:
    """Return the normalised address of a customer, or None if it cannot be one of this channel."""
    try:
        return normalize_recipient(channel, value, region)
    except InvalidAddress:  # perhaps the address of another channel
        return None


def normalize_sender_address(channel: Channel, value: str, region: str | None = None) -> str:
    """Return the normalised address of this site's sender on a channel. Raises InvalidAddress."""
    if channel is RCS:
        return _rcs_sender(value)
    if channel.sender_address_type == "id":
        return normalize_id(value)
    return normalize_phone_sender(
        value, region, short_codes=channel.allows_short_codes, names=channel.allows_names
    )


def normalize_id(value: str) -> str:
    """Return a sender's or customer's ID without surrounding spaces. Raises InvalidAddress."""
    text = value.strip()
    if not 1 <= len(text) <= ID_LENGTH:
        raise InvalidAddress(
            f"The ID has {len(text)} characters; it must have 1 to {ID_LENGTH}. Use the provider's "
            "ID."
        )
    if any(category(char)[0] == "C" for char in text):
        raise InvalidAddress("The ID has an invisible character. Type it again.")
    return text


def webhook_addresses(channel_name: str, sender: str, customer: str) -> tuple[str, str]:
    """Return this site's and the customer's address from a webhook, with normalised numbers."""
    channel = CHANNELS[channel_name]
    sender = _webhook_address(sender, channel.sender_address_type)
    return sender, _webhook_address(customer, channel.customer_address_type)


def _rcs_sender(value: str) -> str:
    text = normalize_id(value)
    if not _RCS_SENDER.fullmatch(text):
        raise InvalidAddress(
            "An RCS sender allows only letters A to Z, digits, -, _ and &. Use the name that is "
            "registered with Vonage."
        )
    return text


def _webhook_address(address: str, address_type: AddressType) -> str:
    if address_type == "id":
        return address
    try:
        return normalize_number(address)
    except InvalidAddress:
        return address
