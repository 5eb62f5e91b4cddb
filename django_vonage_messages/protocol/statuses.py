"""Message statuses, their ranks, and the state that results from a set of events.

Vonage reports submitted, delivered, read, rejected and undeliverable (API reference, "Message
Status callback"). ``accepted`` means that the response was 202. Only these six statuses show that
Vonage accepted an outbound message. A ``standby`` message is a failover message: it is sent only if
the previous message of the workflow is rejected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeVar

QUEUED: Final = "queued"
STANDBY: Final = "standby"
SENDING: Final = "sending"
UNCONFIRMED: Final = "unconfirmed"
FAILED: Final = "failed"
EXPIRED: Final = "expired"
CANCELLED: Final = "cancelled"

ACCEPTED: Final = "accepted"
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
    """An error as received from Vonage. ``code`` is "" if the error has no code."""

    code: str = ""
    title: str = field(default="", repr=False)
    detail: str = field(default="", repr=False)
    instance: str = ""

    @property
    def text(self) -> str:
        """Title and detail as received, which can quote the customer's number or text."""
        return ": ".join(part for part in (self.title, self.detail) if part)

    def __bool__(self) -> bool:
        return bool(self.code or self.title or self.detail)


NO_ERROR: Final = ErrorInfo()


@dataclass(frozen=True)
class Charge:
    """Price of a message, from the member ``usage`` of a webhook.

    ``price_text`` is the price as received. ``price`` is None if it cannot be stored as a number.
    """

    price: Decimal | None
    price_text: str
    currency: str


@dataclass(frozen=True)
class Evidence:
    """An event that proves that Vonage has the message.

    ``occurred_at`` is Vonage's time, or None if the time is invalid. ``key`` identifies the event
    and sorts events of the same time, so that the order of arrival never matters.
    """

    status: str
    key: str
    received_at: datetime
    occurred_at: datetime | None = None
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
    reached_at: dict[str, datetime] = field(default_factory=dict)


def combine_evidence(events: Iterable[Evidence]) -> MessageState | None:
    """Return the state of a message from a set of events, or None for an empty set.

    The status with the highest rank wins, and the error comes from the latest event with that
    status. Charge, segments and pricing are the latest values, not sums, because Vonage repeats the
    price. ``reached_at`` has the first time of each status. A status without a rank counts as
    ``accepted``, because it shows that Vonage has the message.
    """
    evidence = sorted(events, key=lambda event: event.order)
    if not evidence:
        return None
    deciding = max(evidence, key=lambda event: (RANKS.get(event.status, 0), event.order))
    ranked = deciding.status in RANKS
    return MessageState(
        status=deciding.status if ranked else ACCEPTED,
        error=deciding.error if ranked else NO_ERROR,
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
