"""Workflow of messages that are tried in order."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models.choices import FailoverBy

if TYPE_CHECKING:
    from django_vonage_messages.models.message import Message


class Workflow(models.Model):
    """A message and its failover messages, in the order in which they are tried.

    A message is tried only if the message before it was rejected. ``Message.workflow_position``
    counts from 1. ``failover_by`` shows whether this site or Vonage sends the next message.
    ``workflow_id`` is Vonage's ID of the workflow. Only Messages API v1 returns a ``workflow_id``.
    """

    account = models.CharField(_("account"), max_length=64)
    workflow_id = models.CharField(_("workflow ID"), max_length=64, blank=True, editable=False)
    failover_by = models.CharField(
        _("next message sent by"), max_length=8, choices=FailoverBy.choices
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("workflow")
        verbose_name_plural = _("workflows")
        indexes = [models.Index(fields=["workflow_id"], name="vonage_workflow_id")]

    def __str__(self) -> str:
        return str(_("Workflow %s") % self.pk)

    def __repr__(self) -> str:
        return f"<Workflow {self.pk} {self.failover_by}>"

    @property
    def arrived(self) -> "Message | None":
        """The first message that reached the customer, or None."""
        arrived = Q(delivered_at__isnull=False) | Q(read_at__isnull=False)
        return self.messages.filter(arrived).order_by("workflow_position").first()
