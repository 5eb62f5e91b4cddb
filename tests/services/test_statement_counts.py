"""Numbers of SQL statements of the webhook and send paths. A number that grows is a regression.

The arguments of ``check()`` are (cost, statements, savepoints, commits). Without SELECT FOR UPDATE,
a lock takes one more statement.
"""

import pytest
from django.db import connection, transaction

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.deliver import deliver
from tests.counting import counted

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("without_receivers"),
]


def locks(number: int = 1) -> int:
    """Return the number of extra statements that lock ``number`` rows on this database."""
    return 0 if connection.features.has_select_for_update else number


@pytest.fixture
def message() -> Message:
    return send_message("447700900000", "Hello")


def check(cost, statements: int, savepoints: int, commits: int) -> None:
    assert cost.counts == (statements, savepoints, commits), cost.summary()


def test_status_takes_a_fixed_number_of_statements(message, post_webhook, status_body):
    for status in ("submitted", "delivered"):
        body = status_body(message, status)
        with counted() as cost:
            assert post_webhook("message-status", body).json() == {"result": "applied"}
        check(cost, 6 + locks(), 0, 1)


def test_late_and_duplicate_statuses_take_no_more_statements(message, post_webhook, status_body):
    post_webhook("message-status", status_body(message, "delivered"))
    for status, result, statements in (
        ("submitted", "applied", 6),
        ("delivered", "duplicate", 4),
    ):
        body = status_body(message, status)
        with counted() as cost:
            assert post_webhook("message-status", body).json() == {"result": result}
        check(cost, statements + locks(), 0, 1)


def test_statements_do_not_grow_with_the_number_of_events(message, post_webhook, status_body):
    for second in range(20):
        moment = f"2026-01-01T14:00:{second:02}Z"
        post_webhook("message-status", status_body(message, "submitted", timestamp=moment))
    body = status_body(message, "delivered")
    with counted() as cost:
        post_webhook("message-status", body)
    check(cost, 6 + locks(), 0, 1)


def test_unmatched_status_takes_a_fixed_number_of_statements(message, post_webhook, status_body):
    body = status_body(message, "delivered", message_uuid="of-nobody", client_ref="of-nobody")
    with counted() as cost:
        assert post_webhook("message-status", body).json() == {"result": "stored"}
    check(cost, 6, 0, 1)


def test_inbound_message_takes_a_fixed_number_of_statements(post_webhook, inbound_body):
    for number, (statements, savepoints) in enumerate([(5, 1), (5, 0), (5, 0)]):
        body = inbound_body(message_uuid=f"uuid-{number}")
        with counted() as cost:
            assert post_webhook("inbound-message", body).json() == {"result": "applied"}
        check(cost, statements, savepoints, 1)
    with counted() as cost:
        assert post_webhook("inbound-message", body).json() == {"result": "duplicate"}
    check(cost, 2, 0, 1)


def test_repeated_refusal_takes_no_statements(post_webhook, inbound_body):
    post_webhook("inbound-message", inbound_body(), secret=None)
    with counted() as cost:
        post_webhook("inbound-message", inbound_body(), secret=None)
    check(cost, 0, 0, 0)


def test_send_takes_two_commits(message):
    """One commit before the POST and one after it."""
    with counted() as cost:
        send_message("447700900000", "Hello")
    check(cost, 9 + locks(), 0, 2)


def test_first_send_to_a_recipient_takes_one_savepoint_more():
    with counted() as cost:
        send_message("447700900000", "Hello")
    check(cost, 9 + locks(), 1, 2)


def test_queueing_and_delivery_take_a_fixed_number_of_statements(message):
    with counted() as cost:
        queued = queue_message("447700900000", "Hello")
    check(cost, 4, 0, 1)
    with counted() as cost:
        deliver(queued.pk)
    check(cost, 13 + locks(2), 0, 3)


def test_send_inside_a_transaction_takes_one_savepoint(message):
    with counted() as cost, transaction.atomic():
        send_message("447700900000", "Hello")
        assert cost.counts == (4, 1, 0), cost.summary()
