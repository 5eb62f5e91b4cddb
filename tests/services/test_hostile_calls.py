"""Faults of receivers, backends and callers that must not break the engine's promises."""

import asyncio
import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from django_vonage_messages import queue_message, resend_message, settle_message
from django_vonage_messages.backends.locmem import LocMemBackend
from django_vonage_messages.management.commands import vonage_worker
from django_vonage_messages.models import Message, SignalDispatch
from django_vonage_messages.protocol.outcomes import Unconfirmed, interpret
from django_vonage_messages.services.db import idle_connections
from django_vonage_messages.services.db.idle_connections import pool_size, renew
from django_vonage_messages.services.db.transactions import now
from django_vonage_messages.services.delivery import deliver as deliver_module
from django_vonage_messages.services.delivery.claims import claim, start
from django_vonage_messages.services.delivery.deliver import MAX_ATTEMPTS, deliver, record_outcome
from django_vonage_messages.services.delivery.destinations import Destination
from django_vonage_messages.services.delivery.pauses import LONGEST_PAUSE, pause_after
from django_vonage_messages.services.history import dispatch as dispatch_module
from django_vonage_messages.services.operations import reconcile as reconcile_module
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from django_vonage_messages.services.receiving import receive as receive_module
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
    attempted = start(message.pk, claim(message.pk), Destination())
    Message.objects.update(claim_expires_at=now() - timedelta(hours=1))
    assert reconcile().unconfirmed == 1
    assert settle_message(message, "failed")
    resend_message(message)

    record_outcome(attempted, Unconfirmed())
    message.refresh_from_db()
    assert message.status == "failed"


def test_sweep_does_not_end_a_newer_attempt(monkeypatch):
    message = queue_message(TO, "Hello")
    start(message.pk, claim(message.pk), Destination())
    Message.objects.update(claim_expires_at=now() - timedelta(hours=1))
    real = reconcile_module._postpone

    def postpone_and_start_again(expired):
        real(expired)
        Message.objects.update(status="queued", claim_token=None, claim_expires_at=None)
        assert start(message.pk, claim(message.pk), Destination())
        return 1

    monkeypatch.setattr(reconcile_module, "_postpone", postpone_and_start_again)
    assert reconcile().unconfirmed == 0
    message.refresh_from_db()
    assert message.status == "sending"


@pytest.mark.parametrize("text", ["1801", "1000000", "9" * 18])
def test_any_long_retry_after_pauses_for_half_an_hour(text):
    assert pause_after(interpret(429, b"", text).retry_after) == LONGEST_PAUSE


@pytest.mark.parametrize(
    ("command", "options", "error"),
    [
        ("vonage_worker", {"threads": 0}, "--threads must be 1 or more"),
        ("vonage_worker", {"poll": 0}, "--poll must be more than 0"),
        ("vonage_reconcile", {"limit": 0}, "--limit must be 1 or more"),
        ("vonage_prune", {"texts": 99_999_999}, "a number of days from 0 to 36500"),
    ],
)
def test_useless_numbers_are_refused(command, options, error):
    with pytest.raises(CommandError, match=error):
        call_command(command, **options)


@pytest.mark.parametrize(
    ("pool", "size"), [(True, 4), ({"max_size": 3}, 3), ({"min_size": 2}, 2), (False, None)]
)
def test_worker_warns_about_a_small_pool(monkeypatch, pool, size):
    options = {**connection.settings_dict["OPTIONS"], "pool": pool}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    monkeypatch.setattr(WorkerLoop, "run", lambda self, once: None)
    monkeypatch.setattr(vonage_worker, "find_original", lambda: None)
    assert pool_size() == size
    stderr = StringIO()
    call_command("vonage_worker", once=True, stderr=stderr)
    expected = size is not None
    assert (f"has {size} connections, and 4 threads need 5" in stderr.getvalue()) == expected


def test_connections_that_failed_or_are_old_are_renewed(monkeypatch):
    for column, value in (("errors_occurred", True), ("close_at", 0.0)):
        connection.ensure_connection()
        first = connection.connection
        monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
        setattr(connection, column, value)
        with transaction.atomic():
            renew()
            assert connection.connection is first
        renew()
        assert connection.connection is not first


def test_worker_survives_a_connection_that_cannot_be_closed(monkeypatch, caplog):
    def broken():
        raise OperationalError

    monkeypatch.setattr(idle_connections, "renew", broken)
    for _ in range(3):
        queue_message(TO, "Hello")
    WorkerLoop(threads=1, poll=0.01).run(once=True)
    assert len(SENT) == 3
    assert "A database connection was not closed" in caplog.text


def test_message_that_always_fails_before_its_start_fails_in_the_end(monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError("cannot be loaded")

    message = queue_message(TO, "Hello")
    monkeypatch.setattr(deliver_module, "start", broken)
    for _ in range(MAX_ATTEMPTS):
        Message.objects.update(due_at=now())
        with pytest.raises(ValueError, match="cannot be loaded"):
            deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.error_title) == ("failed", "The message could not be started")


def test_outcome_is_recorded_if_its_stored_statuses_cannot_be_read(monkeypatch):
    def broken(message):
        raise OperationalError

    monkeypatch.setattr(deliver_module, "apply_stored_statuses", broken)
    message = queue_message(TO, "Hello")
    deliver(message.pk)
    message.refresh_from_db()
    assert message.status == "accepted"


def broken_database(*args, **kwargs):
    raise OperationalError("server closed the connection unexpectedly")


def test_webhook_whose_retry_cannot_begin_does_not_stop_the_sweep(
    post_webhook, status_body, monkeypatch, caplog
):
    message = queue_message(TO, "Hello")
    post_webhook("message-status", status_body(message, "delivered", message_uuid="other"))
    monkeypatch.setattr(receive_module, "begin_webhook_retry", broken_database)
    assert reconcile().replayed == 0
    assert "The database failed for unprocessed webhook" in caplog.text


def test_signal_whose_retry_cannot_begin_does_not_stop_the_sweep(
    locked_elsewhere, post_webhook, inbound_body, monkeypatch, caplog
):
    post_webhook("inbound-message", inbound_body())
    SignalDispatch.objects.update(next_try_at=now())
    monkeypatch.setattr(dispatch_module, "begin_retry", broken_database)
    assert reconcile().dispatched == 0
    assert "could not be sent again" in caplog.text


def test_claim_that_cannot_be_given_back_is_logged(monkeypatch, caplog):
    message = queue_message(TO, "Hello")
    monkeypatch.setattr(deliver_module, "start", broken_database)
    monkeypatch.setattr(deliver_module, "_unclaim", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(OperationalError):
        deliver(message.pk)
    assert f"The claim of message {message.pk} was not released" in caplog.text
