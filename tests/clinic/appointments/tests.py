"""Tests of the clinic with Django's test cases."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, SignalDispatch
from django_vonage_messages.simulator import number_for
from django_vonage_messages.testing import VonageMessagesTestMixin, outbox
from tests.clinic.appointments import bookings
from tests.clinic.appointments.models import Appointment

PHONE = "447700900123"
NEXT_YEAR = timezone.now().year + 1
START = datetime(NEXT_YEAR, 5, 4, 10, tzinfo=UTC)
LATER = datetime(NEXT_YEAR, 5, 11, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class ReminderTests(VonageMessagesTestMixin, TestCase):
    def test_reminder_is_queued_once(self) -> None:
        appointment = bookings.book(PHONE, START)
        reminder = appointment.messages.earliest("id")
        assert (reminder.status, reminder.send_at) == ("queued", START - bookings.DAY)
        assert bookings.queue_reminder(appointment) == reminder
        assert self.outbox == []

    def test_reminder_is_sent_the_day_before(self) -> None:
        appointment = bookings.book(PHONE, START)
        assert self.deliver_queued(now=START - bookings.DAY - MINUTE) == []
        (reminder,) = self.deliver_queued(now=START - bookings.DAY)
        assert (reminder.status, reminder.related) == ("accepted", appointment)
        (sent,) = self.outbox
        assert (sent.to, sent.text, sent.channel) == (PHONE, bookings.TEXT, "whatsapp")
        assert (sent.message, sent.account) == (reminder, "default")
        assert self.deliver_queued(now=START) == []

    def test_moved_appointment_has_one_reminder_at_the_new_time(self) -> None:
        appointment = bookings.book(PHONE, START)
        for _repeated in range(2):
            bookings.move(appointment, LATER)
        assert self.deliver_queued(now=START) == []
        (reminder,) = self.deliver_queued(now=LATER - bookings.DAY)
        assert reminder.send_at == LATER - bookings.DAY
        assert len(self.outbox) == 1

    def test_cancelled_appointment_has_no_reminder(self) -> None:
        appointment = bookings.book(PHONE, START)
        other = bookings.book(PHONE, START)
        assert bookings.cancel(appointment) > 0
        assert bookings.cancel(appointment) == 0
        (reminder,) = self.deliver_queued(now=START - bookings.DAY)
        assert reminder.related == other

    def test_cancelled_appointment_is_booked_again(self) -> None:
        appointment = bookings.book(PHONE, START)
        bookings.cancel(appointment)
        bookings.move(appointment, LATER)
        assert len(self.deliver_queued(now=LATER - bookings.DAY)) == 1

    def test_deleted_appointment_keeps_its_messages(self) -> None:
        appointment = bookings.book(PHONE, START)
        (reminder,) = self.deliver_queued(now=START - bookings.DAY)
        bookings.delete(appointment)
        assert self.simulate_status(reminder, "delivered").status == "delivered"
        assert reminder.events.exists()
        assert Message.objects.get(pk=reminder.pk).related is None

    def test_admin_deletes_appointment_without_its_messages(self) -> None:
        appointment = bookings.book(PHONE, START)
        before = Message.objects.count()
        self.client.force_login(get_user_model().objects.create_superuser("ada"))
        url = reverse("admin:appointments_appointment_delete", args=[appointment.pk])
        self.assertNotContains(self.client.get(url), "essage: ")
        self.client.post(url, {"post": "yes"})
        assert not Appointment.objects.exists()
        assert Message.objects.count() == before


class AnswerTests(VonageMessagesTestMixin, TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.appointment = bookings.book(PHONE, START)
        (self.reminder,) = self.deliver_queued(now=START - bookings.DAY)
        self.outbox.clear()

    def test_yes_confirms_the_appointment(self) -> None:
        answer = self.simulate_inbound(PHONE, "YES", reply_to=self.reminder, version="v1")
        assert answer.channel == "whatsapp"
        assert answer.payload["context"]["message_uuid"] == self.reminder.message_uuid
        self.appointment.refresh_from_db()
        assert self.appointment.answer == "confirmed"
        self.deliver_queued()
        assert [sent.text for sent in self.outbox] == ["Thank you."]

    def test_no_declines_the_appointment(self) -> None:
        self.simulate_inbound(PHONE, "NO", reply_to=self.reminder)
        self.appointment.refresh_from_db()
        assert self.appointment.answer == "declined"

    def test_another_text_waits_for_staff(self) -> None:
        answer = self.simulate_inbound(PHONE, "Can I come later?", channel="whatsapp")
        assert answer.conversation.unread_count == 1
        assert self.deliver_queued() == []

    def test_failing_receiver_fails_the_test(self) -> None:
        with self.assertRaises(Appointment.DoesNotExist):  # noqa: PT027 -- not run by pytest
            self.simulate_inbound("447700900999", "YES")
        dispatch = SignalDispatch.objects.get()
        assert "appointments/receivers.py:" in dispatch.error
        assert "store_answer()" in dispatch.error


class FailoverTests(VonageMessagesTestMixin, TestCase):
    def test_sms_is_sent_if_whatsapp_rejects_the_reminder(self) -> None:
        phone = number_for("rejected", channel="whatsapp")
        appointment = bookings.book(phone, START)
        (reminder,) = self.deliver_queued(now=START - bookings.DAY)
        assert self.simulate_statuses(reminder).status == "rejected"
        (text,) = self.deliver_queued(now=START - bookings.DAY + MINUTE)
        assert (text.channel, self.simulate_statuses(text).status) == ("sms", "delivered")
        assert [sent.channel for sent in self.outbox] == ["whatsapp", "sms"]
        self.simulate_inbound(phone, "YES", reply_to=text)
        appointment.refresh_from_db()
        assert appointment.answer == "confirmed"


class UnpreparedTests(TestCase):
    """A developer has forgotten the mixin, and the settings are those of production."""

    def test_message_is_not_sent_over_http(self) -> None:
        outbox.clear()
        message = send_message(PHONE, "Hello")
        assert message.status == "accepted"
        assert [sent.message for sent in outbox] == [message]
