"""The row that the bare view keeps."""

from django.db import models
from django.utils import timezone


class BareRow(models.Model):
    """One row for one event: a body, a status and a time."""

    body = models.JSONField()
    status = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.status
