"""The database is away for a moment: known answers are recorded, and claims are given back."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.signals import request_finished, request_started
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from django_vonage_messages import exceptions, queue_message, send_message
from django_vonage_messages.backends.locmem import LocMemBackend
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.outcomes import Outcome, Rejected, Throttled
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.db import transactions
from django_vonage_messages.services.db.transactions import now
from django_vonage_messages.services.delivery import deliver as deliver_module
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from tests.conftest import SENT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TO = "447700900000"
ANSWERS: dict[str, Outcome | None] = {
    "202": None,
    "422": Rejected(error=ErrorInfo(code="1010", title="Missing params")),
    "429": Throttled(error=ErrorInfo(title="Slow down")),
}


class Outage:
    """The database refuses connections and statements until ``until``."""

    until = 0.0

    def begin(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def check(self, wrapper: BaseDatabaseWrapper) -> None:
        if time.monotonic() < self.until:
            wrapper.errors_occurred = True
            raise OperationalError("could not connect to server")


@pytest.fixture(autouse=True)
def _nothing_is_logged_as_an_error() -> None:
    """Replace the fixture of this package: these failures are logged."""


@pytest.fixture
def outage() -> Iterator[Outage]:
    outage = Outage()
    real = {name: getattr(BaseDatabaseWrapper, name) for name in ("cursor", "_commit", "connect")}

    def broken(name: str) -> Callable[..., Any]:
        def call(wrapper: BaseDatabaseWrapper, *args: Any) -> Any:
            outage.check(wrapper)
            return real[name](wrapper, *args)

        return call

    with mock.patch.multiple(BaseDatabaseWrapper, **{name: broken(name) for name in real}):
        yield outage
        outage.until = 0.0


@contextmanager
def away_after_post(outage: Outage, monkeypatch: pytest.MonkeyPatch, seconds: float) -> Iterator:
    """Begin the outage when Vonage has answered."""
    real = LocMemBackend.send

    def send(self: LocMemBackend, message: Any) -> Outcome:
        outcome = real(self, message)
        outage.begin(seconds)
        return outcome

    with monkeypatch.context() as patch:
        patch.setattr(LocMemBackend, "send", send)
        yield


def send_inline(answer: str) -> Message:
    if answer == "202":
        return send_message(TO, "Hello")
    with pytest.raises((exceptions.MessageRejected, exceptions.RateLimited)) as caught:
        send_message(TO, "Hello")
    assert caught.value.message is not None
    return caught.value.message


def send_by_worker(_answer: str) -> Message:
    message = queue_message(TO, "Hello")
    WorkerLoop(threads=2, poll=0.01).run(once=True)
    return message


def send_after_commit(_answer: str) -> Message:
    message = queue_message(TO, "Hello")
    deliver(message.pk)
    return message


@pytest.mark.parametrize("send", [send_inline, send_by_worker, send_after_commit])
@pytest.mark.parametrize("answer", ANSWERS)
def test_known_answer_is_recorded(outage, monkeypatch, vonage_outcomes, send, answer):
    if outcome := ANSWERS[answer]:
        vonage_outcomes.append(outcome)
    with away_after_post(outage, monkeypatch, 0.6):
        message = send(answer)

    message.refresh_from_db()
    retried = "queued" if message.is_retried else "failed"
    assert message.status == {"202": "accepted", "422": "failed", "429": retried}[answer]
    assert bool(message.message_uuid) == (answer == "202")
    assert len(SENT) == 1


def test_inline_send_gives_up_after_database_wait(outage, monkeypatch, settings):
    account = settings.VONAGE_MESSAGES["default"] | {"DATABASE_WAIT": 0.1}
    settings.VONAGE_MESSAGES = {"default": account}
    with (
        away_after_post(outage, monkeypatch, 3600),
        pytest.raises(exceptions.DeliveryUnconfirmed) as caught,
    ):
        send_message(TO, "Hello")
    outage.until = 0.0

    caught.value.message.refresh_from_db()
    assert caught.value.message.status == "sending"
    assert len(SENT) == 1


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.slept = 0.0

    def monotonic(self) -> float:
        return 1000 + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


@pytest.mark.parametrize(
    ("in_request", "waits"), [(True, [5, 0]), (False, [5, 5])], ids=["request", "command"]
)
def test_all_sends_of_one_request_wait_for_5_seconds(outage, monkeypatch, in_request, waits):
    clock = Clock()
    monkeypatch.setattr(transactions, "time", clock)
    if in_request:
        request_started.send(sender=None)
    for seconds in waits:
        clock.slept = 0.0
        with (
            away_after_post(outage, monkeypatch, 3600),
            pytest.raises(exceptions.DeliveryUnconfirmed),
        ):
            send_message(TO, "Hello")
        outage.until = 0.0
        assert seconds <= clock.slept < seconds + 0.6
    request_finished.send(sender=None)


@pytest.mark.parametrize("answer", ["202", "422"])
def test_late_outcome_replaces_unconfirmed(monkeypatch, vonage_outcomes, answer):
    """A worker recorded its outcome only after another process had ended the attempt."""
    if outcome := ANSWERS[answer]:
        vonage_outcomes.append(outcome)
    message = queue_message(TO, "Hello")
    real = deliver_module.record_outcome

    def record_late(attempted, *args, **options):
        Message.objects.filter(pk=attempted.pk).update(claim_expires_at=now() - timedelta(hours=1))
        assert reconcile().unconfirmed == 1
        real(attempted, *args, **options)

    monkeypatch.setattr(deliver_module, "record_outcome", record_late)
    deliver(message.pk)
    message.refresh_from_db()
    assert message.status == {"202": "accepted", "422": "failed"}[answer]


@pytest.mark.parametrize("send", [send_by_worker, send_after_commit])
def test_message_whose_start_failed_is_sent_without_waiting_for_the_lease(
    outage, monkeypatch, send
):
    real = deliver_module.start
    outages = iter([0.5])

    def start_later(*args, **options):
        outage.begin(next(outages, 0.0))
        return real(*args, **options)

    monkeypatch.setattr(deliver_module, "start", start_later)
    message = send("202")
    message.refresh_from_db()
    assert (message.status, message.attempts, len(SENT)) == ("accepted", 1, 1)


def test_message_with_an_unknown_start_is_queued_again(monkeypatch):
    """The start was committed, and the process lost the database before it could know."""
    message = queue_message(TO, "Hello")
    real = deliver_module.start

    def start_and_fail(*args, **options):
        real(*args, **options)
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(deliver_module, "start", start_and_fail)
        with pytest.raises(OperationalError):
            deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.reason, message.claim_token) == ("queued", "not_sent", None)
    assert SENT == []


def test_message_that_fails_before_its_start_does_not_block_the_queue(monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL)
    first, second = queue_message(TO, "One"), queue_message(TO, "Two")
    real = deliver_module.start

    def start(pk, *args, **options):
        if pk == first.pk:
            raise ValueError("cannot be loaded")
        return real(pk, *args, **options)

    monkeypatch.setattr(deliver_module, "start", start)
    WorkerLoop(threads=1, poll=0.01).run(once=True)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.claim_token, first.attempts) == ("queued", None, 1)
    assert first.due_at > second.due_at
    assert second.status == "accepted"


def test_worker_starts_while_the_database_is_away(outage):
    message = queue_message(TO, "Hello")
    connection.close()
    outage.begin(0.4)
    WorkerLoop(threads=1, poll=0.01).run(once=True)
    message.refresh_from_db()
    assert message.status == "accepted"
