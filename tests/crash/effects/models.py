"""Effects of the site's receivers, and rows that are committed with a send."""

from django.db import models


class Effect(models.Model):
    """One row for each committed run of a receiver; no constraint prevents a second row."""

    receiver = models.CharField(max_length=20)
    message = models.ForeignKey(
        "vonage_messages.Message", on_delete=models.CASCADE, related_name="+"
    )
    event_id = models.BigIntegerField(null=True)
    previous = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=16)


class Order(models.Model):
    """A row that is committed with the message about it."""

    number = models.IntegerField()
