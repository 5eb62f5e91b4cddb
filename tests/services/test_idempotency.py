"""Idempotency keys: repeated calls, conflicts, and keys that are released."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from django_vonage_messages import (
    cancel_message,
    queue_message,
    reschedule_message,
    resend_message,
    send_message,
)
from django_vonage_messages.exceptions import IdempotencyConflict, MessageRejected
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.outcomes import Rejected
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.sending import queue
from tests.conftest import SENT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outcomes")]
TO = "447700900000"
NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
VERSION_1 = "9b526cf83b1107e42437251e1046ccdb2a40cb7aebe4e1c2cc30b2dc89a6ff7a"
"""Digest that version 1 stored for the SMS "Hello" to ``TO``."""


def book(**fields: Any) -> Message:
    arguments = {"to": TO, "content": "Hello", "idempotency_key": "k", "send_at": NOON}
    return queue_message(**arguments | fields)


def conflict(**fields: Any) -> IdempotencyConflict:
    with pytest.raises(IdempotencyConflict) as raised:
        book(**fields)
    return raised.value


def test_same_key_and_time_return_the_stored_message():
    first = book()

    assert book().pk == first.pk
    assert (first.send_at, first.due_at) == (NOON, NOON)
    assert Message.objects.count() == 1


def test_same_time_in_another_time_zone_returns_the_stored_message():
    """The hour in which a clock is set back occurs twice."""
    berlin = ZoneInfo("Europe/Berlin")
    first_hour = datetime(2030, 10, 27, 2, 30, tzinfo=berlin)
    second_hour = first_hour.replace(fold=1)
    first = book(send_at=first_hour)

    assert book(send_at=first_hour).pk == first.pk
    assert book(send_at=first_hour.astimezone(UTC)).pk == first.pk
    assert conflict(send_at=second_hour).message == first


def test_another_send_at_conflicts_and_names_reschedule_message():
    first = book()

    error = conflict(send_at=NOON + timedelta(days=7))

    assert error.message == first
    assert "another send_at" in str(error)
    assert "reschedule_message(exc.message, send_at=...)" in str(error)
    assert "a fixed time, not now() plus a time" in str(error)
    first.refresh_from_db()
    assert (first.status, first.due_at) == ("queued", NOON)


def test_another_send_at_conflicts_inside_a_transaction():
    with transaction.atomic():
        first = book()
        assert conflict(send_at=None).message == first
        assert book().pk == first.pk


def test_another_send_at_after_the_send_asks_for_a_new_key(transactional_db):
    first = book(send_at=timezone.now() - timedelta(seconds=1))
    deliver(first.pk)

    error = conflict()

    assert error.message == first
    assert "can no longer be moved: use a new key" in str(error)


def test_send_message_with_the_key_of_a_scheduled_message_conflicts():
    first = book()

    with pytest.raises(IdempotencyConflict, match="another send_at") as raised:
        send_message(TO, "Hello", idempotency_key="k")

    assert raised.value.message == first
    assert SENT == []


def test_expires_at_is_not_compared():
    first = book(expires_at=NOON + timedelta(hours=1))

    assert book(expires_at=NOON + timedelta(hours=2)).pk == first.pk


def stop(message: Message, status: str) -> None:
    if status == "cancelled":
        assert cancel_message(message)
    else:
        past = timezone.now() - timedelta(seconds=1)
        Message.objects.update(send_at=None, due_at=past, expires_at=past)
        deliver(message.pk)
    message.refresh_from_db()
    assert message.status == status


@pytest.mark.parametrize("send", [queue_message, send_message])
@pytest.mark.parametrize("status", ["cancelled", "expired"])
@pytest.mark.parametrize("block", [nullcontext, transaction.atomic])
def test_key_of_a_stopped_message_conflicts(transactional_db, send, status, block):
    first = book(send_at=None)
    stop(first, status)

    with block(), pytest.raises(IdempotencyConflict) as raised:
        send(TO, "Hello", idempotency_key="k")

    assert raised.value.message == first
    assert f"is {status}, and nothing was queued or sent" in str(raised.value)
    assert "reschedule_message(exc.message, send_at=...)" in str(raised.value)
    assert "cancel_message(exc.message, release_key=True)" in str(raised.value)
    assert SENT == []
    assert Message.objects.count() == 1


def test_stopped_message_can_be_revived_from_the_conflict():
    cancel_message(book())

    error = conflict(send_at=NOON + timedelta(days=7))

    assert reschedule_message(error.message, send_at=NOON + timedelta(days=7))
    assert book(send_at=NOON + timedelta(days=7)) == error.message
    assert error.message.status == "queued"


def test_different_message_conflicts_and_asks_for_a_new_key():
    first = book()

    error = conflict(content="Bye")

    assert error.message == first
    assert str(error) == "A different message has this idempotency key: use a new key."


def test_different_message_after_a_cancellation_can_have_the_key_when_it_is_released():
    first = book()
    cancel_message(first)

    error = conflict(content="Bye")
    assert "to free its key, call cancel_message(exc.message, release_key=True)" in str(error)
    assert cancel_message(error.message, release_key=True)

    second = book(content="Bye")
    assert (second.status, second.pk != first.pk) == ("queued", True)
    assert book(content="Bye") == second


def test_cancelling_releases_the_key_only_on_request():
    first = book()

    assert cancel_message(first)
    assert first.idempotency_key is not None
    assert cancel_message(first) is False

    assert cancel_message(first, release_key=True) is True
    assert (first.idempotency_key, first.idempotency_digest) == (None, "")
    assert book().pk != first.pk


def test_released_key_is_undone_with_the_cancellation():
    first = book()
    with transaction.atomic():
        assert cancel_message(first, release_key=True)
        assert book().pk != first.pk
        transaction.set_rollback(True)

    first.refresh_from_db()
    assert (first.status, Message.objects.get()) == ("queued", first)
    assert book() == first


def test_expired_message_releases_its_key(transactional_db):
    first = book(send_at=None)
    stop(first, "expired")

    assert cancel_message(first) is False
    assert cancel_message(first, release_key=True) is True
    assert first.status == "expired"
    assert book().pk != first.pk


@pytest.mark.parametrize("status", ["sending", "unconfirmed", "failed", "accepted", "delivered"])
def test_message_that_has_left_the_queue_keeps_its_key(status):
    first = book()
    Message.objects.update(status=status)

    assert cancel_message(first, release_key=True) is False
    assert first.idempotency_key is not None


def test_row_of_version_1_is_compared_without_send_at():
    """Such a row was stored without a send_at that could be compared."""
    first = book()
    Message.objects.update(idempotency_digest=VERSION_1, send_at=None)

    assert book().pk == first.pk
    assert book(send_at=NOON + timedelta(days=7)).pk == first.pk
    assert conflict(content="Bye").message == first


def test_row_of_version_1_conflicts_after_a_cancellation():
    first = book()
    Message.objects.update(idempotency_digest=VERSION_1, send_at=None)
    cancel_message(first)

    assert "is cancelled, and nothing was queued" in str(conflict())


def test_new_digest_has_a_version_and_fits_its_column():
    digest = book().idempotency_digest

    assert digest == f"2:{VERSION_1[:62]}"
    assert len(digest) == Message._meta.get_field("idempotency_digest").max_length


def test_conflict_is_also_found_after_a_concurrent_insert(monkeypatch):
    """Another process inserts the key between the look-up and the insert."""
    first = book()
    found: list[None] = []
    find = queue.find_by_idempotency_key

    def find_late(validated):
        found.append(None)
        return None if len(found) == 1 else find(validated)

    monkeypatch.setattr(queue, "find_by_idempotency_key", find_late)
    assert conflict(send_at=NOON + timedelta(days=7)).message == first
    found.clear()
    assert book().pk == first.pk
    found.clear()
    cancel_message(first)
    assert "is cancelled" in str(conflict())
    assert Message.objects.count() == 1


def test_other_integrity_errors_are_raised(monkeypatch):
    def refuse(*arguments):
        raise IntegrityError

    monkeypatch.setattr(queue, "insert_queued", refuse)
    with pytest.raises(IntegrityError):
        book()


def test_resend_that_was_cancelled_conflicts(transactional_db, outcomes):
    outcomes.append(Rejected())
    with pytest.raises(MessageRejected) as raised:
        send_message(TO, "Hello")
    failed = raised.value.message
    with transaction.atomic():
        resend = resend_message(failed)
        cancel_message(resend)

    with pytest.raises(IdempotencyConflict, match="is cancelled") as conflicted:
        resend_message(failed)

    assert conflicted.value.message == resend
    assert len(SENT) == 1
