"""Receivers that deadlock with each other: every effect happens exactly once."""

import json
import threading
import uuid
from contextlib import contextmanager, suppress

import pytest
from django.contrib.auth.models import Group, User
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.models import Conversation, Message, SignalDispatch
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.signals import message_received, message_status_changed
from tests.races.conftest import SERVER, at_once, times_accepted

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = [2, pytest.param(20, marks=pytest.mark.long)]
ALICE, BOB = "447700900010", "447700900020"


@contextmanager
def connected(signal, receiver):
    signal.connect(receiver)
    try:
        yield
    finally:
        signal.disconnect(receiver)


class Meeting:
    """Let two transactions each take a lock before they request the other's lock, once."""

    def __init__(self):
        self.took_place = False
        self._barrier = threading.Barrier(2)

    def wait(self):
        if SERVER and not self._barrier.broken:  # SQLite has one writer at a time
            with suppress(threading.BrokenBarrierError):
                self._barrier.wait(timeout=5)
                self.took_place = True
            self._barrier.abort()


def expected_runs(meetings):
    """Return the least number of runs: a deadlock, so one run more, for each meeting.

    Two transactions do not meet if the server stalls, or lets one wait before its receiver runs.
    """
    deadlocks = sum(meeting.took_place for meeting in meetings)
    assert bool(deadlocks) == bool(SERVER)
    return 2 * len(meetings) + deadlocks


def inbound(inbound_body, number):
    sender = {"type": "sms", "number": number}
    return json.dumps(
        {**inbound_body("Hello", message_uuid=str(uuid.uuid4())), "from": sender}
    ).encode()


def post_and_check(post, path, body, is_committed):
    """POST a webhook; after the 200, all its work must be committed."""
    response = post(path, body)
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    assert is_committed()


@pytest.mark.parametrize("rounds", ROUNDS)
def test_receivers_that_write_to_each_others_conversations_deadlock_and_recover(
    vonage, post, inbound_body, rounds
):
    """Each inbound message locks its conversation; its receiver writes to the other one."""
    runs, meetings = [], []

    def forward(sender, message, **kwargs):
        runs.append(message.their_address)
        meetings[-1].wait()
        other = BOB if message.their_address == ALICE else ALICE
        send_message(other, f"{message.their_address} wrote", related=message)

    def work(number):
        body = inbound(inbound_body, (ALICE, BOB)[number])
        uuid_ = json.loads(body)["message_uuid"]

        def is_committed():
            row = Message.objects.get(message_uuid=uuid_)
            return Message.objects.outbound().filter(related_id=str(row.pk)).count() == 1

        post_and_check(post, "inbound-message", body, is_committed)

    with connected(message_received, forward):
        for _ in range(rounds):
            meetings.append(Meeting())
            at_once(2, work)

    assert Message.objects.inbound().count() == 2 * rounds
    texts = Message.objects.outbound()
    assert times_accepted(vonage) == {message.reference.hex: 1 for message in texts}
    assert sorted(t.related_id for t in texts) == sorted(
        str(m.pk) for m in Message.objects.inbound()
    )
    assert {t.unread_count for t in Conversation.objects.all()} == {rounds}
    least = expected_runs(meetings)
    assert len(runs) >= least if SERVER else len(runs) == least
    assert not SignalDispatch.objects.exists()


@pytest.fixture
def rows(transactional_db):
    return [User.objects.create(username=name) for name in ("one", "two")]


def bump(user):
    row = User.objects.select_for_update().get(pk=user.pk)
    row.last_name = str(int(row.last_name or 0) + 1)
    row.save()


def propagate(user, lost_bumps):
    bump(user)


def swallow(user, lost_bumps):
    with suppress(OperationalError):
        bump(user)


def swallow_a_savepoint(user, lost_bumps):
    """Suppress the error; PostgreSQL rolls back only the savepoint."""
    try:
        with transaction.atomic():
            bump(user)
    except OperationalError:
        transaction.on_commit(lambda: lost_bumps.append(user.pk))


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("take_second", [propagate, swallow, swallow_a_savepoint])
def test_receivers_that_lock_rows_in_opposite_orders_deadlock_and_recover(
    post, status_body, rows, caplog, rounds, take_second
):
    runs, meetings, after_commit, lost_bumps = [], [], [], []

    def receiver(sender, message, **kwargs):
        if message.status != "delivered":
            return
        runs.append(message.pk)
        Group.objects.create(name=f"{message.pk} {uuid.uuid4()}")
        transaction.on_commit(lambda: after_commit.append(message.pk))
        first, second = rows if message.their_address == ALICE else reversed(rows)
        bump(first)
        meetings[-1].wait()
        take_second(second, lost_bumps)

    def work(number):
        message = messages[number]
        body = json.dumps(status_body(message, "delivered")).encode()
        post_and_check(post, "message-status", body, message.events.filter(source="vonage").exists)

    with connected(message_status_changed, receiver):
        for _ in range(rounds):
            meetings.append(Meeting())
            messages = [send_message(number, "Hello") for number in (ALICE, BOB)]
            at_once(2, work)
            SignalDispatch.objects.filter(done_at=None).update(next_try_at=timezone.now())
            reconcile()

    assert not SignalDispatch.objects.filter(done_at=None).exists()
    in_database = [int(name.split()[0]) for name in Group.objects.values_list("name", flat=True)]
    expected = sorted(Message.objects.values_list("pk", flat=True))
    assert sorted(in_database) == sorted(after_commit) == expected
    bumps = sum(int(user.last_name) for user in User.objects.all())
    assert bumps == 4 * rounds - len(lost_bumps)
    assert not lost_bumps or connection.vendor == "postgresql"
    least = expected_runs(meetings)
    assert len(runs) + len(lost_bumps) >= least if SERVER else len(runs) == least
    if take_second is swallow:
        caplog.clear()  # such a receiver is logged unless it breaks the whole transaction
