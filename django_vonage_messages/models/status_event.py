"""Status events of messages."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models.choices import FailureReason, Source
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.models.message import Message
from django_vonage_messages.protocol import statuses


class _NoneIfGone(ForwardManyToOneDescriptor):  # type: ignore[type-arg]  # not at run time
    def get_object(self, instance: models.Model) -> Any:
        try:
            return super().get_object(instance)
        except ObjectDoesNotExist:  # the object was deleted
            return None


class LastingReference(models.ForeignKey):  # type: ignore[type-arg]  # not generic at run time
    """Foreign key that keeps the ID of a deleted object."""

    forward_related_accessor_class = _NoneIfGone

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        # Migrations contain a ForeignKey, so that they do not need this class.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


class StatusEvent(models.Model):
    """Event in the history of a message.

    An event from a status webhook has the ``source`` Vonage. All other events are steps on this
    site. ``status`` is stored as received, even an unknown status. ``occurred_at`` is the time
    in the webhook, or None if the time is missing or invalid. ``late`` is True if this event
    occurred before an event that was already stored. Only events of this site have a ``reason``
    or ``retry_after``. ``reason`` is the reason for a failure. ``retry_after`` is the number of
    seconds to wait. ``settled_by`` is the user who settled an unconfirmed message.
    """

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="events", verbose_name=_("message")
    )
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    status = models.CharField(_("status"), max_length=64)
    occurred_at = models.DateTimeField(_("time stated by Vonage"), null=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    late = models.BooleanField(_("late"), default=False)
    reason = models.CharField(_("reason"), max_length=20, choices=FailureReason.choices, blank=True)
    retry_after = models.FloatField(_("retry after (seconds)"), null=True)
    settled_by = LastingReference(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,  # the ID of a deleted user still shows that a person settled
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("settled by"),
    )
    error_code = models.CharField(_("error code"), max_length=32, blank=True)
    error_title = models.CharField(_("error"), max_length=200, blank=True)
    error_detail = models.TextField(_("error detail"), blank=True)
    price = models.DecimalField(_("price"), max_digits=20, decimal_places=10, null=True)
    price_as_received = models.CharField(_("price stated by Vonage"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=8, blank=True)
    pricing = models.JSONField(_("pricing"), default=dict)
    segments = models.PositiveIntegerField(_("segments"), null=True)
    payload = models.JSONField(_("payload"), default=dict)
    dedupe_key = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("status event")
        verbose_name_plural = _("status events")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="vonage_event_dedupe")]

    def __str__(self) -> str:
        return self.status

    def __repr__(self) -> str:
        return f"<StatusEvent {self.pk} {self.source} {self.status[:16]}>"

    @classmethod
    def local(
        cls,
        message: Message,
        status: str,
        *key: str,
        reason: str = "",
        error: statuses.ErrorInfo = statuses.NO_ERROR,
        retry_after: float | None = None,
        settled_by: Any = None,
    ) -> Self:
        """Return an unsaved event of this site."""
        return cls(
            source=Source.LOCAL,
            status=status,
            reason=reason,
            retry_after=retry_after,
            # The ID: users can be in another database, and a router can forbid a relation to it.
            settled_by_id=None if settled_by is None else settled_by.pk,
            error_code=error.code,
            error_title=error.title,
            error_detail=error.detail,
            payload={"instance": error.instance} if error.instance else {},
            dedupe_key=cls.local_key(message, *key),
        )

    @staticmethod
    def local_key(message: Message, *key: str) -> str:
        """Return the ``dedupe_key`` of an event of this site: a message has one event per key."""
        return key_of(key[0], message.reference.hex, *key[1:])

    @property
    def is_evidence(self) -> bool:
        """Whether the event proves that Vonage accepted the message."""
        return self.source == Source.VONAGE or self.status == statuses.ACCEPTED

    @property
    def happened_at(self) -> datetime:
        return self.occurred_at or self.received_at

    def as_evidence(self) -> statuses.Evidence:
        return statuses.Evidence(
            status=self.status,
            key=self.dedupe_key,
            received_at=self.received_at,
            occurred_at=self.occurred_at,
            error=statuses.ErrorInfo(self.error_code, self.error_title, self.error_detail),
            charge=self._charge,
            segments=self.segments,
            pricing=self.pricing,
        )

    @property
    def _charge(self) -> statuses.Charge | None:
        if not self.price_as_received:
            return None
        price = None if self.price is None else Decimal(self.price)
        return statuses.Charge(price, self.price_as_received, self.currency)
