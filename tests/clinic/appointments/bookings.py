"""Book, move, cancel and delete appointments, with their reminders."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from django_vonage_messages import cancel_messages, queue_message, reschedule_message
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from tests.clinic.appointments.models import Appointment

DAY: Final = timedelta(days=1)
TEXT: Final = "You have an appointment tomorrow. Reply YES or NO."


@transaction.atomic
def book(phone: str, starts_at: datetime) -> Appointment:
    """Store an appointment, and queue its reminder."""
    appointment = Appointment.objects.create(phone=phone, starts_at=starts_at)
    queue_reminder(appointment)
    return appointment


def queue_reminder(appointment: Appointment) -> Message:
    """Queue the reminder, or return the queued one."""
    return queue_message(
        appointment.phone,
        TEXT,
        channel="whatsapp",
        failover=[Failover(TEXT, channel="sms")],
        send_at=appointment.starts_at - DAY,
        expires_at=appointment.starts_at,
        related=appointment,
        idempotency_key=f"appointment-{appointment.pk}-reminder",
    )


@transaction.atomic
def move(appointment: Appointment, starts_at: datetime) -> None:
    """Move an appointment and its reminder. A job can repeat this call."""
    appointment.starts_at, appointment.answer = starts_at, Appointment.Answer.NONE
    appointment.save()
    reminder = appointment.messages.outbound().earliest("id")
    reschedule_message(reminder, send_at=starts_at - DAY, expires_at=starts_at)


@transaction.atomic
def cancel(appointment: Appointment) -> int:
    """Cancel the reminders of an appointment, and return their number."""
    return cancel_messages(related=appointment)


@transaction.atomic
def delete(appointment: Appointment) -> None:
    """Cancel the reminders, and delete the appointment."""
    cancel(appointment)
    appointment.delete()
