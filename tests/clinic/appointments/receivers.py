"""Receivers: store YES and NO in the appointment."""

from typing import Any, Final

from django.dispatch import receiver

from django_vonage_messages import send_message
from django_vonage_messages.models import Message
from django_vonage_messages.signals import message_received
from tests.clinic.appointments.models import Appointment

ANSWERS: Final = {"YES": Appointment.Answer.CONFIRMED, "NO": Appointment.Answer.DECLINED}


@receiver(message_received, sender=Message)
def store_answer(message: Message, **_kwargs: Any) -> None:
    """Store the answer to the latest reminder, and thank the customer."""
    if message.text not in ANSWERS:
        return
    reminded = Appointment.objects.filter(
        messages__conversation=message.conversation, messages__started_at__isnull=False
    )
    appointment = reminded.latest("messages__started_at")
    appointment.answer = ANSWERS[message.text]
    appointment.save()
    send_message(
        message.their_address,
        "Thank you.",
        channel=message.channel,
        related=appointment,
        client_ref=f"thanks-{message.pk}",
    )
