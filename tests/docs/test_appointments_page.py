"""The functions and the receiver of the page about appointments."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_vonage_messages import cancel_message, queue_message, reschedule_message
from django_vonage_messages.exceptions import IdempotencyConflict
from django_vonage_messages.models import Message, Suppression
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.testing import fix_time
from tests.conftest import PostWebhook
from tests.docs.blocks import ROOT
from tests.docs.running import run_page

Build = Callable[..., dict[str, Any]]


@pytest.fixture
def page(namespace: dict[str, Any], receivers_restored: None, tmp_path: Any) -> dict[str, Any]:
    run_page(ROOT / "docs" / "appointments.md", namespace, tmp_path)
    return namespace


def queued_about(appointment: Any) -> Any:
    return Message.objects.about(appointment).filter(status="queued")


def test_appointment_can_be_moved_back(page: dict[str, Any]) -> None:
    appointment = page["appointment"]
    start = appointment.start
    for each in (start - timedelta(days=1), start, start - timedelta(days=1), start):
        moved = page["move"](appointment, each)
        assert queued_about(appointment).get() == moved
        assert moved.due_at == each - timedelta(days=1)
        assert page["queue_reminder"](appointment) == moved


def test_appointment_that_had_no_time_for_a_reminder_gets_one_after_a_move(
    page: dict[str, Any],
) -> None:
    appointment = page["appointment"]
    page["move"](appointment, timezone.now() + timedelta(hours=2))
    assert not queued_about(appointment).exists()
    start = timezone.now() + timedelta(days=2)
    page["move"](appointment, start)
    assert queued_about(appointment).get().due_at == start - timedelta(days=1)


def test_customer_who_got_a_reminder_gets_another_one_after_a_move(page: dict[str, Any]) -> None:
    appointment = page["appointment"]
    with fix_time(appointment.start - timedelta(days=1)):
        deliver(page["changed"].pk)
        page["move"](appointment, appointment.start + timedelta(days=7))
    assert queued_about(appointment).get().due_at == appointment.start - timedelta(days=1)
    sent = appointment.messages.get(pk=page["changed"].pk)
    assert sent.status == "accepted"


def test_appointment_of_a_customer_who_opted_out_is_moved_without_a_reminder(
    page: dict[str, Any],
) -> None:
    appointment = page["appointment"]
    Suppression.objects.create(channel="sms", address=appointment.phone, evidence="STOP")
    start = appointment.start + timedelta(days=7)
    assert page["move"](appointment, start) is None
    appointment.refresh_from_db()
    assert appointment.start == start
    assert not queued_about(appointment).exists()


@pytest.mark.parametrize("by_queryset", [False, True])
def test_deleted_appointment_sends_no_reminder(page: dict[str, Any], by_queryset: bool) -> None:
    appointment = page["appointment"]
    page["move"](appointment, appointment.start + timedelta(days=1))
    page["queue_reminders"](appointment)
    if by_queryset:
        type(appointment).objects.filter(pk=appointment.pk).delete()
    else:
        appointment.delete()
    assert not Message.objects.filter(status="queued").exists()


def test_several_reminders_are_moved_with_the_appointment(page: dict[str, Any]) -> None:
    appointment = page["appointment"]
    start = appointment.start + timedelta(days=1)
    page["move"](appointment, start)
    page["queue_reminders"](appointment)
    times = queued_about(appointment).order_by("send_at").values_list("send_at", flat=True)
    assert [start - time for time in times] == [timedelta(days=7), timedelta(days=1)]


def test_message_of_each_status_is_moved_as_the_table_states(page: dict[str, Any]) -> None:
    reminder = page["changed"]
    later = reminder.send_at + timedelta(hours=1)
    assert reschedule_message(reminder, send_at=later)
    assert cancel_message(reminder)
    assert reschedule_message(reminder, send_at=later)
    with fix_time(later):
        deliver(reminder.pk)
    assert not reschedule_message(reminder, send_at=later)
    assert reminder.status == "accepted"


def test_key_of_a_cancelled_message_raises_a_conflict(page: dict[str, Any]) -> None:
    first = queue_message("447700900000", "Tomorrow", idempotency_key="key")
    assert cancel_message(first)
    for text in ("Tomorrow", "Today"):
        with pytest.raises(IdempotencyConflict):
            queue_message("447700900000", text, idempotency_key="key")


def test_no_reminder_is_queued_for_the_past(page: dict[str, Any]) -> None:
    page["appointment"].start = timezone.now() + timedelta(hours=3)
    assert page["queue_reminder"](page["appointment"]) is None


@pytest.mark.parametrize(
    ("text", "answer"), [("Yes!", "confirmed"), ("NO", "declined"), ("Later?", "")]
)
def test_answer_is_stored_on_the_appointment(
    page: dict[str, Any],
    post_webhook: PostWebhook,
    inbound_body: Build,
    text: str,
    answer: str,
) -> None:
    appointment = page["appointment"]
    Message.objects.filter(pk=page["changed"].pk).update(
        due_at=timezone.now() - timedelta(seconds=1)
    )
    deliver(page["changed"].pk)
    body = inbound_body(text, **{"from": {"type": "sms", "number": appointment.phone}})
    assert post_webhook("inbound-message", body).status_code == 200
    appointment.refresh_from_db()
    assert appointment.answer == answer
