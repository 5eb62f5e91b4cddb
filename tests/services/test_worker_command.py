"""vonage_worker inside other programs: signal handlers, threads, test cases."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message, Worker
from tests.conftest import SENT

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture
def handlers() -> Iterator[list[object]]:
    """Signal handlers of the program that calls the command."""
    before = [signal.signal(each, _of_the_program) for each in SIGNALS]
    yield [_of_the_program for _ in SIGNALS]
    for each, handler in zip(SIGNALS, before, strict=True):
        signal.signal(each, handler)


def _of_the_program(*args: object) -> None:
    raise AssertionError("No signal was expected.")


def run_once(threads: int = 2) -> None:
    call_command("vonage_worker", once=True, threads=threads, poll=0.01)


def test_worker_restores_the_signal_handlers(transactional_db, handlers):
    run_once()
    assert [signal.getsignal(each) for each in SIGNALS] == handlers


def test_worker_restores_the_signal_handlers_after_an_error(
    transactional_db, handlers, monkeypatch
):
    monkeypatch.setattr("django_vonage_messages.services.operations.worker.WorkerLoop.run", None)
    with pytest.raises(TypeError):
        run_once()
    assert [signal.getsignal(each) for each in SIGNALS] == handlers


def test_worker_keeps_a_handler_that_python_cannot_restore(transactional_db, monkeypatch):
    changed = []
    with monkeypatch.context() as context:
        context.setattr(signal, "getsignal", lambda _number: None)  # not installed by Python
        context.setattr(signal, "signal", lambda *args: changed.append(args))
        run_once()
    assert changed == []


def test_worker_runs_in_a_thread(transactional_db):
    message = queue_message("447700900000", "Hello")

    def work() -> None:
        run_once()
        connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()

    message.refresh_from_db()
    assert message.status == "accepted"


class TestOnceInATestCase(TestCase):
    def test_due_messages_are_delivered_on_the_connection_of_the_test(self) -> None:
        due = [queue_message(f"44770090000{n}", "Hello") for n in range(3)]
        later = queue_message("447700900009", "x", send_at=timezone.now() + timedelta(days=1))
        session = connection.connection

        run_once(threads=4)

        assert connection.connection is session
        statuses = dict(Message.objects.values_list("pk", "status"))
        assert statuses == {**{each.pk: "accepted" for each in due}, later.pk: "queued"}
        assert len(SENT) == 3
        assert not Worker.objects.exists()

    def test_interrupted_attempts_are_ended(self) -> None:
        message = queue_message("447700900000", "Hello")
        hour_ago = timezone.now() - timedelta(hours=1)
        Message.objects.update(status="sending", started_at=hour_ago, claim_expires_at=hour_ago)

        run_once()

        message.refresh_from_db()
        assert (message.status, SENT) == ("unconfirmed", [])

    def test_changes_are_rolled_back_with_the_test(self) -> None:
        assert not Message.objects.exists()


class TestOnceInATransactionTestCase(TransactionTestCase):
    def test_due_messages_are_delivered(self) -> None:
        due = [queue_message(f"44770090000{n}", "Hello") for n in range(3)]

        run_once(threads=4)

        statuses = dict(Message.objects.values_list("pk", "status"))
        assert statuses == {each.pk: "accepted" for each in due}
        assert len(SENT) == 3
