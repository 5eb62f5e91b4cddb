"""Signal receivers run all or none, in the transaction of the event."""

from contextlib import suppress

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, IntegrityError, connection, transaction

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, SignalDispatch
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.signals import message_received, message_status_changed
from django_vonage_messages.testing import outbox

pytestmark = pytest.mark.django_db(transaction=True)


def _note(sender, message, **kwargs):
    Group.objects.create(name=f"noted {message.pk}")


def _break(sender, message, **kwargs):
    Group.objects.create(name=f"broken {message.pk}")
    raise LookupError(message.text)


@pytest.fixture
def deliver_status(post_webhook, status_body):
    """Deliver a status and return the result of the 200 response."""

    def post(message, status="delivered"):
        response = post_webhook("message-status", status_body(message, status))
        assert response.status_code == 200
        return response.json()["result"]

    return post


def test_work_of_receivers_is_committed_with_the_event(connected, message, deliver_status):
    with connected(message_status_changed, _note):
        deliver_status(message)
    assert Group.objects.get().name == f"noted {message.pk}"
    assert not SignalDispatch.objects.exists()


def test_exception_of_a_receiver_undoes_all_receivers_and_keeps_the_event(
    connected, message, deliver_status, caplog
):
    with connected(message_status_changed, _note, _break, _note):
        assert deliver_status(message) == "applied"

    assert not Group.objects.exists()
    message.refresh_from_db()
    assert message.status == "delivered"
    dispatch = SignalDispatch.objects.get()
    assert (dispatch.signal, dispatch.message) == ("message_status_changed", message)
    assert (dispatch.event, dispatch.previous_status) == (message.events.last(), "accepted")
    assert (dispatch.attempts, dispatch.done_at) == (1, None)
    assert dispatch.error.startswith("LookupError: [text] (in webhooks/test_receivers.py:")
    assert str(message.reference) in caplog.text
    assert "LookupError (in webhooks/test_receivers.py:" in caplog.text


def test_pending_dispatch_runs_all_receivers_again(connected, message, deliver_status):
    with connected(message_status_changed, _note, _break):
        deliver_status(message)
        dispatch = SignalDispatch.objects.get()
        assert redispatch(dispatch) is False
        dispatch.refresh_from_db()
        assert (dispatch.attempts, dispatch.done_at) == (2, None)
        assert not Group.objects.exists()

    with connected(message_status_changed, _note):
        assert redispatch(dispatch) is True
        assert redispatch(dispatch) is True
    dispatch.refresh_from_db()
    assert dispatch.attempts == 3
    assert dispatch.done_at is not None
    assert Group.objects.count() == 1


def test_duplicate_does_not_run_a_pending_dispatch(connected, message, deliver_status):
    with connected(message_status_changed, _break):
        deliver_status(message)
        assert deliver_status(message) == "duplicate"
    assert SignalDispatch.objects.get().attempts == 1


def test_inbound_message_is_kept_if_a_receiver_raises(connected, post_webhook, inbound_body):
    with connected(message_received, _note, _break):
        assert post_webhook("inbound-message", inbound_body()).status_code == 200
    dispatch = SignalDispatch.objects.get()
    assert (dispatch.signal, dispatch.message, dispatch.event) == (
        "message_received",
        Message.objects.get(),
        None,
    )
    assert not Group.objects.exists()
    with connected(message_received, _note):
        assert redispatch(dispatch)
    assert Group.objects.count() == 1


def _swallow(sender, message, **kwargs):
    """Break the transaction and suppress the error."""
    Group.objects.create(name="twice")
    with suppress(IntegrityError):
        Group.objects.create(name="twice")


def _mark(sender, message, **kwargs):
    transaction.set_rollback(True)


def _swallow_sql(sender, message, **kwargs):
    with suppress(DatabaseError):
        connection.cursor().execute("SELECT nothing FROM nowhere")


@pytest.mark.parametrize("receiver", [_swallow, _mark])
def test_silent_rollback_by_a_receiver_is_a_failure(connected, message, deliver_status, receiver):
    with connected(message_status_changed, _note, receiver):
        assert deliver_status(message) == "applied"
    assert not Group.objects.exists()
    assert SignalDispatch.objects.get().error.startswith("RuntimeError: A receiver caught a")
    message.refresh_from_db()
    assert message.status == "delivered"


def test_suppressed_sql_error_fails_the_dispatch_on_postgresql(connected, message, deliver_status):
    """After the error PostgreSQL rejects every statement; SQLite continues."""
    with connected(message_status_changed, _note, _swallow_sql):
        assert deliver_status(message) == "applied"
    undone = connection.vendor == "postgresql"
    assert SignalDispatch.objects.exists() == undone
    assert Group.objects.exists() != undone


def test_invalid_foreign_key_of_a_receiver_undoes_the_receivers(
    connected, message, post_webhook, status_body, stored
):
    """PostgreSQL can check the key before the commit and MariaDB rejects it at once. SQLite does
    neither, so there the event is rolled back too."""

    def receiver(sender, message, **kwargs):
        Permission.objects.create(name="p", codename="p", content_type_id=999_999)

    with connected(message_status_changed, _note, receiver):
        response = post_webhook("message-status", status_body(message, "delivered"))
    assert not Group.objects.exists()
    code = {"postgresql": "23503", "mysql": "1452"}.get(connection.vendor)
    if code:
        assert (response.status_code, stored()) == (200, (0, 0, 1))
        assert SignalDispatch.objects.get().error.startswith(f"IntegrityError {code}")
    else:
        assert (response.status_code, stored()) == (503, (1, 0, 0))


def test_receiver_may_handle_an_error_in_its_own_atomic_block(connected, message, deliver_status):
    def receiver(sender, message, **kwargs):
        for _ in range(2):
            with suppress(IntegrityError), transaction.atomic():
                Group.objects.create(name="once")

    with connected(message_status_changed, receiver):
        deliver_status(message)
    assert Group.objects.get().name == "once"
    assert not SignalDispatch.objects.exists()


def test_reply_of_a_receiver_is_sent_after_the_commit(connected, post_webhook, inbound_body):
    at_return = []

    def receiver(sender, message, **kwargs):
        reply = send_message(message.their_address, "Yes", sender=message.our_address)
        at_return.append((reply.status, len(outbox)))

    with connected(message_received, receiver):
        post_webhook("inbound-message", inbound_body())
    assert at_return == [("queued", 0)]
    assert [sent.text for sent in outbox] == ["Yes"]
    assert Message.objects.outbound().get().status == "accepted"


def test_reply_of_a_receiver_is_not_sent_if_another_raises(connected, post_webhook, inbound_body):
    def receiver(sender, message, **kwargs):
        send_message(message.their_address, "Yes", sender=message.our_address)

    with connected(message_received, receiver, _break):
        post_webhook("inbound-message", inbound_body())
    assert not outbox
    assert not Message.objects.outbound().exists()


def test_exception_of_an_on_commit_hook_undoes_nothing(connected, message, deliver_status, caplog):
    def receiver(sender, message, **kwargs):
        Group.objects.create(name="committed")

        def hook():
            raise LookupError("Where is my order? 447700900000")

        transaction.on_commit(hook)

    with connected(message_status_changed, receiver):
        assert deliver_status(message) == "applied"
        assert deliver_status(message) == "duplicate"
    assert Group.objects.exists()
    assert "An on_commit hook of a receiver raised after the commit" in caplog.text


class Weird(Exception):
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    "error", [ValueError("remote said \x00\x01"), ValueError("\ud800"), Weird()], ids=repr
)
def test_unstorable_error_text_does_not_undo_the_event(connected, message, deliver_status, error):
    def receiver(sender, message, **kwargs):
        raise error

    with connected(message_status_changed, receiver):
        assert deliver_status(message) == "applied"

    assert SignalDispatch.objects.get().error
