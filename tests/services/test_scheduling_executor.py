"""EXECUTOR with schedule(): delivery of messages whose retries belong to the engine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from django_vonage_messages import cancel_message, queue_message, reschedule_message, send_message
from django_vonage_messages.compat import HAS_TASKS
from django_vonage_messages.executors import SchedulingExecutor
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.outcomes import Throttled
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.operations.hold import hold_messages, release_messages
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.testing import fix_time, simulate_status
from tests.accounts import changed_account
from tests.conftest import SENT

pytestmark = pytest.mark.django_db(transaction=True)
needs_tasks = pytest.mark.skipif(not HAS_TASKS, reason="django.tasks came with Django 6.0")

TO = "447700900000"


class Recorder:
    """An executor that records its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, Any]] = []

    def __call__(self, pk: int) -> None:
        self.calls.append((pk, "called"))

    def schedule(self, pk: int, due_at: datetime | None) -> None:
        self.calls.append((pk, due_at))


recorder = Recorder()
function_calls: list[int] = []


def failing_schedule(pk: int, due_at: datetime | None) -> None:
    raise RuntimeError("amqp://shop:hunter2@broker refused")


@contextmanager
def executor(name: str) -> Iterator[None]:
    with changed_account(EXECUTOR=name):
        yield


@pytest.fixture
def calls(outcomes) -> Iterator[list[tuple[int, Any]]]:
    recorder.calls.clear()
    with executor(f"{__name__}.recorder"):
        yield recorder.calls


@pytest.fixture
def tomorrow() -> datetime:
    return timezone.now() + timedelta(days=1)


def test_queued_message_is_scheduled_after_the_commit(calls, tomorrow):
    with transaction.atomic():
        now = queue_message(TO, "Hello")
        later = queue_message(TO, "Hello", send_at=tomorrow)
        assert calls == []
    assert calls == [(now.pk, None), (later.pk, tomorrow)]
    assert (now.status, SENT) == ("queued", [])
    assert isinstance(recorder, SchedulingExecutor)


def test_rolled_back_message_is_not_scheduled(calls):
    with transaction.atomic():
        queue_message(TO, "Hello")
        transaction.set_rollback(True)
    assert calls == []


def test_repeated_idempotency_key_schedules_nothing_more(calls):
    messages = [queue_message(TO, "Hello", idempotency_key="key") for _ in range(2)]
    assert calls == [(messages[0].pk, None)]


def test_message_of_a_transaction_is_called_and_not_scheduled(calls):
    with transaction.atomic():
        message = send_message(TO, "Hello")
    assert calls == [(message.pk, "called")]


def test_automatic_retry_is_scheduled_at_its_time(calls, outcomes):
    outcomes.append(Throttled(retry_after=90))
    message = queue_message(TO, "Hello")
    deliver(message.pk)

    message.refresh_from_db()
    assert message.status == "queued"
    assert calls == [(message.pk, None), (message.pk, message.due_at)]


def test_message_that_fails_before_its_start_is_scheduled_again(calls, monkeypatch):
    message = queue_message(TO, "Hello")
    with monkeypatch.context() as context:
        context.setattr("django_vonage_messages.services.delivery.deliver.start", None)
        with pytest.raises(TypeError):
            deliver(message.pk)
    message.refresh_from_db()
    assert calls == [(message.pk, None), (message.pk, message.due_at)]


def test_next_message_of_a_failover_is_called(calls):
    first = queue_message(TO, "Hello", channel="whatsapp", failover=[Failover("Hello")])
    deliver(first.pk)
    simulate_status(first, "rejected")

    second = first.workflow.messages.get(status="queued")
    assert calls == [(first.pk, None), (second.pk, "called")]


def test_rescheduled_message_is_scheduled_at_its_new_time(calls, tomorrow):
    message = queue_message(TO, "Hello")
    reschedule_message(message, send_at=tomorrow)
    cancel_message(message)
    reschedule_message(message, send_at=None)
    assert calls == [(message.pk, None), (message.pk, tomorrow), (message.pk, None)]


def test_executor_that_raises_leaves_the_message_queued(calls, monkeypatch, caplog):
    monkeypatch.setattr(recorder, "schedule", failing_schedule)
    message = queue_message(TO, "Hello")
    message.refresh_from_db()
    assert message.status == "queued"
    assert f"The EXECUTOR failed for message {message.pk}" in caplog.text
    assert "hunter2" not in caplog.text


def record_call(pk: int) -> None:
    function_calls.append(pk)


@pytest.mark.parametrize(
    "name", ["inline", "worker", f"{__name__}.record_call", "no.such.function"]
)
def test_executor_without_schedule_leaves_queued_messages_to_the_worker(outcomes, name):
    with executor(name):
        message = queue_message(TO, "Hello")
    message.refresh_from_db()
    assert (message.status, SENT, function_calls) == ("queued", [], [])


@pytest.fixture
def task_backend(settings, outcomes) -> Iterator[Callable[[str], Any]]:
    from django.tasks import task_backends

    def use(name: str) -> Any:
        settings.TASKS = {"default": {"BACKEND": f"django.tasks.backends.{name}"}}
        return task_backends["default"]

    with executor("task"):
        yield use


def run(result: Any) -> None:
    result.task.func(*result.args)


@needs_tasks
def test_task_backend_that_can_defer_gets_the_message_at_send_at(task_backend, tomorrow):
    backend = task_backend("dummy.DummyBackend")
    now = queue_message(TO, "Hello")
    later = queue_message(TO, "Hello", send_at=tomorrow)
    past = queue_message(TO, "Hello", send_at=timezone.now() - timedelta(minutes=1))

    enqueued = [(*each.args, each.task.run_after) for each in backend.results]
    assert enqueued == [(now.pk, None), (later.pk, tomorrow), (past.pk, None)]

    for result in [*backend.results, *backend.results]:  # each task twice
        run(result)
    assert [each.reference for each in SENT] == [now.reference.hex, past.reference.hex]

    with fix_time(tomorrow):
        run(backend.results[1])
        run(backend.results[1])
    assert [each.reference for each in SENT][2:] == [later.reference.hex]


@needs_tasks
def test_task_backend_that_runs_at_once_sends_due_messages_only(task_backend, outcomes, tomorrow):
    task_backend("immediate.ImmediateBackend")
    with transaction.atomic():
        now = queue_message(TO, "Hello")
        assert SENT == []
    later = queue_message(TO, "Hello", send_at=tomorrow)
    outcomes.append(Throttled(retry_after=90))
    throttled = queue_message(TO, "Hello")

    statuses = dict(Message.objects.values_list("pk", "status"))
    assert statuses == {now.pk: "accepted", later.pk: "queued", throttled.pk: "queued"}


@needs_tasks
def test_automatic_retry_of_a_task_runs_later(task_backend, outcomes):
    backend = task_backend("dummy.DummyBackend")
    outcomes.append(Throttled(retry_after=90))
    message = queue_message(TO, "Hello")
    run(backend.results[0])

    message.refresh_from_db()
    assert [each.task.run_after for each in backend.results] == [None, message.due_at]


@needs_tasks
def test_task_that_runs_early_is_enqueued_again_for_the_time_that_is_left(task_backend):
    backend = task_backend("dummy.DummyBackend")
    due_at = timezone.now() + timedelta(hours=1)
    message = queue_message(TO, "Hello", send_at=due_at)

    with fix_time(due_at - timedelta(seconds=20)):  # the clock of the database is behind
        run(backend.results[0])
    assert SENT == []
    again = backend.results[1]
    assert again.args == [message.pk]
    left = again.task.run_after - timezone.now()
    assert timedelta(seconds=15) < left <= timedelta(seconds=20)

    with fix_time(due_at):
        run(again)
    message.refresh_from_db()
    assert (message.status, len(SENT)) == ("accepted", 1)


@needs_tasks
def test_task_of_a_message_that_was_moved_does_nothing(task_backend, tomorrow):
    backend = task_backend("dummy.DummyBackend")
    message = queue_message(TO, "Hello")
    reschedule_message(message, send_at=tomorrow)

    run(backend.results[0])

    assert SENT == []
    assert [each.task.run_after for each in backend.results] == [None, tomorrow]


@needs_tasks
def test_message_whose_task_is_lost_is_sent_by_the_sweep(task_backend):
    task_backend("dummy.DummyBackend").clear()
    message = queue_message(TO, "Hello")
    with fix_time(timezone.now() + timedelta(minutes=2)):
        assert reconcile().delivered == 1
    message.refresh_from_db()
    assert message.status == "accepted"


def test_released_messages_are_scheduled_again(calls):
    later = timezone.now() + timedelta(hours=1)
    message = queue_message(
        TO, "Hello", send_at=later, failover=[Failover("Hi", channel="whatsapp")]
    )
    list(hold_messages())
    calls.clear()

    list(release_messages())

    assert calls == [(message.pk, later)]
