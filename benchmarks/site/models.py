"""The model of the bare view."""

from django.db import models
from django.utils import timezone


class BareRow(models.Model):
    """One webhook or send: body, status and time."""

    body = models.JSONField()
    status = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.status
