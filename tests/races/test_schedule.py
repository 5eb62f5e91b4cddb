"""Messages that are moved, revived or cancelled while they are sent, or twice at one moment."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connections

from django_vonage_messages import (
    cancel_message,
    cancel_messages,
    queue_message,
    reschedule_message,
)
from django_vonage_messages.exceptions import IdempotencyConflict
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.operations.worker import WorkerLoop
from tests.races.conftest import at_once, statuses_of, times_accepted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TO = "447700900000"
LATER = datetime(2030, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROUNDS = 15


def last_event(message: Message):
    return message.events.order_by("id").last()


def test_message_is_moved_or_sent_but_never_both(vonage):
    for number in range(ROUNDS):
        message = queue_message(TO, f"Number {number}")

        def work(thread, message=message):
            if thread == 0:
                return deliver(message.pk)
            return reschedule_message(Message.objects.get(pk=message.pk), send_at=LATER)

        _, *moved = at_once(3, work)

        message.refresh_from_db()
        sent = times_accepted(vonage).get(message.reference.hex, 0)
        assert set(moved) == {not sent}
        assert message.status == ("accepted" if sent else "queued")
        assert sent or message.due_at == LATER


def test_worker_sends_only_the_messages_that_were_not_moved(vonage):
    messages = [queue_message(TO, f"Number {number}") for number in range(40)]
    moved: list[int] = []

    def move() -> None:
        try:
            moved.extend(
                message.pk
                for message in reversed(messages)
                if reschedule_message(message, send_at=LATER)
            )
        finally:
            connections.close_all()

    mover = threading.Thread(target=move)
    mover.start()
    WorkerLoop(threads=2, poll=0.01).run(once=True)
    mover.join()
    WorkerLoop(threads=2, poll=0.01).run(once=True)

    sent = [message for message in messages if message.pk not in moved]
    assert times_accepted(vonage) == {message.reference.hex: 1 for message in sent}
    queued = Message.objects.filter(status="queued", due_at=LATER)
    assert sorted(queued.values_list("pk", flat=True)) == sorted(moved)
    assert statuses_of(sent) in ([], ["sending accepted"])


def test_moved_message_is_sent_once_by_two_processes(vonage):
    """A message is revived again and again while other threads deliver it."""
    message = queue_message(TO, "Hello", send_at=LATER)

    def work(thread):
        mine = Message.objects.get(pk=message.pk)
        if thread < 2:
            for _ in range(ROUNDS):
                deliver(message.pk)
            return None
        return reschedule_message(mine, send_at=None)

    at_once(6, work)
    deliver(message.pk)

    assert times_accepted(vonage) == {message.reference.hex: 1}
    message.refresh_from_db()
    assert message.status == "accepted"


@pytest.mark.parametrize("failover", [(), [Failover("Hello", channel="viber"), Failover("Hello")]])
def test_last_of_a_move_and_a_cancellation_decides(vonage, failover):
    for number in range(ROUNDS):
        message = queue_message(TO, f"Number {number}", send_at=LATER, failover=failover)

        def work(thread, message=message):
            mine = Message.objects.get(pk=message.pk)
            return cancel_message(mine) if thread % 2 else reschedule_message(mine, send_at=LATER)

        results = at_once(4, work)

        message.refresh_from_db()
        assert results[0] is results[2] is True
        assert last_event(message).status == message.status
        if message.workflow is not None:
            later = message.workflow.messages.filter(workflow_position__gt=1)
            expected = "standby" if message.status == "queued" else "cancelled"
            assert set(later.values_list("status", flat=True)) == {expected}
    assert times_accepted(vonage) == {}


def test_last_of_two_moves_decides(vonage):
    for number in range(ROUNDS):
        message = queue_message(TO, f"Number {number}")

        def work(thread, message=message):
            mine = Message.objects.get(pk=message.pk)
            return reschedule_message(mine, send_at=LATER + thread * HOUR)

        assert at_once(4, work) == [True] * 4

        message.refresh_from_db()
        assert message.send_at == message.due_at
        assert last_event(message).payload == {"send_at": message.send_at.isoformat()}
        assert message.events.count() == 4


def test_key_for_two_times_belongs_to_the_first_time(vonage):
    def work(number):
        try:
            return queue_message(
                TO, "Hello", idempotency_key="order-42", send_at=LATER + number % 2 * HOUR
            )
        except IdempotencyConflict as conflict:
            return conflict

    results = at_once(10, work)

    message = Message.objects.get()
    conflicts = [each for each in results if isinstance(each, IdempotencyConflict)]
    assert len(conflicts) == 5
    assert {each.message.pk for each in conflicts} == {message.pk}
    assert {each.pk for each in results if isinstance(each, Message)} == {message.pk}


def test_released_key_is_used_by_one_new_message(vonage):
    def queue(_):
        try:
            return queue_message(TO, "Hello", idempotency_key="order-42", send_at=LATER)
        except IdempotencyConflict:
            return None

    for _ in range(ROUNDS):
        old = queue(0)

        def work(thread, old=old):
            mine = Message.objects.get(pk=old.pk)
            return cancel_message(mine, release_key=True) if thread == 0 else queue(thread)

        at_once(6, work)

        old.refresh_from_db()
        assert (old.status, old.idempotency_key) == ("cancelled", None)
        assert Message.objects.filter(status="queued").count() <= 1
        Message.objects.filter(status="queued").delete()


def test_messages_about_an_object_are_cancelled_or_sent(vonage):
    related = Group.objects.create(name="An object of the site")
    messages = [queue_message(TO, f"Number {n}", related=related) for n in range(30)]

    def work(thread):
        if thread == 0:
            return WorkerLoop(threads=1, poll=0.01).run(once=True)
        return cancel_messages(related=related)

    _, *cancelled = at_once(3, work)

    sent = times_accepted(vonage)
    assert set(sent.values()) <= {1}
    assert sum(cancelled) + len(sent) == len(messages)
    assert Message.objects.filter(status="cancelled").count() == sum(cancelled)
