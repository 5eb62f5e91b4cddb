"""Database work of the webhook, send, worker and sweep paths. A number that grows is a regression.

The arguments of ``check()`` are (cost, statements, savepoints, commits, round trips).
"""

import pytest
from django.db import connection, transaction

from django_vonage_messages import (
    cancel_message,
    deliver_due,
    queue_message,
    reschedule_message,
    send_message,
)
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.claims import claim_batch
from django_vonage_messages.services.delivery.deliver import deliver, deliver_claimed
from django_vonage_messages.services.operations.deployment import record_deployment
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from tests.counting import Cost, counted

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("without_receivers"),
]

RECORD = {"sqlite": (1, 1, 3), "postgresql": (2, 2, 6), "mysql": (3, 1, 5)}[connection.vendor]
"""Statements, commits and round trips to record the database, at the start and in each sweep."""


@pytest.fixture
def message() -> Message:
    return send_message("447700900000", "Hello")


def check(
    cost: Cost, statements: int, savepoints: int, commits: int, round_trips: int, locks: int = 0
) -> None:
    """Check the counts of a path that locks rows. ``locks`` is the number of locked messages."""
    if connection.features.has_select_for_update:
        locks = 0  # without it, a lock takes one statement more
    expected = (statements + locks, savepoints, commits, round_trips + locks)
    assert (*cost.counts, cost.round_trips) == expected, cost.summary()


def test_status_takes_a_fixed_number_of_statements(message, post_webhook, status_body):
    for status in ("submitted", "delivered"):
        body = status_body(message, status)
        with counted() as cost:
            assert post_webhook("message-status", body).json() == {"result": "applied"}
        check(cost, 6, 0, 1, 8, locks=1)


def test_late_and_duplicate_statuses_take_no_more_statements(message, post_webhook, status_body):
    post_webhook("message-status", status_body(message, "delivered"))
    for status, result, statements in (
        ("submitted", "applied", 6),
        ("delivered", "duplicate", 4),
    ):
        body = status_body(message, status)
        with counted() as cost:
            assert post_webhook("message-status", body).json() == {"result": result}
        check(cost, statements, 0, 1, statements + 2, locks=1)


def test_statements_do_not_grow_with_the_number_of_events(message, post_webhook, status_body):
    for second in range(20):
        moment = f"2026-01-01T14:00:{second:02}Z"
        post_webhook("message-status", status_body(message, "submitted", timestamp=moment))
    body = status_body(message, "delivered")
    with counted() as cost:
        post_webhook("message-status", body)
    check(cost, 6, 0, 1, 8, locks=1)


def test_unmatched_status_takes_a_fixed_number_of_statements(message, post_webhook, status_body):
    body = status_body(message, "delivered", message_uuid="of-nobody", client_ref="of-nobody")
    with counted() as cost:
        assert post_webhook("message-status", body).json() == {"result": "stored"}
    check(cost, 6, 0, 1, 8)


def test_inbound_message_takes_a_fixed_number_of_statements(post_webhook, inbound_body):
    for number, (statements, savepoints) in enumerate([(5, 1), (5, 0), (5, 0)]):
        body = inbound_body(message_uuid=f"uuid-{number}")
        with counted() as cost:
            assert post_webhook("inbound-message", body).json() == {"result": "applied"}
        check(cost, statements, savepoints, 1, statements + 2 * savepoints + 2)
    with counted() as cost:
        assert post_webhook("inbound-message", body).json() == {"result": "duplicate"}
    check(cost, 2, 0, 1, 2)


def test_repeated_refusal_takes_no_statements(post_webhook, inbound_body):
    post_webhook("inbound-message", inbound_body(), secret=None)
    with counted() as cost:
        post_webhook("inbound-message", inbound_body(), secret=None)
    check(cost, 0, 0, 0, 0)


def test_send_takes_two_commits(message):
    """One commit before the POST and one after it."""
    with counted() as cost:
        send_message("447700900000", "Hello")
    check(cost, 9, 0, 2, 13, locks=1)


def test_first_send_to_a_recipient_takes_one_savepoint_more():
    with counted() as cost:
        send_message("447700900000", "Hello")
    check(cost, 9, 1, 2, 15, locks=1)


def test_queueing_and_delivery_take_a_fixed_number_of_statements(message):
    with counted() as cost:
        queued = queue_message("447700900000", "Hello")
    check(cost, 4, 0, 1, 6)
    with counted() as cost:
        deliver(queued.pk)
    check(cost, 13, 0, 3, 19, locks=2)


def test_moving_and_cancelling_take_a_fixed_number_of_statements(message):
    queued = queue_message("447700900000", "Hello", idempotency_key="key")
    with counted() as cost:
        queue_message("447700900000", "Hello", idempotency_key="key")
    check(cost, 1, 0, 0, 1)
    with counted() as cost:
        reschedule_message(queued, send_at=None)
    check(cost, 8, 0, 1, 10, locks=1)
    with counted() as cost:
        cancel_message(queued)
    check(cost, 5, 0, 1, 7, locks=1)


def test_send_inside_a_transaction_takes_one_savepoint(message):
    with counted() as cost, transaction.atomic():
        send_message("447700900000", "Hello")
        assert cost.counts == (4, 1, 0), cost.summary()


def test_claim_and_delivery_take_a_fixed_number_of_statements(message):
    queue_message("447700900000", "Hello")
    with counted() as cost:
        (claimed,) = claim_batch(4)
    if connection.features.has_select_for_update_skip_locked:
        check(cost, 3, 0, 1, 5)
    else:
        check(cost, 4, 0, 2, 8)
    with counted() as cost:
        deliver_claimed(claimed.pk, claimed.token)
    check(cost, 12, 0, 2, 16, locks=2)


def test_claim_of_nothing_takes_two_statements(message):
    with counted() as cost:
        assert claim_batch(4) == []
    check(cost, 2, 0, 1, 4)


def test_worker_takes_a_fixed_number_of_statements_to_start_and_stop(message):
    record_deployment()
    with counted() as cost:
        WorkerLoop(threads=1).run(once=True)
    statements, commits, round_trips = RECORD
    check(cost, 12 + statements, 1, 3 + commits, 20 + round_trips)


def test_deliver_due_takes_a_fixed_number_of_statements_per_message(message):
    record_deployment()
    with counted() as cost:
        assert deliver_due() == 0
    statements, commits, round_trips = RECORD
    check(cost, 3 + statements, 0, 1 + commits, 5 + round_trips)
    for number in range(3):
        queue_message(f"44770090000{number}", "Hello")
    claims = (4, 1, 6) if connection.features.has_select_for_update_skip_locked else (5, 2, 9)
    with counted() as cost:
        assert deliver_due(limit=2) == 2
    check(
        cost,
        statements + 2 * (claims[0] + 12),
        0,
        commits + 2 * (claims[1] + 2),
        round_trips + 2 * (claims[2] + 16),
        locks=4,
    )


def test_sweep_with_nothing_to_do_takes_a_fixed_number_of_statements(message):
    record_deployment()
    with counted() as cost:
        reconcile()
    statements, commits, round_trips = RECORD
    check(cost, 9 + statements, 0, commits, 9 + round_trips)
