"""Faults of receivers, backends and callers that must not break the engine's promises."""

import asyncio
import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection, transaction

from django_vonage_messages import queue_message, resend_message, settle_message
from django_vonage_messages.backends.locmem import LocMemBackend
from django_vonage_messages.models import Message, SignalDispatch
from django_vonage_messages.protocol.outcomes import Unconfirmed, interpret
from django_vonage_messages.services.db.transactions import now
from django_vonage_messages.services.delivery.claims import claim, start
from django_vonage_messages.services.delivery.deliver import deliver, record_outcome
from django_vonage_messages.services.delivery.pauses import LONGEST_PAUSE, pause_after
from django_vonage_messages.services.operations import reconcile as reconcile_module
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from django_vonage_messages.signals import message_received, message_status_changed
from tests.conftest import SENT

pytestmark = pytest.mark.django_db(transaction=True)
TO = "447700900000"


@pytest.fixture
def locked_elsewhere():
    """A receiver whose own database, not the app's, is locked."""

    def receiver(sender, message, **kwargs):
        raise OperationalError("database is locked")

    message_status_changed.connect(receiver)
    message_received.connect(receiver)
    yield
    message_status_changed.disconnect(receiver)
    message_received.disconnect(receiver)


def test_error_of_a_receivers_database_does_not_undo_the_status(locked_elsewhere):
    message = queue_message(TO, "Hello")
    deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, len(SENT)) == ("accepted", 1)
    assert SignalDispatch.objects.count() == 2


def test_error_of_a_receivers_database_does_not_refuse_the_message(
    locked_elsewhere, post_webhook, inbound_body
):
    assert post_webhook("inbound-message", inbound_body()).json() == {"result": "applied"}
    assert SignalDispatch.objects.count() == 1


@pytest.mark.parametrize("work", [deliver, lambda _pk: reconcile(), lambda _pk: WorkerLoop().run()])
def test_queued_messages_are_not_sent_inside_a_transaction(work):
    message = queue_message(TO, "Hello")
    with (
        transaction.atomic(),
        pytest.raises(transaction.TransactionManagementError, match="outside atomic"),
    ):
        work(message.pk)
    assert SENT == []
    deliver(message.pk)
    assert len(SENT) == 1


def test_message_is_not_queued_while_autocommit_is_off():
    connection.ensure_connection()
    transaction.set_autocommit(False)
    try:
        Group.objects.create(name="of the caller")
        with pytest.raises(transaction.TransactionManagementError, match="autocommit is off"):
            queue_message(TO, "Hello")
        transaction.commit()
    finally:
        transaction.set_autocommit(True)
    assert Group.objects.get().name == "of the caller"
    assert not Message.objects.exists()


def test_worker_threads_survive_any_exception(monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL)
    real = LocMemBackend.send

    def send(self, message):
        if message.text == "Bad":
            raise asyncio.CancelledError
        return real(self, message)

    monkeypatch.setattr(LocMemBackend, "send", send)
    for text in ("Bad", "Bad", "Good"):
        queue_message(TO, text)
    WorkerLoop(threads=2, poll=0.01).run(once=True)
    assert [message.text for message in SENT] == ["Good"]


def test_unconfirmed_outcome_does_not_replace_the_outcome_of_staff():
    """The request timed out after staff had recorded the outcome and sent the message again."""
    message = queue_message(TO, "Hello")
    attempted = start(message.pk, claim(message.pk))
    Message.objects.update(claim_expires_at=now() - timedelta(hours=1))
    assert reconcile().unconfirmed == 1
    assert settle_message(message, "failed")
    resend_message(message)

    record_outcome(attempted, Unconfirmed())
    message.refresh_from_db()
    assert message.status == "failed"


def test_sweep_does_not_end_a_newer_attempt(monkeypatch):
    message = queue_message(TO, "Hello")
    start(message.pk, claim(message.pk))
    Message.objects.update(claim_expires_at=now() - timedelta(hours=1))
    real = reconcile_module._postpone

    def postpone_and_start_again(expired):
        real(expired)
        Message.objects.update(status="queued", claim_token=None, claim_expires_at=None)
        assert start(message.pk, claim(message.pk))
        return 1

    monkeypatch.setattr(reconcile_module, "_postpone", postpone_and_start_again)
    assert reconcile().unconfirmed == 0
    message.refresh_from_db()
    assert message.status == "sending"


@pytest.mark.parametrize("text", ["1801", "1000000", "9" * 18])
def test_any_long_retry_after_pauses_for_half_an_hour(text):
    assert pause_after(interpret(429, b"", text).retry_after) == LONGEST_PAUSE
