"""The database's clock decides: clocks of hosts can be wrong."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.backends.locmem import LocMemBackend
from django_vonage_messages.models import Message, Worker
from django_vonage_messages.protocol.outcomes import Throttled
from django_vonage_messages.services.db.transactions import DatabaseNow
from django_vonage_messages.services.delivery.claims import claim
from django_vonage_messages.services.operations import worker
from django_vonage_messages.services.operations.overdue import (
    filter_overdue,
    mark_stale,
    queued_states,
)
from django_vonage_messages.services.operations.worker import WorkerLoop
from django_vonage_messages.testing import fix_time

TO = "447700900000"
HOUR = timedelta(hours=1)
true_time = timezone.now


@pytest.fixture
def host_clock(monkeypatch):
    """Make the clock of this process wrong."""
    return lambda error: monkeypatch.setattr(timezone, "now", lambda: true_time() + error)


def work() -> None:
    WorkerLoop(threads=1, poll=0.01).run(once=True)


def test_database_clock_of_mysql_is_utc():
    compiler = Message.objects.all().query.get_compiler(connection=connection)

    assert DatabaseNow().as_mysql(compiler, connection)[0] == "UTC_TIMESTAMP(6)"
    assert Now().as_mysql(compiler, connection)[0] == "CURRENT_TIMESTAMP(6)"


def test_worker_with_a_fast_clock_expires_no_message(transactional_db, outcomes, host_clock):
    message = queue_message(TO, "Hello", expires_at=true_time() + HOUR)
    host_clock(2 * HOUR)

    work()

    message.refresh_from_db()
    assert message.status == "accepted"


def test_worker_with_a_slow_clock_sends_no_expired_message(transactional_db, outcomes, host_clock):
    message = queue_message(TO, "Hello", expires_at=true_time() + HOUR)
    Message.objects.update(expires_at=true_time() - timedelta(seconds=1))
    host_clock(-2 * HOUR)

    work()

    message.refresh_from_db()
    assert message.status == "expired"


@pytest.mark.parametrize("error", [2 * HOUR, -2 * HOUR])
@pytest.mark.parametrize(("limit", "status"), [(HOUR, "queued"), (timedelta(seconds=30), "failed")])
def test_wrong_clock_does_not_decide_whether_a_message_is_retried(
    transactional_db, outcomes, host_clock, error, limit, status
):
    outcomes.append(Throttled(retry_after=60))
    message = queue_message(TO, "Hello", expires_at=true_time() + limit)
    host_clock(error)

    work()

    message.refresh_from_db()
    assert message.status == status
    if status == "queued":
        assert timedelta(seconds=50) < message.due_at - true_time() <= timedelta(seconds=60)
        assert claim(message.pk) is None


@pytest.mark.parametrize("error", [2 * HOUR, timedelta(seconds=-90)])
def test_worker_with_a_wrong_clock_looks_alive(
    transactional_db, outcomes, host_clock, monkeypatch, error
):
    monkeypatch.setattr(worker, "HEARTBEAT_INTERVAL", 0)
    heartbeats = []
    send = LocMemBackend.send

    def look_at_heartbeat(backend, message):
        (row,) = mark_stale(Worker.objects.all())
        heartbeats.append((row.is_stale, abs(row.seen_at - true_time()) < timedelta(seconds=30)))
        return send(backend, message)

    monkeypatch.setattr(LocMemBackend, "send", look_at_heartbeat)
    for _ in range(3):
        queue_message(TO, "Hello")
    host_clock(error)

    work()

    assert heartbeats == [(False, True)] * 3


@pytest.mark.parametrize("error", [2 * HOUR, -2 * HOUR])
def test_wrong_clock_of_a_web_host_does_not_change_overdue_messages(
    db, outcomes, host_clock, error
):
    due, overdue = queue_message(TO, "Due"), queue_message(TO, "Overdue")
    Message.objects.filter(pk=overdue.pk).update(due_at=true_time() - timedelta(minutes=3))
    host_clock(error)

    states = queued_states([due, overdue])
    assert [states[pk].is_overdue for pk in (due.pk, overdue.pk)] == [False, True]
    assert list(filter_overdue(Message.objects.all())) == [overdue]
    Worker.objects.create(name="running", seen_at=true_time())
    assert not filter_overdue(Message.objects.all()).exists()
    assert queued_states([overdue])[overdue.pk].has_worker


def test_start_of_an_inline_send_is_a_time_of_the_database(db, outcomes, host_clock):
    host_clock(-2 * HOUR)

    message = send_message(TO, "Hello")

    assert abs(message.started_at - true_time()) < timedelta(minutes=1)


def test_fixed_time_applies_to_the_threads_of_a_worker(transactional_db, outcomes):
    hours = [true_time() + number * HOUR for number in range(4)]
    message = queue_message(TO, "Hello", send_at=hours[1], expires_at=hours[2])
    work()
    message.refresh_from_db()
    assert message.status == "queued"

    with fix_time(hours[3]):
        work()

    message.refresh_from_db()
    assert message.status == "expired"
