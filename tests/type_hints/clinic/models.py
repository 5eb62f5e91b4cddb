"""A model with a relation to its messages."""

from django.db import models

from django_vonage_messages.models import RelatedMessages


class Appointment(models.Model):
    messages = RelatedMessages()
