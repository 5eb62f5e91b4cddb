"""A webhook is answered 200 only after its transaction is known to be committed."""

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection, transaction

from django_vonage_messages.models import SignalDispatch, UnprocessedWebhook
from django_vonage_messages.services.db import transactions
from django_vonage_messages.services.history import events
from django_vonage_messages.services.receiving import status_webhooks
from django_vonage_messages.signals import message_received, message_status_changed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(transactions.time, "sleep", lambda seconds: None)


class Receiver:
    """A receiver that writes a row, then breaks the transaction in its first ``times`` runs."""

    def __init__(self, go_wrong, times=99):
        self.go_wrong, self.times, self.runs = go_wrong, times, 0

    def __call__(self, sender, message, **kwargs):
        self.runs += 1
        Group.objects.create(name=f"run {self.runs}")
        if self.runs <= self.times:
            self.go_wrong()


def _close():
    connection.close()


def _lose():
    connection.connection.close()  # the driver's connection, without Django's knowledge


def _roll_back():
    connection.cursor().execute("ROLLBACK")


def _deadlock():
    error = OperationalError("database is locked")
    error.__cause__ = type("DeadlockDetected", (Exception,), {"sqlstate": "40P01"})()
    connection.errors_occurred = True  # as after each error of the database
    raise error


failures = pytest.mark.parametrize("go_wrong", [_close, _lose, _roll_back, _deadlock])


@failures
def test_webhook_is_refused_after_three_rollbacks_and_then_applied(
    connected, message, post_webhook, status_body, stored, go_wrong
):
    body = status_body(message, "delivered")
    receiver = Receiver(go_wrong)
    with connected(message_status_changed, receiver):
        response = post_webhook("message-status", body)

    assert (response.status_code, response.json()["reason"]) == (503, "not_applied")
    assert receiver.runs == 3
    assert stored() == (1, 0, 0)
    assert not Group.objects.exists()
    assert not SignalDispatch.objects.exists()
    message.refresh_from_db()
    assert message.status == "accepted"
    webhook = UnprocessedWebhook.objects.get()
    assert (webhook.reason, webhook.message_uuid) == ("failed", message.message_uuid)

    response = post_webhook("message-status", body)

    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    message.refresh_from_db()
    assert message.status == "delivered"
    webhook.refresh_from_db()
    assert webhook.processed_at is not None


@failures
@pytest.mark.parametrize("times", [1, 2])
def test_work_of_a_retried_webhook_is_committed_once(
    connected, message, post_webhook, status_body, stored, go_wrong, times
):
    receiver = Receiver(go_wrong, times)
    with connected(message_status_changed, receiver):
        response = post_webhook("message-status", status_body(message, "delivered"))
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    assert Group.objects.get().name == f"run {times + 1}"
    assert stored() == (0, 0, 1)
    assert not SignalDispatch.objects.exists()


@failures
def test_inbound_message_is_refused_after_three_rollbacks_and_then_applied(
    connected, post_webhook, inbound_body, stored, go_wrong
):
    receiver = Receiver(go_wrong)
    with connected(message_received, receiver):
        assert post_webhook("inbound-message", inbound_body()).status_code == 503
    assert receiver.runs == 3
    assert stored() == (1, 0, 0)
    assert post_webhook("inbound-message", inbound_body()).json() == {"result": "applied"}
    assert UnprocessedWebhook.objects.get().processed_at is not None


@pytest.mark.parametrize(
    "place",
    [(events, "dispatch_status_changed"), (status_webhooks, "mark_processed")],
    ids=["early", "last"],
)
def test_silent_rollback_is_detected(
    message, post_webhook, status_body, stored, monkeypatch, place
):
    """The rollback happens either before other statements, which then fail, or as the last step."""
    runs = []
    real = getattr(*place)

    def undo(*args):
        real(*args)
        runs.append(1)
        transaction.set_rollback(True)

    monkeypatch.setattr(*place, undo)
    response = post_webhook("message-status", status_body(message, "delivered"))
    assert (response.status_code, len(runs)) == (503, 3)
    assert stored() == (1, 0, 0)
