"""Classes for the payloads of webhooks, and functions that read members of a webhook."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django_vonage_messages.protocol.sanitize import UnusableBody
from django_vonage_messages.protocol.statuses import NO_ERROR, RANKS, Charge, ErrorInfo

_SPACED_ZONE = re.compile(r" ([+-]\d\d:?\d\d)$")
_MAX_DIGITS, _DECIMAL_PLACES = 9, 10  # the column has room for 10 digits, because SQLite rounds
_ADDRESS_LENGTH = 50  # API reference
UUID_LENGTH: Final = 64


@dataclass(frozen=True)
class StatusPayload:
    """Payload of a message status."""

    message_uuid: str
    status: str
    channel: str  # can be empty, as well as ``to`` and ``sender``
    to: str  # the customer's address
    sender: str
    timestamp: str
    occurred_at: datetime | None
    client_ref: str = ""
    error: ErrorInfo = NO_ERROR
    charge: Charge | None = None
    segments: int | None = None
    pricing: dict[str, str] = field(default_factory=dict)
    workflow_id: str = ""
    workflow_position: int | None = None  # position in the failover, from 1
    raw: dict[str, Any] = field(default_factory=dict, repr=False)  # the body of the webhook

    def __repr__(self) -> str:
        return f"StatusPayload({self.message_uuid!r}, {self.status!r})"


@dataclass(frozen=True)
class InboundPayload:
    """Payload of an inbound message."""

    message_uuid: str
    channel: str
    to: str  # our number or ID
    sender: str  # the customer's address
    occurred_at: datetime | None
    content_type: str
    text: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    segments: int | None = None
    charge: Charge | None = None
    contact_name: str = ""  # the customer's profile name
    raw: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"InboundPayload({self.message_uuid!r}, {self.content_type!r})"


@dataclass(frozen=True)
class WorkflowPayload:
    """Payload of the status of a workflow of Vonage's Dispatch API."""

    dispatch_uuid: str
    status: str
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


WebhookPayload = StatusPayload | InboundPayload | WorkflowPayload


def read_text(data: object, key: str) -> str:
    """Return ``data[key]`` as text if it is a string or a whole number, else ""."""
    value = data.get(key) if isinstance(data, dict) else None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return value if isinstance(value, str) else ""


def read_object(data: object, key: str) -> dict[str, Any]:
    """Return ``data[key]`` if it is a dict, else an empty dict."""
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def read_uuid(data: dict[str, Any]) -> str:
    """Return ``message_uuid``. Raises UnusableBody if it is missing or too long."""
    value = read_text(data, "message_uuid")
    if not 0 < len(value) <= UUID_LENGTH:
        raise UnusableBody("message_uuid is missing or not usable")
    return value


def read_address(data: dict[str, Any], key: str, address_type: str) -> str:
    """Return the address in a v0.1 object, or "" if it is missing or too long.

    ``address_type`` is the preferred member of the object: "number" or "id".
    """
    side = read_object(data, key)
    other = "id" if address_type == "number" else "number"
    value = read_text(side, address_type) or read_text(side, other)
    return value if len(value) <= _ADDRESS_LENGTH else ""


def read_flat_address(data: dict[str, Any], key: str) -> str:
    """Return a v1 address, or "" if it is missing or too long."""
    value = read_text(data, key)
    return value if len(value) <= _ADDRESS_LENGTH else ""


def parse_timestamp(value: object) -> datetime | None:
    """Return Vonage's timestamp as an aware datetime in UTC, or None if it is invalid.

    A time without a zone is read as UTC.
    """
    if not isinstance(value, str):  # Vonage has sent an empty object
        return None
    # Vonage sends 2020-01-01T14:00:00.000Z, 2020-01-01 14:00:00 +0000 and 2020-01-01 14:00:00 UTC.
    try:
        moment = datetime.fromisoformat(_SPACED_ZONE.sub(r"\1", value.strip().replace(" UTC", "Z")))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if 2000 <= moment.year < 2100 else None


def normalize_status(word: str) -> str:
    """Return a status of Vonage in lower case. Return an unknown status as received."""
    known = word.strip().lower()
    return known if known in RANKS else word[:64]


def parse_charge(data: dict[str, Any]) -> Charge | None:
    """Return the charge in the member ``usage``, or None if ``usage`` has no price."""
    usage = read_object(data, "usage")
    price = usage.get("price")
    # A string in the documents. A number in one of Vonage's clients.
    price_text = repr(price) if isinstance(price, float) else read_text(usage, "price")
    if not price_text:
        return None
    return Charge(_decimal(price_text), price_text[:40], read_text(usage, "currency")[:8])


def parse_count(value: object) -> int | None:
    """Return the value as an int if it is a whole number of up to 4 digits, else None."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def read_count(data: object, *keys: str) -> int | None:
    """Read ``keys`` in order. Return the first whole number of up to 4 digits, or None."""
    values = (data.get(key) for key in keys) if isinstance(data, dict) else ()
    return next((count for value in values if (count := parse_count(value)) is not None), None)


def _decimal(text: str) -> Decimal | None:
    try:
        price = Decimal(text).quantize(Decimal(1).scaleb(-_DECIMAL_PLACES))
    except (InvalidOperation, ValueError):
        return None
    return price if price.is_finite() and abs(price) < 10**_MAX_DIGITS else None
