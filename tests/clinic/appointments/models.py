"""Appointments."""

from django.db import models

from django_vonage_messages.models import RelatedMessages


class Appointment(models.Model):
    class Answer(models.TextChoices):
        NONE = "", "no answer"
        CONFIRMED = "confirmed", "confirmed"
        DECLINED = "declined", "declined"

    phone = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    answer = models.CharField(
        max_length=10, choices=Answer.choices, default=Answer.NONE, blank=True
    )
    messages = RelatedMessages()

    def __str__(self) -> str:
        return f"{self.starts_at:%d %B %H:%M}"
