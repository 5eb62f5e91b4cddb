"""What the site's own code did in answer to a signal, and what it committed with a send."""

from django.db import models


class Effect(models.Model):
    """One row for each run of a receiver that was not undone; nothing keeps it from being two."""

    receiver = models.CharField(max_length=20)
    message = models.ForeignKey(
        "vonage_messages.Message", on_delete=models.CASCADE, related_name="+"
    )
    event_id = models.BigIntegerField(null=True)
    previous = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=16)


class Order(models.Model):
    """The business fact that was committed with the message about it."""

    number = models.IntegerField()
