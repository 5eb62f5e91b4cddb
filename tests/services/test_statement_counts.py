"""What the webhook and the send paths ask of a database. A number that grows is a regression.

``check(cost, statements, savepoints, commits)``. Where there is no SELECT FOR UPDATE, a lock takes
one statement more.
"""

import pytest
from django.db import connection, transaction

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.signals import message_received, message_status_changed
from tests.counting import counted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _without_receivers(monkeypatch) -> None:
    """The example site has some, which write."""
    for signal in (message_received, message_status_changed):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()
    yield
    monkeypatch.undo()
    for signal in (message_received, message_status_changed):
        signal.sender_receivers_cache.clear()


def locks(number: int = 1) -> int:
    """How many statements more it takes to lock so many rows here."""
    return 0 if connection.features.has_select_for_update else number


@pytest.fixture
def message() -> Message:
    return send_message("447700900000", "Hello")


def check(cost, statements: int, savepoints: int, commits: int) -> None:
    assert cost.counts == (statements, savepoints, commits), cost.summary()


def test_a_status(message, post_webhook, status_body):
    for status in ("submitted", "delivered"):
        body = status_body(message, status)
        with counted() as cost:
            assert post_webhook("message-status", body).json() == {"result": "applied"}
        check(cost, 6 + locks(), 0, 1)


def test_a_status_that_changes_nothing(message, post_webhook, status_body):
    post_webhook("message-status", status_body(message, "delivered"))
    for status, result, statements in (
        ("submitted", "applied", 6),
        ("delivered", "duplicate", 4),
    ):
        body = status_body(message, status)
        with counted() as cost:
            assert post_webhook("message-status", body).json() == {"result": result}
        check(cost, statements + locks(), 0, 1)


def test_a_status_with_many_before_it(message, post_webhook, status_body):
    """The number of statements does not grow with the number of events."""
    for second in range(20):
        moment = f"2026-01-01T14:00:{second:02}Z"
        post_webhook("message-status", status_body(message, "submitted", timestamp=moment))
    body = status_body(message, "delivered")
    with counted() as cost:
        post_webhook("message-status", body)
    check(cost, 6 + locks(), 0, 1)


def test_a_status_of_nobody(message, post_webhook, status_body):
    body = status_body(message, "delivered", message_uuid="of-nobody", client_ref="of-nobody")
    with counted() as cost:
        assert post_webhook("message-status", body).json() == {"result": "stored"}
    check(cost, 6, 0, 1)


def test_an_inbound_message(post_webhook, inbound_body):
    for number, (statements, savepoints) in enumerate([(5, 1), (5, 0), (5, 0)]):
        body = inbound_body(message_uuid=f"uuid-{number}")
        with counted() as cost:
            assert post_webhook("inbound-message", body).json() == {"result": "applied"}
        check(cost, statements, savepoints, 1)
    with counted() as cost:
        assert post_webhook("inbound-message", body).json() == {"result": "duplicate"}
    check(cost, 2, 0, 1)


def test_a_refusal_touches_the_database_once_in_five_minutes(post_webhook, inbound_body):
    post_webhook("inbound-message", inbound_body(), secret=None)
    with counted() as cost:
        post_webhook("inbound-message", inbound_body(), secret=None)
    check(cost, 0, 0, 0)


def test_a_send(message):
    """Two commits, around the POST: the row before, its outcome after."""
    with counted() as cost:
        send_message("447700900000", "Hello")
    check(cost, 10 + locks(), 0, 2)


def test_the_first_send_to_somebody():
    with counted() as cost:
        send_message("447700900000", "Hello")
    check(cost, 10 + locks(), 1, 2)


def test_a_queued_message(message):
    with counted() as cost:
        queued = queue_message("447700900000", "Hello")
    check(cost, 4, 0, 1)
    with counted() as cost:
        deliver(queued.pk)
    check(cost, 15 + locks(2), 0, 3)


def test_a_send_inside_a_transaction(message):
    with counted() as cost, transaction.atomic():
        send_message("447700900000", "Hello")
        assert cost.counts == (4, 1, 0), cost.summary()
