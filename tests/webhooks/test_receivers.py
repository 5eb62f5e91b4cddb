"""Receivers: all of them or none, in the transaction of the fact that they answer."""

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
def delivered(post_webhook, status_body):
    """Have a message delivered, and return the answer's result once it is a 200."""

    def post(message, status="delivered"):
        response = post_webhook("message-status", status_body(message, status))
        assert response.status_code == 200
        return response.json()["result"]

    return post


def test_receivers_work_is_committed_with_the_event(connected, message, delivered):
    with connected(message_status_changed, _note):
        delivered(message)
    assert Group.objects.get().name == f"noted {message.pk}"
    assert not SignalDispatch.objects.exists()


def test_if_one_raises_the_work_of_all_is_undone_and_the_event_stays(
    connected, message, delivered, caplog
):
    with connected(message_status_changed, _note, _break, _note):
        assert delivered(message) == "applied"

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


def test_what_is_owed_is_run_again_in_full(connected, message, delivered):
    with connected(message_status_changed, _note, _break):
        delivered(message)
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


def test_a_duplicate_does_not_run_receivers_that_are_owed(connected, message, delivered):
    with connected(message_status_changed, _break):
        delivered(message)
        assert delivered(message) == "duplicate"
    assert SignalDispatch.objects.get().attempts == 1


def test_a_message_from_a_customer_survives_its_receivers(connected, post_webhook, inbound_body):
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
    """Breaks the transaction and keeps quiet about it."""
    Group.objects.create(name="twice")
    with suppress(IntegrityError):
        Group.objects.create(name="twice")


def _mark(sender, message, **kwargs):
    transaction.set_rollback(True)


def _swallow_sql(sender, message, **kwargs):
    with suppress(DatabaseError):
        connection.cursor().execute("SELECT nothing FROM nowhere")


@pytest.mark.parametrize("receiver", [_swallow, _mark])
def test_a_receiver_that_undoes_all_silently_is_a_failure(connected, message, delivered, receiver):
    with connected(message_status_changed, _note, receiver):
        assert delivered(message) == "applied"
    assert not Group.objects.exists()
    assert SignalDispatch.objects.get().error.startswith("RuntimeError: A receiver caught a")
    message.refresh_from_db()
    assert message.status == "delivered"


def test_a_receiver_that_hides_an_error_of_its_own_sql(connected, message, delivered):
    """PostgreSQL refuses whatever comes after it; SQLite goes on as if nothing had happened."""
    with connected(message_status_changed, _note, _swallow_sql):
        assert delivered(message) == "applied"
    undone = connection.vendor == "postgresql"
    assert SignalDispatch.objects.exists() == undone
    assert Group.objects.exists() != undone


def test_a_reference_to_nothing_would_fail_the_commit(
    connected, message, post_webhook, status_body, stored
):
    """PostgreSQL can be asked before, MariaDB refuses it at once; SQLite does neither, so there the
    event is undone with it.
    """

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


def test_a_receiver_with_its_own_atomic_may_fail_and_go_on(connected, message, delivered):
    def receiver(sender, message, **kwargs):
        for _ in range(2):
            with suppress(IntegrityError), transaction.atomic():
                Group.objects.create(name="once")

    with connected(message_status_changed, receiver):
        delivered(message)
    assert Group.objects.get().name == "once"
    assert not SignalDispatch.objects.exists()


def test_an_answer_sent_by_a_receiver_leaves_after_the_commit(
    connected, post_webhook, inbound_body
):
    left = []

    def receiver(sender, message, **kwargs):
        answer = send_message(message.their_address, "Yes", sender=message.our_address)
        left.append((answer.status, len(outbox)))

    with connected(message_received, receiver):
        post_webhook("inbound-message", inbound_body())
    assert left == [("queued", 0)]
    assert [sent.text for sent in outbox] == ["Yes"]
    assert Message.objects.outbound().get().status == "accepted"


def test_no_answer_leaves_if_another_receiver_raises(connected, post_webhook, inbound_body):
    def receiver(sender, message, **kwargs):
        send_message(message.their_address, "Yes", sender=message.our_address)

    with connected(message_received, receiver, _break):
        post_webhook("inbound-message", inbound_body())
    assert not outbox
    assert not Message.objects.outbound().exists()


def test_a_hook_that_raises_after_the_commit_undoes_nothing(connected, message, delivered, caplog):
    def receiver(sender, message, **kwargs):
        Group.objects.create(name="committed")

        def hook():
            raise LookupError("Where is my order? 447700900000")

        transaction.on_commit(hook)

    with connected(message_status_changed, receiver):
        assert delivered(message) == "applied"
        assert delivered(message) == "duplicate"
    assert Group.objects.exists()
    assert "An on_commit hook of a receiver raised after the commit" in caplog.text


class Weird(Exception):
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    "error", [ValueError("remote said \x00\x01"), ValueError("\ud800"), Weird()], ids=repr
)
def test_an_error_that_cannot_be_stored_does_not_undo_the_event(
    connected, message, delivered, error
):
    def receiver(sender, message, **kwargs):
        raise error

    with connected(message_status_changed, receiver):
        assert delivered(message) == "applied"

    assert SignalDispatch.objects.get().error
