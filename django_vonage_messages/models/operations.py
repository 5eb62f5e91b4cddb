"""Records for the site's operators: failed signals, unprocessed and refused webhooks, workers."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models.choices import UnprocessedReason
from django_vonage_messages.models.keys import KeyField, sender_key
from django_vonage_messages.models.message import Message
from django_vonage_messages.models.status_event import StatusEvent


class SignalDispatch(models.Model):
    """Signal to send again after a receiver raised an exception.

    The changes of all receivers of the signal were rolled back. The status event or the inbound
    message of the signal was not rolled back. ``next_try_at`` is the time of the next automatic
    retry, or None if no retry is planned.
    """

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
    next_try_at = models.DateTimeField(_("next try"), null=True)

    class Meta:
        verbose_name = _("failed signal")
        verbose_name_plural = _("failed signals")
        indexes = [
            models.Index(fields=["done_at", "id"], name="vonage_dispatch_open"),
            models.Index(fields=["next_try_at", "id"], name="vonage_dispatch_next_try"),
        ]

    def __str__(self) -> str:
        return self.signal

    def __repr__(self) -> str:
        return f"<SignalDispatch {self.pk} {self.signal}>"


class UnprocessedWebhook(models.Model):
    """Webhook with a valid signature that could not be processed.

    ``body`` is the raw body of the webhook. ``deliveries`` is the number of webhooks with this
    body. ``accounts`` lists the possible accounts of the webhook. ``attempts`` counts the retries.
    ``next_try_at`` is the time of the next automatic retry, or None if no retry is planned.
    """

    body_key = models.CharField(max_length=64, editable=False)
    body = models.BinaryField(_("body"))
    accounts = models.JSONField(_("accounts"), default=list)
    account = models.CharField(_("account"), max_length=64)
    application_id = models.CharField(_("application"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=24, choices=UnprocessedReason.choices)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    message_uuid = models.CharField(_("message UUID"), max_length=64, blank=True)
    client_ref = models.CharField(_("client reference"), max_length=100, blank=True)
    deliveries = models.PositiveIntegerField(_("deliveries"), default=1)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    processed_at = models.DateTimeField(_("processed"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0, db_default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True)

    class Meta:
        verbose_name = _("unprocessed webhook")
        verbose_name_plural = _("unprocessed webhooks")
        indexes = [
            models.Index(fields=["processed_at", "id"], name="vonage_unprocessed_open"),
            models.Index(fields=["message_uuid"], name="vonage_unprocessed_uuid"),
            models.Index(
                fields=["reason", "next_try_at", "id"], name="vonage_unprocessed_next_try"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["body_key"], name="vonage_unprocessed_body")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.received_at:%Y-%m-%d %H:%M})"

    def __repr__(self) -> str:
        return f"<UnprocessedWebhook {self.pk} {self.reason}>"


class WebhookRefusal(models.Model):
    """Counter of refused webhooks: one row for each ``reason``.

    Refused webhooks are not stored.
    """

    reason = models.CharField(_("reason"), max_length=32, unique=True)
    count = models.PositiveBigIntegerField(_("count"), default=0)
    first_at = models.DateTimeField(_("first"), default=timezone.now)
    last_at = models.DateTimeField(_("last"), default=timezone.now)

    class Meta:
        verbose_name = _("refused webhook")
        verbose_name_plural = _("refused webhooks")

    def __str__(self) -> str:
        return self.reason


class Worker(models.Model):
    """Heartbeat of a running ``manage.py vonage_worker``.

    The worker deletes this row when it stops.
    """

    name = models.CharField(_("name"), max_length=191, unique=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name


class Deployment(models.Model):
    """The database that this site uses, in one row, to recognise a restored copy.

    ``fingerprint`` identifies the database on its server. A copy on another server, or under
    another name, has the fingerprint of the original until ``vonage_hold`` is run there. ``host``
    is the host that last ran a worker or a command of this app, and ``seen_at`` is the time.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    host = models.CharField(_("host"), max_length=191)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    class Meta:
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")

    def __str__(self) -> str:
        return self.host


class PausedSender(models.Model):
    """Sender that must wait after Vonage's rate limit was reached.

    ``until`` is a time of the database's clock. ``key`` is a hash of the account and the address.
    """

    key = KeyField(sender_key)
    account = models.CharField(_("account"), max_length=64)
    our_address = models.CharField(_("our address"), max_length=64)
    paused_at = models.DateTimeField(_("paused"))
    until = models.DateTimeField(_("until"))
    retry_after = models.FloatField(_("pause requested by Vonage (seconds)"), null=True)

    class Meta:
        verbose_name = _("paused sender")
        verbose_name_plural = _("paused senders")
        # Not unique=True, which adds a second index for LIKE on PostgreSQL.
        constraints = [models.UniqueConstraint(fields=["key"], name="vonage_paused_sender_key")]

    def __str__(self) -> str:
        return f"{self.account}: {self.our_address}"

    def __repr__(self) -> str:
        return f"<PausedSender {self.pk} {self.account}>"
