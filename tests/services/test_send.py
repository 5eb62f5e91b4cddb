"""send_message(): one attempt now, with its row, events, signals and exceptions."""

import threading
import traceback

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TestCase

from django_vonage_messages import send_message
from django_vonage_messages.backends.locmem import LocMemBackend
from django_vonage_messages.content import Text
from django_vonage_messages.exceptions import (
    ConnectionFailed,
    DeliveryUnconfirmed,
    IdempotencyConflict,
    MessageRejected,
    RateLimited,
    RecipientSuppressed,
)
from django_vonage_messages.models import Conversation, Message, Suppression
from django_vonage_messages.protocol.outcomes import (
    Accepted,
    NotSent,
    Outcome,
    Rejected,
    Throttled,
    Unconfirmed,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from tests.conftest import SENT

TO = "447700900000"


def test_accepted_message_is_stored_with_uuid_and_event(db, outcomes, changes):
    message = send_message(TO, "Hello")

    message = Message.objects.get(pk=message.pk)
    assert message.status == "accepted"
    assert message.message_uuid
    assert message.accepted_at
    assert message.client_ref == message.reference.hex
    assert [event.status for event in message.events.all()] == ["accepted"]
    assert changes == [("sending", "accepted")]


def test_request_body_equals_the_reference_example(db, outcomes):
    send_message("+44 7700 900000", Text("Hello From Vonage!"), client_ref="client-ref2")

    assert SENT[0].body == {
        "client_ref": "client-ref2",
        "to": {"type": "sms", "number": "447700900000"},
        "from": {"type": "sms", "number": "447700900001"},
        "message": {"content": {"type": "text", "text": "Hello From Vonage!"}},
    }


@pytest.mark.parametrize(
    ("outcome", "error", "status", "retryable"),
    [
        (Rejected(error=ErrorInfo(title="Bad")), MessageRejected, "failed", False),
        (Throttled(retry_after=2.0), RateLimited, "failed", True),
        (NotSent("No connection"), ConnectionFailed, "failed", True),
        (Unconfirmed("Broken"), DeliveryUnconfirmed, "unconfirmed", False),
    ],
)
def test_each_failure_is_stored_and_raised(db, outcomes, outcome, error, status, retryable):
    outcomes.append(outcome)

    with pytest.raises(error) as raised:
        send_message(TO, "Hello")

    assert raised.value.retryable is retryable
    assert raised.value.message.status == status
    assert Message.objects.get().status == status


def test_exception_carries_retry_after_of_the_api(db, outcomes):
    outcomes.append(Throttled(retry_after=2.0))

    with pytest.raises(RateLimited) as raised:
        send_message(TO, "Hello")

    assert raised.value.retry_after == 2.0


def test_exception_in_the_backend_leaves_the_message_unconfirmed(db, outcomes):
    outcomes.append(RuntimeError("boom 447700900000"))

    with pytest.raises(DeliveryUnconfirmed) as raised:
        send_message(TO, "Hello")

    assert Message.objects.get().status == "unconfirmed"
    assert TO not in str(raised.value)


def test_the_row_is_committed_and_started_before_the_attempt(
    transactional_db, outcomes, monkeypatch
):
    rows = []

    def check_row(backend, message):
        assert not connection.in_atomic_block
        rows.append(Message.objects.values_list("status", "attempts").get())
        raise RuntimeError

    monkeypatch.setattr(LocMemBackend, "send", check_row)

    with pytest.raises(DeliveryUnconfirmed):
        send_message(TO, "Hello")

    assert rows == [("sending", 1)]


def test_rolled_back_transaction_sends_nothing(transactional_db, outcomes):
    with transaction.atomic():
        message = send_message(TO, "Your order has shipped")
        assert message.status == "queued"
        transaction.set_rollback(True)

    assert SENT == []
    assert not Message.objects.exists()


def test_inside_a_transaction_delivery_waits_for_the_outermost_commit(
    transactional_db, outcomes, changes
):
    with transaction.atomic():
        with transaction.atomic():
            message = send_message(TO, "Your order has shipped")
        assert SENT == []

    assert len(SENT) == 1
    message.refresh_from_db()
    assert message.status == "accepted"
    assert message.attempts == 1
    assert changes == [("queued", "sending"), ("sending", "accepted")]


def test_failure_after_the_commit_sets_status_and_logs_one_line(
    transactional_db, outcomes, changes, caplog
):
    outcomes.append(Rejected(error=ErrorInfo(title="Bad", detail=f"no {TO}")))

    with transaction.atomic():
        message = send_message(TO, "Your code is hunter2")

    message.refresh_from_db()
    assert message.status == "failed"
    assert changes[-1] == ("sending", "failed")
    lines = [r for r in caplog.records if r.name.startswith("django_vonage_messages")]
    assert len(lines) == 1
    assert TO not in caplog.text
    assert "hunter2" not in caplog.text


def test_unusable_account_after_the_commit_fails_the_message(transactional_db, outcomes, settings):
    with transaction.atomic():
        message = send_message(TO, "Hello")
        accounts = {"default": {**settings.VONAGE_MESSAGES["default"], "BACKEND": "no.such.Thing"}}
        settings.VONAGE_MESSAGES = accounts

    message.refresh_from_db()
    assert message.status == "failed"
    assert "BACKEND" in message.error_detail


class AppDevelopersTest(TestCase):
    def test_transaction_of_testcase_does_not_delay_delivery(self):
        assert send_message(TO, "Hello").status == "accepted"

    def test_transaction_inside_a_testcase_delays_delivery(self):
        with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
            message = send_message(TO, "Hello")
            assert message.status == "queued"
        message.refresh_from_db()
        assert message.status == "accepted"


def test_the_same_idempotency_key_sends_once(db, outcomes):
    first = send_message(TO, "Hello", idempotency_key="order-42")
    second = send_message(TO, "Hello", idempotency_key="order-42")

    assert first.pk == second.pk
    assert len(SENT) == 1


def test_the_same_idempotency_key_raises_the_stored_failure_again(db, outcomes):
    outcomes.append(Throttled(retry_after=2.0, error=ErrorInfo(title="Slow down")))
    for _ in range(2):
        with pytest.raises(RateLimited) as raised:
            send_message(TO, "Hello", idempotency_key="order-42")
        assert raised.value.title == "Slow down"
        assert raised.value.retry_after == 2.0
    assert len(SENT) == 1


@pytest.mark.parametrize(
    "other",
    [{"to": "447700900009"}, {"content": "Bye"}, {"sender": "ACME"}, {"client_ref": "x"}],
)
def test_idempotency_key_of_another_message_conflicts(db, outcomes, other):
    first = send_message(TO, "Hello", idempotency_key="order-42")

    with pytest.raises(IdempotencyConflict) as raised:
        send_message(**{"to": TO, "content": "Hello", "idempotency_key": "order-42"} | other)

    assert raised.value.message == first
    assert len(SENT) == 1


def test_threads_with_one_idempotency_key_send_once(transactional_db, outcomes):
    barrier = threading.Barrier(5)
    rows = []

    def send():
        barrier.wait()
        rows.append(send_message(TO, "Hello", idempotency_key="order-42").pk)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(rows)) == 1
    assert len(rows) == 5
    assert len(SENT) == 1
    assert Conversation.objects.count() == 1


def test_a_suppressed_recipient_is_refused_before_anything_is_stored(db, outcomes):
    Suppression.objects.create(address="+44 7700 900000", evidence="Asked by phone")

    with pytest.raises(RecipientSuppressed):
        send_message(TO, "Hello")

    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "scope", [{"channel": "whatsapp"}, {"our_address": "447700900099"}, {"address": "447700900009"}]
)
def test_a_suppression_of_another_scope_does_not_refuse(db, outcomes, scope):
    Suppression.objects.create(**{"address": TO, "evidence": "Asked by phone"} | scope)

    assert send_message(TO, "Hello").status == "accepted"


def test_message_outlives_its_related_object_and_author(db, outcomes):
    user = get_user_model().objects.create(username="ada")
    message = send_message(TO, "Hello", related=user, created_by=user)
    assert message.related == user

    user.delete()

    message = Message.objects.get(pk=message.pk)
    assert message.created_by is None
    assert message.related is None
    assert message.related_id


def test_messages_between_the_same_addresses_share_a_thread(db, outcomes):
    first = send_message(TO, "One")
    second = send_message(TO, "Two  lines\nhere")
    other = send_message(TO, "Three", sender="ACME")

    assert first.conversation_id == second.conversation_id != other.conversation_id
    thread = Conversation.objects.get(pk=first.conversation_id)
    assert thread.last_message_preview == "Two lines here"
    assert thread.last_message_direction == "outbound"
    assert thread.unread_count == 0


def test_only_an_accepted_reply_of_staff_ends_the_waiting(db, outcomes, post_webhook, inbound_body):
    user = get_user_model().objects.create(username="ada")
    post_webhook("inbound-message", inbound_body())
    thread = Conversation.objects.get()
    assert thread.waiting_since

    send_message(TO, "An automatic answer")
    thread.refresh_from_db()
    assert thread.waiting_since

    outcomes.append(NotSent("No connection"))
    with pytest.raises(ConnectionFailed):
        send_message(TO, "An answer that got lost", created_by=user)
    thread.refresh_from_db()
    assert thread.waiting_since

    send_message(TO, "An answer", created_by=user)
    thread.refresh_from_db()
    assert thread.waiting_since is None


def test_send_without_autocommit_stores_and_sends_nothing(transactional_db, outcomes):
    transaction.set_autocommit(False)
    try:
        with pytest.raises(transaction.TransactionManagementError, match="autocommit"):
            send_message(TO, "Hello")
        transaction.rollback()
    finally:
        transaction.set_autocommit(True)
    assert SENT == []
    assert not Message.objects.exists()


def test_repeated_failure_is_not_retryable(db, outcomes):
    outcomes.append(Throttled())
    retryable = []
    for _ in range(2):
        with pytest.raises(RateLimited) as raised:
            send_message(TO, "Hello", idempotency_key="order-42")
        retryable.append(raised.value.retryable)
    assert retryable == [True, False]


def test_traceback_omits_the_message_of_a_backend_exception(db, outcomes):
    outcomes.append(RuntimeError(f"cannot send 'my secret' to {TO}"))

    with pytest.raises(DeliveryUnconfirmed) as raised:
        send_message(TO, "my secret")

    formatted = "".join(traceback.format_exception(raised.value))
    assert "RuntimeError" in formatted
    assert TO not in formatted
    assert "my secret'" not in formatted


@pytest.mark.parametrize(
    "scope",
    [{"our_address": "+44 7700 900001"}, {"channel": "sms", "our_address": "00447700900001"}],
)
def test_suppression_applies_to_every_spelling_of_its_scope(db, outcomes, scope):
    Suppression.objects.create(address=TO, evidence="Asked by phone", **scope)

    with pytest.raises(RecipientSuppressed):
        send_message(TO, "Hello")


def test_suppression_on_an_unknown_channel_is_refused(db):
    with pytest.raises(ValueError, match="Unknown channel"):
        Suppression.objects.create(address=TO, evidence="Asked by phone", channel="SMS")


def test_status_with_reused_client_ref_settles_the_unconfirmed_message(
    db, outcomes, post_webhook, status_body
):
    outcomes.extend([Throttled(), Unconfirmed("Broken")])
    with pytest.raises(RateLimited) as refused:
        send_message(TO, "Hello", client_ref="order-42")
    with pytest.raises(DeliveryUnconfirmed) as unknown:
        send_message(TO, "Hello", client_ref="order-42")

    body = status_body(unknown.value.message, "delivered") | {"message_uuid": "aaaa"}
    assert post_webhook("message-status", body).json() == {"result": "applied"}

    assert Message.objects.get(pk=unknown.value.message.pk).status == "delivered"
    assert Message.objects.get(pk=refused.value.message.pk).status == "failed"


def test_unreadable_related_object_is_none(db, outcomes):
    user = get_user_model().objects.create(username="ada")
    message = send_message(TO, "Hello", related=user)
    Message.objects.update(related_id="no key of a user")
    assert Message.objects.get().related is None

    ContentType.objects.filter(pk=message.related_type_id).update(model="gone")
    ContentType.objects.clear_cache()
    assert Message.objects.get().related is None
    ContentType.objects.clear_cache()


@pytest.mark.parametrize(
    ("returned", "error"),
    [
        (None, "TypeError"),
        ("accepted", "TypeError"),
        (Outcome("a-uuid"), "TypeError"),
        (Accepted("x" * 65), "ValueError"),
    ],
)
def test_invalid_return_value_of_a_backend_leaves_the_message_unconfirmed(
    db, monkeypatch, returned, error
):
    monkeypatch.setattr(LocMemBackend, "send", lambda backend, message: returned)
    with pytest.raises(DeliveryUnconfirmed) as raised:
        send_message(TO, "Hello")
    message = raised.value.message
    assert (message.status, message.reason) == ("unconfirmed", "unconfirmed")
    assert message.error_detail == error
    assert message.message_uuid is None
