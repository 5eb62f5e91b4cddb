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
    """Messages that are tried in order, each only if the message before it was rejected.

    ``Message.workflow_position`` counts from 1. A message that is not passed to Vonage because of
    a Suppression gets one of the last positions. ``failover_by`` shows who sends the next message:
    this site, or Vonage. ``workflow_id`` is Vonage's ID of the workflow, which only Messages API v1
    returns.
    """

    account = models.CharField(_("account"), max_length=64)
    workflow_id = models.CharField(_("workflow ID"), max_length=64, blank=True, editable=False)
    failover_by = models.CharField(_("failover by"), max_length=8, choices=FailoverBy.choices)
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
        """The message that reached the customer (the first one if there are several), or None."""
        arrived = Q(delivered_at__isnull=False) | Q(read_at__isnull=False)
        return self.messages.filter(arrived).order_by("workflow_position").first()
