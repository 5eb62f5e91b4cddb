"""A signal whose receivers failed and are owed another run."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models.message import Message
from django_vonage_messages.models.status_event import StatusEvent


class SignalDispatch(models.Model):
    """Written only when a receiver raised: all receivers' work was undone, the event stayed."""

    signal = models.CharField(_("signal"), max_length=64)
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="+", verbose_name=_("message")
    )
    event = models.ForeignKey(
        StatusEvent,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("status event"),
    )
    previous_status = models.CharField(_("previous status"), max_length=16, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    error = models.CharField(_("error"), max_length=500)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("failed signal")
        verbose_name_plural = _("failed signals")
        indexes = [models.Index(fields=["done_at", "id"], name="vonage_dispatch_open")]

    def __str__(self) -> str:
        return self.signal

    def __repr__(self) -> str:
        return f"<SignalDispatch {self.pk} {self.signal}>"
