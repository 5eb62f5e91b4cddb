"""The workers that deliver queued messages, as they last said of themselves."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Worker(models.Model):
    """One running ``vonage_worker``: its row is its heartbeat, and goes when it stops."""

    name = models.CharField(_("name"), max_length=191, unique=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name
