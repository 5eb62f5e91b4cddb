"""Tests of the clinic with pytest."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from django_vonage_messages import exceptions, queue_message
from django_vonage_messages.simulator import number_for
from django_vonage_messages.testing import receiver_errors
from tests.clinic.appointments import bookings
from tests.clinic.appointments.models import Appointment

pytestmark = pytest.mark.django_db

PHONE = "447700900123"
START = datetime(timezone.now().year + 1, 5, 4, 10, tzinfo=UTC)
DAY_BEFORE = START - bookings.DAY


def test_customer_confirms(vonage_outbox, deliver_queued, simulate_statuses, simulate_inbound):
    appointment = bookings.book(PHONE, START)
    (reminder,) = deliver_queued(now=DAY_BEFORE)
    assert simulate_statuses(reminder).status == "delivered"
    simulate_inbound(PHONE, "YES", reply_to=reminder)
    assert [message.text for message in deliver_queued()] == ["Thank you."]
    assert [sent.text for sent in vonage_outbox] == [bookings.TEXT, "Thank you."]
    appointment.refresh_from_db()
    assert appointment.answer == "confirmed"
    assert appointment.messages.outbound().count() == 3  # with the SMS that was not needed


def test_moved_and_cancelled_appointments(vonage_outbox, deliver_queued):
    moved, cancelled = bookings.book(PHONE, START), bookings.book(PHONE, START)
    bookings.move(moved, START + timedelta(days=7))
    bookings.cancel(cancelled)
    assert deliver_queued(now=START) == []
    assert len(deliver_queued(now=START + timedelta(days=6))) == 1
    assert len(vonage_outbox) == 1


def test_key_of_reminder_keeps_its_time(vonage_outbox):
    appointment = bookings.book(PHONE, START)
    appointment.starts_at += timedelta(hours=1)
    with pytest.raises(exceptions.IdempotencyConflict) as caught:
        bookings.queue_reminder(appointment)
    assert caught.value.message in appointment.messages.all()


def test_throttled_reminder_is_sent_later(deliver_queued):
    queue_message(number_for("throttled_retry_after"), "Hello")
    (message,) = deliver_queued()
    assert (message.status, message.reason) == ("queued", "throttled")


def test_failing_receiver_is_expected(simulate_inbound):
    simulate_inbound("447700900999", "YES", raise_receiver_errors=False)
    assert [type(error) for error in receiver_errors] == [Appointment.DoesNotExist]
