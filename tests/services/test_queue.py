"""queue_message(): due times, retries, cancelling and the worker."""

import threading
import time
from datetime import datetime, timedelta
from datetime import timezone as fixed_zone

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from django_vonage_messages import cancel_message, queue_message, send_message
from django_vonage_messages.backends.locmem import LocMemBackend
from django_vonage_messages.exceptions import IdempotencyConflict, InvalidMessage
from django_vonage_messages.models import Message, PausedSender, Priority, Suppression, Worker
from django_vonage_messages.protocol.outcomes import NotSent, Rejected, Throttled, Unconfirmed
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.delivery.claims import claim, claim_batch
from django_vonage_messages.services.delivery.deliver import (
    MAX_ATTEMPTS,
    deliver,
    deliver_claimed,
    retry_delay,
)
from django_vonage_messages.services.operations import worker
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from tests.conftest import SENT

TO = "447700900000"
THROTTLED = Throttled(error=ErrorInfo(title="Slow down"))


def work() -> None:
    call_command("vonage_worker", once=True, threads=2, poll=0.01)


def overdue(message: Message) -> None:
    """Make a message due, and end the pauses of all senders."""
    past = timezone.now() - timedelta(minutes=5)
    Message.objects.filter(pk=message.pk).update(due_at=past)
    PausedSender.objects.update(until=past)


def test_a_queued_message_waits_for_a_worker(transactional_db, outcomes, changes):
    message = queue_message(TO, "Hello")
    assert message.status == "queued"
    assert SENT == []

    work()

    message.refresh_from_db()
    assert message.status == "accepted"
    assert [event.status for event in message.events.all()] == ["sending", "accepted"]
    assert changes == [("queued", "sending"), ("sending", "accepted")]
    assert not Worker.objects.exists()


def test_a_rolled_back_transaction_queues_nothing(transactional_db, outcomes):
    with transaction.atomic():
        queue_message(TO, "Hello")
        transaction.set_rollback(True)

    work()

    assert SENT == []


def test_message_is_not_sent_before_send_at(transactional_db, outcomes):
    message = queue_message(TO, "Hello", send_at=timezone.now() + timedelta(hours=1))
    work()
    assert SENT == []

    overdue(message)
    work()
    assert len(SENT) == 1


def test_message_is_not_sent_after_expires_at(transactional_db, outcomes, changes):
    message = queue_message(TO, "Hello", expires_at=timezone.now() + timedelta(hours=1))
    Message.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    work()

    message.refresh_from_db()
    assert message.status == "expired"
    assert SENT == []
    assert changes == [("queued", "expired")]


def test_suppression_stops_a_queued_message(transactional_db, outcomes):
    message = queue_message(TO, "Hello")
    Suppression.objects.create(address=TO, evidence="STOP")

    work()

    message.refresh_from_db()
    assert message.status == "failed"
    assert "suppressed" in message.error_title
    assert SENT == []


@pytest.mark.parametrize("outcome", [THROTTLED, NotSent("No connection")])
def test_throttled_or_unsent_message_is_retried(transactional_db, outcomes, outcome):
    outcomes.append(outcome)
    message = queue_message(TO, "Hello")
    work()
    message.refresh_from_db()
    assert message.status == "queued"
    assert message.due_at > timezone.now()
    assert message.attempts == 1

    overdue(message)
    work()

    message.refresh_from_db()
    assert message.status == "accepted"
    assert len(SENT) == 2
    assert SENT[0].body == SENT[1].body


def test_retry_waits_as_long_as_retry_after(transactional_db, outcomes):
    outcomes.append(Throttled(retry_after=600.0))
    message = queue_message(TO, "Hello")

    work()

    message.refresh_from_db()
    assert message.due_at > timezone.now() + timedelta(seconds=590)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Rejected(), "failed"), (Unconfirmed("Broken"), "unconfirmed")],
)
def test_unconfirmed_or_rejected_message_is_not_retried(
    transactional_db, outcomes, outcome, status
):
    outcomes.append(outcome)
    message = queue_message(TO, "Hello")
    for _ in range(2):
        work()
        Message.objects.filter(status="queued").update(due_at=timezone.now())

    message.refresh_from_db()
    assert message.status == status
    assert len(SENT) == 1


def test_retries_end_after_the_last_attempt(transactional_db, outcomes):
    outcomes.extend([THROTTLED] * 100)
    message = queue_message(TO, "Hello")
    for _ in range(MAX_ATTEMPTS + 3):
        overdue(message)
        work()

    message.refresh_from_db()
    assert message.status == "failed"
    assert message.error_title == "Slow down"
    assert len(SENT) == MAX_ATTEMPTS


def test_retry_after_expires_at_is_not_scheduled(transactional_db, outcomes):
    outcomes.append(THROTTLED)
    message = queue_message(TO, "Hello", expires_at=timezone.now() + timedelta(seconds=1))

    work()

    message.refresh_from_db()
    assert message.status == "failed"


def test_send_message_is_never_retried(transactional_db, outcomes):
    outcomes.append(THROTTLED)
    with transaction.atomic():
        message = send_message(TO, "Hello")
    work()

    message.refresh_from_db()
    assert message.status == "failed"
    assert len(SENT) == 1


def test_throttled_sender_does_not_pause_other_senders(transactional_db, outcomes):
    outcomes.append(Throttled(retry_after=600.0))
    for _ in range(3):
        queue_message(TO, "Hello", sender="ACME")
    other_messages = [queue_message(TO, "Hello", sender="OTHER") for _ in range(3)]

    call_command("vonage_worker", once=True, threads=1, poll=0.01)

    assert [message.sender for message in SENT] == ["ACME"] + ["OTHER"] * len(other_messages)
    assert Message.objects.filter(status="queued", our_address="ACME").count() == 3


def test_a_queued_message_can_be_cancelled(transactional_db, outcomes, changes):
    message = queue_message(TO, "Hello")

    assert cancel_message(message) is True
    assert cancel_message(message) is False
    work()

    assert message.status == "cancelled"
    assert SENT == []
    assert changes == [("queued", "cancelled")]


@pytest.mark.parametrize("status", ["sending", "unconfirmed", "failed", "delivered"])
def test_a_message_that_has_left_the_queue_cannot_be_cancelled(db, outcomes, status):
    message = queue_message(TO, "Hello")
    Message.objects.filter(pk=message.pk).update(status=status)
    assert cancel_message(message) is False
    assert message.status == status
    assert not message.events.exists()


def test_a_started_message_cannot_be_cancelled(db, outcomes):
    message = send_message(TO, "Hello")

    assert cancel_message(message) is False
    assert message.status == "accepted"


def test_an_idempotency_key_queues_once(db, outcomes):
    first = queue_message(TO, "Hello", idempotency_key="k")
    assert queue_message(TO, "Hello", idempotency_key="k").pk == first.pk
    with pytest.raises(IdempotencyConflict):
        queue_message(TO, "Bye", idempotency_key="k")


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"send_at": timezone.now().replace(tzinfo=None)}, "send_at"),
        ({"expires_at": timezone.now().replace(tzinfo=None)}, "expires_at"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expires_at"),
        ({"send_at": datetime.min.replace(tzinfo=fixed_zone(timedelta(hours=1)))}, "send_at"),
        (
            {
                "send_at": timezone.now() + timedelta(hours=2),
                "expires_at": timezone.now() + timedelta(hours=1),
            },
            "expires_at",
        ),
    ],
)
def test_impossible_times_are_refused(db, outcomes, times, field):
    with pytest.raises(InvalidMessage) as raised:
        queue_message(TO, "Hello", **times)
    assert field in raised.value.message_dict
    assert not Message.objects.exists()


def test_pauses_grow_with_jitter_up_to_half_an_hour():
    longest = [max(retry_delay(n) for _ in range(200)) for n in range(1, MAX_ATTEMPTS)]
    shortest = [min(retry_delay(n) for _ in range(200)) for n in range(1, MAX_ATTEMPTS)]
    assert longest[0] <= timedelta(seconds=5)
    assert max(longest) <= timedelta(minutes=30)
    assert all(low < high for low, high in zip(shortest, longest, strict=True))
    assert retry_delay(MAX_ATTEMPTS) is None


def test_stopped_worker_finishes_started_messages(transactional_db, outcomes, monkeypatch):
    started, go_on = threading.Event(), threading.Event()
    send = LocMemBackend.send

    def slow(backend, message):
        started.set()
        assert go_on.wait(10)
        return send(backend, message)

    monkeypatch.setattr(LocMemBackend, "send", slow)
    for _ in range(3):
        queue_message(TO, "Hello")
    loop = WorkerLoop(threads=1, poll=0.01)
    runner = threading.Thread(target=lambda: (loop.run(), connections.close_all()))
    runner.start()
    assert started.wait(10)
    loop.stop()
    go_on.set()
    runner.join(20)

    assert not runner.is_alive()
    assert sorted(Message.objects.values_list("status", flat=True)) == [
        "accepted",
        "queued",
        "queued",
    ]
    assert not Worker.objects.exists()


def test_worker_with_once_raises_database_errors(transactional_db, monkeypatch):
    def broken(*args):
        raise OperationalError

    worker = "django_vonage_messages.services.operations.worker"
    monkeypatch.setattr(f"{worker}.claim_batch", broken)
    monkeypatch.setattr(f"{worker}.MAX_FAILURES_ONCE", 1)
    with pytest.raises(OperationalError):
        work()


def test_worker_with_once_sends_all_messages_if_its_heartbeat_is_slow(
    transactional_db, outcomes, monkeypatch
):
    """The only thread ends while the loop stores a heartbeat instead of looking at the queue."""
    monkeypatch.setattr(worker, "HEARTBEAT_INTERVAL", 0)
    send = LocMemBackend.send
    monkeypatch.setattr(
        LocMemBackend, "send", lambda *arguments: time.sleep(0.1) or send(*arguments)
    )

    def slow(execute, sql, *arguments):
        if sql.startswith("UPDATE") and Worker._meta.db_table in sql:
            time.sleep(0.3)
        return execute(sql, *arguments)

    for _ in range(3):
        queue_message(TO, "Hello")
    with connection.execute_wrapper(slow):
        WorkerLoop(threads=1, poll=0.01).run(once=True)

    assert len(SENT) == 3


@pytest.mark.parametrize("statement", ["SELECT", "UPDATE"])
def test_worker_repeats_its_claim_when_the_database_is_locked(
    transactional_db, outcomes, monkeypatch, statement
):
    """SQLite: another connection writes between the SELECT and the UPDATE of a claim."""
    message = queue_message(TO, "Hello")
    locked = []

    def lock_once(execute, sql, params, many, context):
        if sql.startswith(statement) and "claim_expires_at" in sql and not locked:
            locked.append(sql)
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(lock_once):
        assert [claimed.pk for claimed in claim_batch(1)] == [message.pk]
    assert len(locked) == 1


def test_answers_are_claimed_first(transactional_db, outcomes, django_user_model):
    """Only a reply in a conversation is an answer: a bulk message of a person is not."""
    user = django_user_model.objects.create_user("anna")
    bulk = queue_message(TO, "To many", created_by=user)
    answer = queue_message(TO, "To you")
    Message.objects.filter(pk=answer.pk).update(priority=Priority.ANSWER)

    assert [claimed.pk for claimed in claim_batch(2)] == [answer.pk, bulk.pk]


def test_held_message_is_not_sent(transactional_db, outcomes):
    message = queue_message(TO, "Hello")
    Message.objects.update(held_reason="restored", due_at=timezone.now() - timedelta(hours=1))

    work()
    deliver(message.pk)
    reconcile()
    assert SENT == []

    Message.objects.update(held_reason="")
    work()
    assert len(SENT) == 1


def test_message_that_is_held_after_its_claim_is_not_sent(transactional_db, outcomes):
    message = queue_message(TO, "Hello")
    token = claim(message.pk)
    Message.objects.update(held_reason="restored")

    deliver_claimed(message.pk, token)
    assert SENT == []
    Message.objects.update(held_reason="")
    deliver(message.pk)
    assert len(SENT) == 1
