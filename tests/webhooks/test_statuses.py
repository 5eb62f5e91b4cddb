"""Statuses of a known message: events, order of arrival, unknown statuses and times."""

from decimal import Decimal
from itertools import permutations

import pytest

from django_vonage_messages.signals import message_status_changed
from tests.spec import case

pytestmark = pytest.mark.django_db


@pytest.fixture
def changes(connected):
    """Collect (previous status, status, status of the event) of each message_status_changed."""
    collected = []

    def receiver(sender, message, event, previous_status, **kwargs):
        collected.append((previous_status, message.status, event.status))

    with connected(message_status_changed, receiver):
        yield collected


def _at(second: int) -> str:
    return f"2026-01-01T14:00:{second:02}.000Z"


def test_statuses_in_order_update_the_message(message, changes, post_webhook, status_body):
    for second, status in enumerate(("submitted", "delivered", "read")):
        body = status_body(message, status, timestamp=_at(second))
        assert post_webhook("message-status", body).json() == {"result": "applied"}
    message.refresh_from_db()
    assert message.status == "read"
    assert message.submitted_at < message.delivered_at < message.read_at
    assert changes == [
        ("accepted", "submitted", "submitted"),
        ("submitted", "delivered", "delivered"),
        ("delivered", "read", "read"),
    ]
    assert not message.events.filter(late=True).exists()


def test_a_duplicate_changes_and_signals_nothing(message, changes, post_webhook, status_body):
    body = status_body(message, "delivered")
    results = [post_webhook("message-status", body).json()["result"] for _ in range(3)]
    assert results == ["applied", "duplicate", "duplicate"]
    assert len(changes) == 1
    assert message.events.count() == 2


def test_late_status_is_stored_as_late_and_changes_nothing(
    message, changes, post_webhook, status_body
):
    post_webhook("message-status", status_body(message, "delivered", timestamp=_at(9)))
    response = post_webhook("message-status", status_body(message, "submitted", timestamp=_at(1)))

    assert response.json() == {"result": "applied"}
    message.refresh_from_db()
    assert message.status == "delivered"
    assert message.submitted_at < message.delivered_at
    assert changes == [("accepted", "delivered", "delivered")]
    assert list(message.events.values_list("status", "late")) == [
        ("accepted", False),
        ("delivered", False),
        ("submitted", True),
    ]


@pytest.mark.parametrize("order", [*permutations(["submitted", "rejected", "delivered"])], ids=str)
def test_order_of_arrival_does_not_matter(message, post_webhook, status_body, order):
    seconds = {"submitted": 1, "rejected": 2, "delivered": 3}
    for status in order:
        body = status_body(
            message,
            status,
            timestamp=_at(seconds[status]),
            error={"code": 1000 + seconds[status], "reason": status},
            usage={"currency": "EUR", "price": f"0.0{seconds[status]}"},
        )
        post_webhook("message-status", body)
    message.refresh_from_db()
    assert (message.status, message.error_code) == ("delivered", "1003")
    assert message.price_as_received == "0.03"
    assert message.failed_at.second == 2


@pytest.mark.parametrize("word", ["DELIVERED", "Delivered", " delivered "])
def test_status_word_in_capitals_is_known(message, changes, post_webhook, status_body, word):
    post_webhook("message-status", status_body(message, word))
    assert changes == [("accepted", "delivered", "delivered")]
    event = message.events.get(source="vonage")
    assert (event.status, event.payload["status"]) == ("delivered", word)


def test_price_can_be_a_number(message, post_webhook, status_body):
    given = {"usage": {"currency": "EUR", "price": 0.0412}}
    usage = case("17-price-number.json", given)["usage"]
    post_webhook("message-status", status_body(message, "delivered", usage=usage))
    message.refresh_from_db()
    assert (message.price, message.currency) == (Decimal(str(usage["price"])), "EUR")


def test_long_reason_is_kept(message, post_webhook, status_body):
    reason = "The carrier refused the message. " * 10
    body = status_body(message, "rejected", error={"code": 1240, "reason": reason})
    post_webhook("message-status", body)
    message.refresh_from_db()
    assert (message.error_title, message.error_detail) == (reason[:200], reason)


def test_rejection_stores_its_error(message, changes, post_webhook, status_body):
    error = {"code": 1240, "reason": "Illegal Number"}
    post_webhook("message-status", status_body(message, "rejected", error=error))
    message.refresh_from_db()
    assert message.has_failed
    assert (message.status, message.error_code) == ("rejected", "1240")
    assert message.error_title == "Illegal Number"
    assert changes == [("accepted", "rejected", "rejected")]


@pytest.mark.parametrize("status", ["queued", "failed", "FAILED", "прочитано", "x" * 64])
def test_unknown_status_is_stored_and_changes_nothing(
    message, changes, post_webhook, status_body, status
):
    response = post_webhook("message-status", status_body(message, status))
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    message.refresh_from_db()
    assert message.status == "accepted"
    assert message.events.last().status == status
    assert changes == []


def test_unknown_fields_stay_in_the_payload(message, post_webhook, status_body):
    extra = {"_links": {"dispatch": {"dispatch_uuid": "x"}}, "new": [1, None, "é"]}
    post_webhook("message-status", status_body(message, "read", **extra))
    payload = message.events.last().payload
    assert {key: payload[key] for key in extra} == extra


@pytest.mark.parametrize(
    ("timestamp", "occurred"),
    [
        ("2026-01-01 14:00:00 +0000", "2026-01-01T14:00:00+00:00"),
        ("2026-01-01 14:00:00 UTC", "2026-01-01T14:00:00+00:00"),
        ("2026-01-01T14:00:00", "2026-01-01T14:00:00+00:00"),
        ("2026-01-01T14:00:00+02:00", "2026-01-01T12:00:00+00:00"),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("yesterday", None),
        ({}, None),
        (1767276000, None),
    ],
)
def test_unusual_timestamps_are_parsed_or_ignored(
    message, post_webhook, status_body, timestamp, occurred
):
    body = status_body(message, "delivered", timestamp=timestamp)
    assert post_webhook("message-status", body).json() == {"result": "applied"}
    assert post_webhook("message-status", body).json() == {"result": "duplicate"}
    event = message.events.last()
    assert (event.occurred_at and event.occurred_at.isoformat()) == occurred
    message.refresh_from_db()
    assert message.delivered_at == event.happened_at


def test_different_bodies_without_a_time_are_two_events(message, post_webhook, status_body):
    for price in ("0.01", "0.02"):
        body = status_body(message, "delivered", timestamp={}, usage={"price": price})
        assert post_webhook("message-status", body).json() == {"result": "applied"}
    assert message.events.filter(status="delivered").count() == 2


def test_status_with_the_uuid_of_an_inbound_message_is_not_applied(
    post_webhook, inbound_body, stored
):
    post_webhook("inbound-message", inbound_body())
    body = {"message_uuid": inbound_body()["message_uuid"], "status": "delivered"}
    assert post_webhook("message-status", body).json() == {"result": "stored"}
    assert stored() == (1, 1, 0)
