"""reschedule_message() and cancel_messages(): queued messages are moved, revived or cancelled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from django_vonage_messages import (
    cancel_message,
    cancel_messages,
    queue_message,
    reschedule_message,
    resend_message,
    send_message,
)
from django_vonage_messages.exceptions import (
    InvalidMessage,
    NotResendable,
    RateLimited,
    RecipientSuppressed,
)
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Conversation, Message, Suppression
from django_vonage_messages.protocol.outcomes import Throttled
from django_vonage_messages.services.delivery.claims import claim
from django_vonage_messages.services.delivery.deliver import deliver, deliver_claimed
from django_vonage_messages.signals import message_status_changed
from django_vonage_messages.testing import fix_time, simulate_status
from tests.accounts import v1_account
from tests.conftest import SENT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outcomes")]
TO = "447700900000"
NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAN = [Failover("Hello", channel="viber"), Failover("Hello", channel="sms")]


def book(**fields: Any) -> Message:
    return queue_message(TO, "Hello", **{"send_at": NOON} | fields)


def book_workflow(**fields: Any) -> Message:
    return book(channel="whatsapp", failover=PLAN, **fields)


def reloaded(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def events_of(message: Message) -> list[str]:
    return [event.status for event in message.events.order_by("id")]


def members_of(message: Message) -> list[Message]:
    assert message.workflow is not None
    return list(message.workflow.messages.order_by("workflow_position"))


def statuses_of(message: Message) -> list[str]:
    return [member.status for member in members_of(message)]


# reschedule_message()


def test_moved_message_is_sent_at_the_new_time_only(transactional_db):
    message = book()

    assert reschedule_message(message, send_at=NOON + HOUR)
    assert (message.send_at, message.due_at) == (NOON + HOUR, NOON + HOUR)

    with fix_time(NOON):
        deliver(message.pk)
        assert SENT == []
    with fix_time(NOON + HOUR):
        deliver(message.pk)
    assert len(SENT) == 1


def test_message_is_moved_to_now_by_the_clock_of_the_database(transactional_db):
    message = book()

    with fix_time(NOON - HOUR):
        assert reschedule_message(message, send_at=None)

    assert (message.send_at, message.due_at) == (None, NOON - HOUR)
    assert Message.objects.get().due_at == NOON - HOUR


def test_move_is_in_the_history_and_sends_no_signal(changes):
    message = book()

    reschedule_message(message, send_at=NOON + HOUR)
    reschedule_message(message, send_at=NOON + HOUR)

    assert events_of(message) == ["queued", "queued"]
    assert changes == []


def test_revived_message_is_sent(transactional_db, changes):
    message = book()
    cancel_message(message)

    assert reschedule_message(message, send_at=None)
    assert message.status == "queued"
    deliver(message.pk)

    assert events_of(message) == ["cancelled", "queued", "sending", "accepted"]
    assert changes[:2] == [("queued", "cancelled"), ("cancelled", "queued")]
    assert len(SENT) == 1


def test_expired_message_is_revived_with_a_later_expires_at(transactional_db, changes):
    message = book(send_at=None, expires_at=timezone.now() + HOUR)
    with fix_time(timezone.now() + 2 * HOUR):
        deliver(message.pk)
    assert reloaded(message).status == "expired"

    assert reschedule_message(message, send_at=None, expires_at=timezone.now() + 3 * HOUR)
    deliver(message.pk)

    assert reloaded(message).status == "accepted"
    assert ("expired", "queued") in changes


@pytest.mark.parametrize(
    "status",
    ["sending", "unconfirmed", "failed", "accepted", "submitted", "rejected", "undeliverable"],
)
def test_message_that_has_left_the_queue_is_not_moved(status):
    message = book()
    Message.objects.update(status=status)

    assert reschedule_message(message, send_at=NOON + HOUR) is False
    assert (message.status, message.due_at) == (status, NOON)
    assert events_of(message) == []


def test_cancelled_message_whose_content_was_deleted_is_not_revived():
    message = book()
    cancel_message(message)
    Message.objects.update(text="", content={})

    assert reschedule_message(message, send_at=NOON) is False
    assert message.status == "cancelled"


def test_message_that_was_passed_to_vonage_is_not_revived():
    message = book()
    Message.objects.update(status="cancelled", started_at=NOON)

    assert reschedule_message(message, send_at=NOON) is False


def test_message_that_was_sent_again_is_not_revived(transactional_db):
    """For example, a job revives a reminder that staff have sent with a button."""
    message = book()
    cancel_message(message)
    resend_message(message)

    assert not reschedule_message(message, send_at=None)

    call_command("vonage_worker", once=True)
    assert len(SENT) == 1


def test_message_that_is_revived_during_a_resend_is_sent_once(transactional_db, monkeypatch):
    message = book()
    cancel_message(message)

    def revive(*args: Any) -> None:
        assert reschedule_message(reloaded(message), send_at=None)

    monkeypatch.setattr("django_vonage_messages.services.sending.send.refuse_suppressed", revive)
    with pytest.raises(NotResendable, match="queued"):
        resend_message(message)

    call_command("vonage_worker", once=True)
    assert len(SENT) == 1


def test_message_whose_resend_failed_is_revived(transactional_db, outcomes):
    message = book()
    cancel_message(message)
    outcomes.append(Throttled())
    with pytest.raises(RateLimited):
        resend_message(message)

    assert reschedule_message(message, send_at=None)


def test_claimed_message_is_not_sent_at_the_old_time(transactional_db):
    """A worker has claimed the message, but has not started to send it."""
    message = book(send_at=None)
    token = claim(message.pk)

    assert reschedule_message(message, send_at=NOON)
    assert deliver_claimed(message.pk, token) is None

    assert SENT == []
    assert reloaded(message).status == "queued"


def test_claim_before_a_cancellation_does_not_send_the_revived_message(transactional_db):
    message = book(send_at=None)
    token = claim(message.pk)
    cancel_message(message)
    reschedule_message(message, send_at=NOON)

    assert deliver_claimed(message.pk, token) is None
    assert SENT == []


def test_moved_message_has_all_attempts_again(transactional_db, outcomes):
    outcomes.append(Throttled(retry_after=1.0))
    message = book(send_at=None)
    deliver(message.pk)
    assert reloaded(message).attempts == 1

    assert reschedule_message(message, send_at=None)
    assert (message.attempts, message.error_title) == (0, "")
    deliver(message.pk)

    assert reloaded(message).status == "accepted"


def test_send_message_of_a_transaction_is_retried_after_it_was_moved(transactional_db, outcomes):
    outcomes.append(Throttled())
    with transaction.atomic():
        message = send_message(TO, "Hello")
        assert reschedule_message(message, send_at=NOON)
    assert SENT == []

    with fix_time(NOON):
        deliver(message.pk)
    assert reloaded(message).status == "queued"


def test_held_message_stays_held():
    message = book()
    Message.objects.update(held_reason="hold")

    assert reschedule_message(message, send_at=None)
    assert message.held_reason == "hold"


def test_rolled_back_move_changes_nothing():
    message = book()
    with transaction.atomic():
        reschedule_message(message, send_at=NOON + HOUR)
        transaction.set_rollback(True)

    assert (reloaded(message).due_at, events_of(message)) == (NOON, [])


def test_suppressed_recipient_is_refused():
    message = book()
    cancel_message(message)
    Suppression.objects.create(address=TO, evidence="STOP")

    with pytest.raises(RecipientSuppressed):
        reschedule_message(message, send_at=NOON)
    assert reloaded(message).status == "cancelled"


# expires_at


def test_expires_at_stays_without_an_argument():
    message = book(expires_at=NOON + 3 * HOUR)

    reschedule_message(message, send_at=NOON + HOUR)
    assert message.expires_at == NOON + 3 * HOUR

    reschedule_message(message, send_at=NOON + 5 * HOUR, expires_at=NOON + 6 * HOUR)
    assert message.expires_at == NOON + 6 * HOUR

    reschedule_message(message, send_at=NOON + 7 * HOUR, expires_at=None)
    assert message.expires_at is None


def test_stored_expires_at_before_the_new_time_is_refused_with_the_remedy():
    message = book(expires_at=NOON + HOUR)

    with pytest.raises(InvalidMessage) as raised:
        reschedule_message(message, send_at=NOON + HOUR)

    (problem,) = raised.value.message_dict["expires_at"]
    assert "pass a later expires_at, or None to remove it" in problem
    assert reloaded(message).due_at == NOON


def test_stored_expires_at_in_the_past_is_refused_for_now():
    message = book(expires_at=NOON + HOUR)

    with fix_time(NOON + 2 * HOUR), pytest.raises(InvalidMessage):
        reschedule_message(message, send_at=None)


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"send_at": NOON.replace(tzinfo=None)}, "send_at"),
        ({"send_at": "tomorrow"}, "send_at"),
        ({"send_at": NOON, "expires_at": NOON.replace(tzinfo=None)}, "expires_at"),
        ({"send_at": NOON, "expires_at": NOON}, "expires_at"),
        ({"send_at": datetime.max.replace(tzinfo=UTC)}, "send_at"),
        ({"send_at": datetime.min.replace(tzinfo=UTC)}, "send_at"),
    ],
)
def test_impossible_times_are_refused(times, field):
    message = book()

    with pytest.raises(InvalidMessage) as raised:
        reschedule_message(message, **times)

    assert field in raised.value.message_dict
    assert (reloaded(message).due_at, events_of(message)) == (NOON, [])


def test_fixed_time_decides_whether_expires_at_is_in_the_past():
    """The clock of this host shows another time."""
    with fix_time(NOON + HOUR), pytest.raises(InvalidMessage, match="in the future"):
        queue_message(TO, "Hello", expires_at=NOON)


def test_fixed_time_in_the_past_allows_times_after_it():
    past = datetime(2020, 5, 1, 12, tzinfo=UTC)
    with fix_time(past):
        message = queue_message(TO, "Hello", expires_at=past + HOUR)
        assert reschedule_message(message, send_at=None)


# Failover


@pytest.fixture(params=["v0.1", "v1"])
def version(request, outcomes):
    if request.param == "v0.1":
        yield request.param
        return
    with v1_account():
        yield request.param


@pytest.mark.usefixtures("version")
def test_revived_workflow_has_its_failover_messages_again(changes):
    first = book_workflow(expires_at=NOON + HOUR)
    cancel_message(first)
    assert statuses_of(first) == ["cancelled"] * 3

    assert reschedule_message(first, send_at=NOON + HOUR, expires_at=NOON + 2 * HOUR)

    assert statuses_of(first) == ["queued", "standby", "standby"]
    assert {member.expires_at for member in members_of(first)} == {NOON + 2 * HOUR}
    assert {member.reason for member in members_of(first)} == {""}
    assert changes[3:] == [("cancelled", "queued"), *[("cancelled", "standby")] * 2]


@pytest.mark.usefixtures("version")
def test_revived_workflow_can_be_cancelled_and_revived_again():
    first = book_workflow()
    for _ in range(3):
        assert cancel_message(first)
        assert statuses_of(first) == ["cancelled"] * 3
        assert reschedule_message(first, send_at=NOON)
        assert statuses_of(first) == ["queued", "standby", "standby"]


def test_revived_workflow_fails_over(transactional_db, version):
    first = book_workflow(send_at=None)
    cancel_message(first)
    reschedule_message(first, send_at=None)
    deliver(first.pk)
    assert reloaded(first).status == "accepted"

    simulate_status(first, "rejected")

    _, second, third = members_of(first)
    assert second.status == ("accepted" if version == "v0.1" else "standby")
    assert third.status == "standby"


def test_failover_message_that_the_site_cancelled_stays_cancelled():
    first = book_workflow()
    _, second, _third = members_of(first)
    cancel_message(second)
    cancel_message(first)

    reschedule_message(first, send_at=NOON)

    assert statuses_of(first) == ["queued", "cancelled", "standby"]


def test_standby_message_is_not_rescheduled():
    first = book_workflow()
    _, second, _third = members_of(first)

    assert reschedule_message(second, send_at=NOON) is False
    cancel_message(first)
    assert reschedule_message(second, send_at=NOON) is False

    assert statuses_of(first) == ["cancelled"] * 3


def test_suppressed_failover_recipient_is_refused():
    first = book_workflow()
    cancel_message(first)
    Suppression.objects.create(address=TO, channel="viber", evidence="STOP")

    with pytest.raises(RecipientSuppressed):
        reschedule_message(first, send_at=NOON)
    assert statuses_of(first) == ["cancelled"] * 3


def test_revived_first_message_does_not_become_the_last_of_its_conversation():
    first = book_workflow()
    cancel_message(first)
    queue_message(TO, "Later", channel="whatsapp", send_at=NOON)

    reschedule_message(first, send_at=NOON)

    conversation = Conversation.objects.get(channel="whatsapp")
    assert conversation.last_message_preview == "Later"


# cancel_messages()


@pytest.fixture
def order(db: None) -> Group:
    return Group.objects.create(name="An object of the site")


def test_queued_messages_about_an_object_are_cancelled(transactional_db, changes, order):
    other = Group.objects.create(name="Another")
    first, second = book(related=order), book(related=order)
    others = [book(related=other), book()]
    sent = book(related=order, send_at=None)
    deliver(sent.pk)
    changes.clear()

    assert cancel_messages(related=order) == 2
    assert cancel_messages(related=order) == 0

    assert [reloaded(each).status for each in (first, second)] == ["cancelled"] * 2
    assert [reloaded(each).status for each in others] == ["queued"] * 2
    assert reloaded(sent).status == "accepted"
    assert changes == [("queued", "cancelled")] * 2


@pytest.mark.usefixtures("version")
def test_message_and_its_failover_count_as_one(order):
    first = book_workflow(related=order)

    assert cancel_messages(related=order) == 1
    assert statuses_of(first) == ["cancelled"] * 3


def test_standby_messages_of_a_sent_message_are_cancelled(transactional_db, order):
    first = book_workflow(related=order, send_at=None)
    deliver(first.pk)

    assert cancel_messages(related=order) == 2
    assert statuses_of(first) == ["accepted", "cancelled", "cancelled"]


def test_standby_messages_that_were_passed_to_vonage_are_not_cancelled(transactional_db, order):
    with v1_account():
        first = book_workflow(related=order, send_at=None)
        deliver(first.pk)

        assert cancel_messages(related=order) == 0
    assert statuses_of(first) == ["accepted", "standby", "standby"]


def test_cancellation_belongs_to_the_transaction_of_the_caller(order):
    message = book(related=order)
    with transaction.atomic():
        assert cancel_messages(related=order) == 1
        transaction.set_rollback(True)
    assert reloaded(message).status == "queued"

    with transaction.atomic():
        cancel_messages(related=order)
        order.delete()
    assert reloaded(message).status == "cancelled"


def test_keys_about_an_object_are_released_on_request(order):
    cancelled = book(related=order, idempotency_key="a")
    cancel_message(cancelled)
    queued = book(related=order, idempotency_key="b")
    sent = book(related=order, idempotency_key="c")
    Message.objects.filter(pk=sent.pk).update(status="accepted")
    other = book(idempotency_key="d")

    assert cancel_messages(related=order, release_key=True) == 1

    assert reloaded(cancelled).idempotency_key is None
    assert reloaded(queued).idempotency_key is None
    assert reloaded(sent).idempotency_key is not None
    assert reloaded(other).idempotency_key is not None
    assert book(related=order, idempotency_key="b").pk != queued.pk


def test_object_that_is_not_saved_has_no_messages():
    with pytest.raises(ValueError, match="primary key"):
        cancel_messages(related=Group(name="New"))


def test_message_that_a_receiver_deletes_is_skipped(order):
    first, second = book(related=order), book(related=order)

    def delete_second(sender, message, **kwargs):
        Message.objects.filter(pk=second.pk).delete()

    message_status_changed.connect(delete_second)
    try:
        assert cancel_messages(related=order) == 1
    finally:
        message_status_changed.disconnect(delete_second)
    assert Message.objects.get() == first


def test_worker_sends_nothing_of_a_cancelled_object(transactional_db, order):
    book(related=order, send_at=None)
    cancel_messages(related=order)

    call_command("vonage_worker", once=True, threads=1, poll=0.01)
    assert SENT == []
