"""Statuses lead to the same message in any order and with any repetition."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, UnprocessedWebhook
from django_vonage_messages.protocol.outcomes import Accepted
from django_vonage_messages.protocol.statuses import Evidence, MessageState, combine_evidence
from django_vonage_messages.services.delivery.deliver import record_outcome
from django_vonage_messages.services.receiving.receive import receive
from django_vonage_messages.services.receiving.unprocessed import VerifiedWebhook
from django_vonage_messages.signals import message_status_changed

pytestmark = pytest.mark.django_db
UUID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
ORDER = ["accepted", "submitted", "rejected", "undeliverable", "delivered", "read"]
RECEIVED = "when received"
COPIED = ("status", "error_code", "error_title", "error_detail", "price", "price_as_received")
COPIED += ("currency", "accepted_at", "submitted_at", "delivered_at", "read_at", "failed_at")

INSTANT = datetime(2026, 1, 1, 14, tzinfo=UTC)
TIMES: dict[Any, datetime | None] = {
    "2026-01-01T14:00:00.000Z": INSTANT,
    "2026-01-01 14:00:00 +0000": INSTANT,
    "2026-01-01 14:00:00 UTC": INSTANT,
    "2026-01-01T15:00:00+01:00": INSTANT,
    "2026-01-01T14:00:00.001Z": INSTANT + timedelta(milliseconds=1),
    "2020-02-29T00:00:00Z": datetime(2020, 2, 29, tzinfo=UTC),
    "2098-12-31T23:59:59Z": datetime(2098, 12, 31, 23, 59, 59, tzinfo=UTC),
    "yesterday": None,
    "": None,
    1767276000: None,
    None: None,
}
WORDS = [*ORDER, "seen", "Deliverd", "queued", "failed", "z" * 70]
PRICES = ["0.0333", "0.01", "-1", "free", "1e3"]

errors = st.none() | st.builds(
    lambda code, reason: {"code": code, "reason": reason},
    st.sampled_from([1300, "1300", 1180, ""]),
    st.sampled_from(["Not part of the provider network", "Absent", ""]),
)
usages = st.none() | st.builds(
    lambda price, currency: {"price": price, "currency": currency},
    st.sampled_from(PRICES),
    st.sampled_from(["EUR", "USD"]),
)


@dataclass(frozen=True)
class Event:
    """A status webhook and its values that count."""

    word: str
    timestamp: Any
    error: Any
    usage: Any

    @property
    def occurred_at(self) -> datetime | None:
        return TIMES[self.timestamp]

    @property
    def code(self) -> str:
        return str(self.error["code"]) if self.error else ""

    @property
    def reason(self) -> str:
        return self.error["reason"] if self.error else ""

    @property
    def identity(self) -> tuple[str, ...]:
        """Values by which duplicates are found: Vonage's timestamp, or else the whole body."""
        if self.timestamp:
            return (self.word[:64], str(self.timestamp), self.code)
        return (self.word, repr(self))

    def body(self, *, again: bool = False) -> bytes:
        """Return the body, with ``again`` in another spelling if a timestamp identifies it."""
        is_respelled = again and self.timestamp
        fields: dict[str, Any] = {
            "message_uuid": UUID,
            "to": {"type": "sms", "number": "447700900000"},
            "from": {"type": "sms", "number": "447700900001"},
            "status": self.word.upper() if is_respelled and self.word in ORDER else self.word,
            "client_ref": "order-42",
        }
        extras = {"timestamp": self.timestamp, "error": self.error, "usage": self.usage}
        return json.dumps(
            fields | {name: value for name, value in extras.items() if value is not None},
            indent=2 if is_respelled else None,
        ).encode()


ANSWER = Event("accepted", None, None, None)
"""The event of this site for the API's response, which may come after statuses."""

events = st.builds(
    Event, st.sampled_from(WORDS), st.sampled_from(list(TIMES)), errors, usages
).filter(lambda event: event != ANSWER)
event_sets = st.lists(events, min_size=1, max_size=7, unique_by=lambda event: event.identity).map(
    lambda found: [*found, ANSWER]
)
thorough = settings(max_examples=200)


@st.composite
def two_arrivals(draw) -> tuple[list[Event], list[Event]]:
    """Draw two arrivals of the same events, each in its own order and with repetitions."""
    found = draw(event_sets)

    def arrival() -> list[Event]:
        return draw(st.permutations(found + draw(st.lists(st.sampled_from(found), max_size=5))))

    return arrival(), arrival()


@pytest.fixture
def message(db) -> Message:
    """A started message without a response yet."""
    message = send_message("447700900000", "Hello", client_ref="order-42")
    message.events.all().delete()
    Message.objects.filter(pk=message.pk).update(
        message_uuid=None, status="sending", accepted_at=None
    )
    message.refresh_from_db()
    return message


@pytest.fixture
def chain() -> Iterator[list[tuple[str, str]]]:
    """Collect (previous status, status) of each signal and check the signal's event."""
    changes: list[tuple[str, str]] = []

    def receiver(sender, message, event, previous_status, **kwargs):
        assert event.pk
        assert event.message_id == message.pk
        changes.append((previous_status, message.status))

    message_status_changed.connect(receiver)
    yield changes
    message_status_changed.disconnect(receiver)


def through_the_service(body: bytes) -> str:
    return receive(VerifiedWebhook(body, ("default",)))


def deliver(event: Event, again: bool, message: Message, post: Callable[[bytes], str]) -> str:
    """Deliver an event; return "applied" or "duplicate"."""
    if event is not ANSWER:
        return post(event.body(again=again))
    count = message.events.count()
    record_outcome(Message.objects.get(pk=message.pk), Accepted(UUID))
    return "applied" if message.events.count() > count else "duplicate"


def play(
    arrival: list[Event], message: Message, chain: list[tuple[str, str]], post: Any
) -> dict[str, Any]:
    """Deliver the events, check each step, roll back, and return the message's columns."""
    chain.clear()
    with transaction.atomic():
        distinct: dict[tuple[str, ...], Event] = {}
        statuses = ["sending"]
        for event in arrival:
            again = event.identity in distinct
            expected = "duplicate" if again else "applied"
            assert deliver(event, again, message, post) == expected
            distinct[event.identity] = event
            statuses.append(status_of(distinct.values()))
        steps = list(pairwise(statuses))
        assert chain == [(before, after) for before, after in steps if before != after]
        message.refresh_from_db()
        assert message.events.count() == len(distinct)
        assert not UnprocessedWebhook.objects.exists()
        result = {name: getattr(message, name) for name in COPIED}
        transaction.set_rollback(True)
    given_times = {event.occurred_at for event in arrival}
    for name in (name for name in COPIED if name.endswith("_at")):
        if result[name] and result[name] not in given_times:
            result[name] = RECEIVED
    return result


def status_of(found: Any) -> str:
    """Return the status by a second, independent implementation of the documented rules."""
    listed = [event.word for event in found if event.word in ORDER]
    return max(listed, key=ORDER.index) if listed else "accepted"


def check_by_the_rules(found: list[Event], result: dict[str, Any]) -> None:
    assert result["status"] == status_of(found)
    deciding = latest([event for event in found if event.word == result["status"]])
    assert (result["error_code"], result["error_title"]) in {(e.code, e.reason) for e in deciding}
    charged = latest([event for event in found if event.usage])
    prices = {(e.usage["price"], e.usage["currency"]) for e in charged} or {("", "")}
    assert (result["price_as_received"], result["currency"]) in prices
    if result["price_as_received"] not in {"", "free"}:
        assert result["price"] == Decimal(result["price_as_received"])
    for column in ("accepted", "submitted", "delivered", "read"):
        assert result[f"{column}_at"] == first_time(found, column)
    assert result["failed_at"] == first_time(found, "rejected", "undeliverable")


def latest(found: list[Event]) -> list[Event]:
    """Return the events of the latest time; events without a time are the earliest."""
    newest = max((e.occurred_at or datetime.min.replace(tzinfo=UTC) for e in found), default=None)
    return [e for e in found if (e.occurred_at or datetime.min.replace(tzinfo=UTC)) == newest]


def first_time(found: list[Event], *words: str) -> datetime | str | None:
    now = datetime.now(UTC)
    times = [event.occurred_at or now for event in found if event.word in words]
    first = min(times, default=None)
    return RECEIVED if first is now else first


ALIKE = [
    Event("rejected", "2026-01-01T14:00:00.000Z", {"code": code, "reason": ""}, None)
    for code in (1300, 1180)
]


@pytest.mark.slow
@given(two_arrivals())
@example(([*ALIKE, ANSWER], [ANSWER, *reversed(ALIKE), *ALIKE]))
@thorough
def test_order_and_repetition_never_matter(message, chain, arrivals):
    first, second = arrivals
    result = play(first, message, chain, through_the_service)
    check_by_the_rules(list(set_of(first)), result)
    assert play(second, message, chain, through_the_service) == result


@pytest.mark.slow
@given(two_arrivals())
@settings(thorough, max_examples=30)
def test_order_and_repetition_never_matter_through_the_signed_view(
    message, chain, post_webhook, arrivals
):
    def post(body: bytes) -> str:
        response = post_webhook("message-status", body)
        assert response.status_code == 200
        return response.json()["result"]

    first, second = arrivals
    assert play(first, message, chain, post) == play(second, message, chain, through_the_service)


def set_of(arrival: list[Event]) -> Any:
    return {event.identity: event for event in arrival}.values()


evidence = st.builds(
    Evidence,
    st.sampled_from(WORDS),
    st.text("abc", min_size=1, max_size=3),
    st.just(INSTANT),
    st.sampled_from([None, INSTANT, INSTANT + timedelta(seconds=1), INSTANT - timedelta(1)]),
)


@given(st.lists(evidence, max_size=8, unique_by=lambda event: event.key), st.data())
def test_combined_evidence_ignores_order_and_repetition(found, data):
    again = data.draw(st.lists(st.sampled_from(found), max_size=8)) if found else []
    state = combine_evidence(data.draw(st.permutations(found + again)))
    assert state == combine_evidence(found)
    if found:
        assert isinstance(state, MessageState)
        words = [event.status for event in found if event.status in ORDER]
        assert state.status == (max(words, key=ORDER.index) if words else "accepted")
