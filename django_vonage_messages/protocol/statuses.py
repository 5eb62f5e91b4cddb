"""Message statuses, and rules that combine a message's events into its state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeVar

QUEUED: Final = "queued"
STANDBY: Final = "standby"  # a failover message that waits for the previous message
SENDING: Final = "sending"
UNCONFIRMED: Final = "unconfirmed"
FAILED: Final = "failed"
EXPIRED: Final = "expired"
CANCELLED: Final = "cancelled"

# An outbound message with one of these six statuses has been accepted by Vonage. Vonage reports the
# last five (API reference, "Message Status callback").
ACCEPTED: Final = "accepted"  # the response was 202
SUBMITTED: Final = "submitted"
REJECTED: Final = "rejected"
UNDELIVERABLE: Final = "undeliverable"
DELIVERED: Final = "delivered"
READ: Final = "read"

RECEIVED: Final = "received"

RANKS: Final = {ACCEPTED: 1, SUBMITTED: 2, REJECTED: 3, UNDELIVERABLE: 4, DELIVERED: 5, READ: 6}
"""The status with the highest rank wins, in any order of arrival."""

_T = TypeVar("_T")
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ErrorInfo:
    """Error as received from Vonage."""

    code: str = ""
    title: str = field(default="", repr=False)
    detail: str = field(default="", repr=False)
    instance: str = ""

    @property
    def text(self) -> str:
        """Error title and detail as received. They can quote the customer's number or text."""
        return ": ".join(part for part in (self.title, self.detail) if part)

    def __bool__(self) -> bool:
        return bool(self.code or self.title or self.detail)


NO_ERROR: Final = ErrorInfo()


@dataclass(frozen=True)
class Charge:
    """Price of a message."""

    price: Decimal | None  # None if the price cannot be stored as a number
    price_text: str  # as received
    currency: str


@dataclass(frozen=True)
class Evidence:
    """Event that proves that Vonage has the message."""

    status: str
    key: str  # unique; sorts the events of the same time
    received_at: datetime
    occurred_at: datetime | None = None  # Vonage's time
    error: ErrorInfo = NO_ERROR
    charge: Charge | None = None
    segments: int | None = None
    pricing: dict[str, str] = field(default_factory=dict)

    @property
    def order(self) -> tuple[datetime, str]:
        return (self.occurred_at or _EARLIEST, self.key)


@dataclass(frozen=True)
class MessageState:
    """State of a message, combined from its events."""

    status: str
    error: ErrorInfo = NO_ERROR
    charge: Charge | None = None
    segments: int | None = None
    pricing: dict[str, str] = field(default_factory=dict)
    reached_at: dict[str, datetime] = field(default_factory=dict)  # first time of each status


def combine_evidence(events: Iterable[Evidence]) -> MessageState | None:
    """Return the state of a message from its events, or None without events."""
    evidence = sorted(events, key=lambda event: event.order)
    if not evidence:
        return None
    deciding = max(evidence, key=lambda event: (RANKS.get(event.status, 0), event.order))
    # An unknown status counts as accepted: it proves that Vonage has the message.
    ranked = deciding.status in RANKS
    return MessageState(
        status=deciding.status if ranked else ACCEPTED,
        error=deciding.error if ranked else NO_ERROR,
        # the latest values, not sums: Vonage repeats the price
        charge=_last([event.charge for event in evidence]),
        segments=_last([event.segments for event in evidence]),
        pricing=_last([event.pricing for event in evidence]) or {},
        reached_at=_first_times(evidence),
    )


def _last(values: Sequence[_T | None]) -> _T | None:
    return next((value for value in reversed(values) if value), None)


def _first_times(evidence: Iterable[Evidence]) -> dict[str, datetime]:
    times: dict[str, datetime] = {}
    for event in evidence:
        moment = event.occurred_at or event.received_at
        times[event.status] = min(moment, times.get(event.status, moment))
    return times
