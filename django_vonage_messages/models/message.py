"""Inbound and outbound messages."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models.choices import (
    Channel,
    ChannelName,
    Direction,
    DirectionName,
    FailureReason,
    HeldReason,
    Priority,
    Status,
    StatusName,
)
from django_vonage_messages.models.conversation import Conversation
from django_vonage_messages.models.related_id import (
    RELATED_ID_LENGTH,
    EqualsPrimaryKey,
    related_id_of,
)
from django_vonage_messages.models.workflow import Workflow
from django_vonage_messages.protocol import statuses
from django_vonage_messages.protocol.addresses import mask
from django_vonage_messages.protocol.content_summary import (
    Media,
    Place,
    media_of,
    place_of,
    summary_of,
)
from django_vonage_messages.protocol.error_codes import ErrorCode, get_error_code, get_http_error


class RelatedObject(GenericForeignKey):
    """GenericForeignKey that returns None if the object or its model no longer exists."""

    def contribute_to_class(self, cls: Any, name: str, *args: Any, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, *args, **kwargs)
        setattr(cls, name, _NoneIfGone(cls.__dict__[name]))


class _NoneIfGone:
    # A wrapper, because Django 5.2 and 6.1 have different descriptor classes.
    def __init__(self, descriptor: Any) -> None:
        self._descriptor = descriptor

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        try:
            return self._descriptor.__get__(instance, owner)
        except (AttributeError, ValueError, TypeError, ValidationError):
            if instance is None:
                raise
            return None

    def __set__(self, instance: Any, value: Any) -> None:
        self._descriptor.__set__(instance, value)


class MessageQuerySet(models.QuerySet["Message"]):
    def inbound(self) -> "MessageQuerySet":
        """Return the messages that this site receives from customers."""
        return self.filter(direction=Direction.INBOUND)

    def outbound(self) -> "MessageQuerySet":
        """Return the messages that this site sends to customers."""
        return self.filter(direction=Direction.OUTBOUND)

    def about(self, obj: models.Model) -> "MessageQuerySet":
        """Return the messages whose ``related`` object is ``obj``.

        Raises ValueError if ``obj`` has not been saved.
        """
        if obj.pk is None:
            raise ValueError(f"Save the {type(obj).__name__} first: about() needs a primary key.")
        return self.filter(
            related_type=ContentType.objects.get_for_model(obj), related_id=related_id_of(obj)
        )


MessageManager = models.Manager.from_queryset(MessageQuerySet)


class Message(models.Model):
    """A message from or to a customer.

    After Vonage accepted an outbound message, these columns are computed from all StatusEvents of
    the message: the status, the error, the prices, the segments, ``accepted_at``,
    ``submitted_at``, ``delivered_at``, ``read_at`` and ``failed_at``.

    ``is_automatic`` is True for an outbound message that no person wrote. ``marked_read_at`` is the
    time when Vonage accepted the request to mark the message as read. ``revoked_at`` is the time
    when Vonage accepted the request to revoke the message.
    """

    reference = models.UUIDField(_("reference"), default=uuid.uuid4, unique=True, editable=False)
    direction: "models.CharField[str, DirectionName]" = models.CharField(
        _("direction"), max_length=8, choices=Direction.choices
    )
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
        verbose_name=_("conversation"),
    )
    account = models.CharField(_("account"), max_length=64)
    channel: "models.CharField[str, ChannelName]" = models.CharField(
        _("channel"), max_length=16, choices=Channel.choices
    )
    our_address = models.CharField(_("our address"), max_length=64)
    their_address = models.CharField(_("customer"), max_length=64, db_index=True)
    message_uuid = models.CharField(_("message UUID"), max_length=64, null=True, editable=False)
    inbound_key = models.CharField(max_length=64, null=True, editable=False)
    client_ref = models.CharField(_("client reference"), max_length=100, blank=True)

    content_type = models.CharField(_("content type"), max_length=32)
    text = models.TextField(_("text"), blank=True)
    content = models.JSONField(_("content"), default=dict)
    options = models.JSONField(_("options"), default=dict, editable=False)
    payload = models.JSONField(_("payload"), default=dict, editable=False)
    segments = models.PositiveIntegerField(_("segments"), null=True, editable=False)

    status: "models.CharField[str, StatusName]" = models.CharField(
        _("status"), max_length=16, choices=Status.choices
    )
    reason = models.CharField(
        _("reason"), max_length=20, choices=FailureReason.choices, blank=True, editable=False
    )
    error_code = models.CharField(_("error code"), max_length=32, blank=True)
    error_title = models.CharField(_("error"), max_length=200, blank=True)
    error_detail = models.TextField(_("error detail"), blank=True)
    price = models.DecimalField(_("price"), max_digits=20, decimal_places=10, null=True)
    price_as_received = models.CharField(_("price stated by Vonage"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=8, blank=True)
    pricing = models.JSONField(_("pricing"), default=dict, editable=False)

    related_type = models.ForeignKey(
        ContentType,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    related_id = models.CharField(max_length=RELATED_ID_LENGTH, blank=True)
    related = RelatedObject("related_type", "related_id")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    # A column of its own, because deleting a user empties ``created_by``.
    is_automatic = models.BooleanField(_("automatic"), default=False, editable=False)
    resend_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="resends",
        verbose_name=_("original message"),
    )
    workflow = models.ForeignKey(
        Workflow,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        db_index=False,
        verbose_name=_("workflow"),
    )
    # Messages that were left out of the request to Vonage have the last positions.
    workflow_position = models.PositiveSmallIntegerField(
        _("position in the workflow"), null=True, editable=False
    )
    idempotency_key = models.CharField(max_length=64, null=True, editable=False)
    idempotency_digest = models.CharField(max_length=64, blank=True, editable=False)

    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    occurred_at = models.DateTimeField(_("time stated by Vonage"), null=True, editable=False)
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        choices=Priority.choices,
        default=Priority.NORMAL,
        db_default=Priority.NORMAL,
        editable=False,
    )
    # A queued message with a reason is not sent.
    held_reason = models.CharField(
        _("held"),
        max_length=24,
        choices=HeldReason.choices,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    # The time that the site asked for. ``due_at`` is also the time of the next retry.
    send_at = models.DateTimeField(_("scheduled"), null=True, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, editable=False)
    # The address that was used instead of the customer's, because of REDIRECT_TO.
    redirected_to = models.CharField(
        _("redirected to"), max_length=64, blank=True, default="", db_default="", editable=False
    )
    is_retried = models.BooleanField(_("automatic retries"), default=False, editable=False)
    claim_token = models.UUIDField(null=True, editable=False)
    claim_expires_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0, editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    delivered_at = models.DateTimeField(_("delivered"), null=True, editable=False)
    read_at = models.DateTimeField(_("read"), null=True, editable=False)
    failed_at = models.DateTimeField(_("failed"), null=True, editable=False)
    marked_read_at = models.DateTimeField(_("marked as read"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = MessageManager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["conversation", "id"], name="vonage_msg_thread"),
            models.Index(
                fields=["status", "held_reason", "priority", "due_at", "id"],
                name="vonage_msg_queue",
            ),
            models.Index(fields=["related_type", "related_id"], name="vonage_msg_related"),
            models.Index(fields=["status", "-id"], name="vonage_msg_status"),
            models.Index(fields=["message_uuid"], name="vonage_msg_uuid"),
            models.Index(fields=["client_ref"], name="vonage_msg_client_ref"),
            models.Index(fields=["workflow", "workflow_position"], name="vonage_msg_workflow"),
        ]
        # Not unique=True, which adds a second index for LIKE on PostgreSQL.
        constraints = [
            models.UniqueConstraint(fields=["inbound_key"], name="vonage_msg_inbound_key"),
            models.UniqueConstraint(fields=["idempotency_key"], name="vonage_msg_idempotency"),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.get_channel_display()} {self.masked_address}"

    def __repr__(self) -> str:
        return f"<Message {self.pk} {self.direction} {self.status}>"

    @property
    def is_inbound(self) -> bool:
        return self.direction == Direction.INBOUND

    @property
    def masked_address(self) -> str:
        """The customer's address, with most characters hidden."""
        return mask(self.their_address)

    @property
    def sent_to(self) -> str:
        """The address in the request to Vonage: the customer's, or the one of REDIRECT_TO."""
        return self.redirected_to or self.their_address

    @property
    def media(self) -> list[Media]:
        """Files of the message, each with its ``url`` and ``caption``.

        Vonage deletes the files of inbound messages after 48 hours.
        """
        return media_of(self.content_type, self.content)

    @property
    def place(self) -> Place | None:
        """Geographical location in the message, or None."""
        return place_of(self.content_type, self.content)

    @property
    def summary(self) -> str:
        """Text of the message. If it has no text: the name of its location or template, or ""."""
        return summary_of(self.content_type, self.content)

    @property
    def is_held(self) -> bool:
        """Whether the message waits to be sent and no process may send it now."""
        return self.status in WAITING and bool(self.held_reason)

    @property
    def is_final(self) -> bool:
        """Whether no further change of the status is expected."""
        return self.status in FINAL

    @property
    def has_failed(self) -> bool:
        """Whether the status shows that the message will not reach the customer."""
        return self.status in FAILURES

    @property
    def error_info(self) -> ErrorCode | None:
        """Meaning and advice for ``error_code``, or None if this package does not know the code.

        None for an unconfirmed message: the code of the response does not show its outcome.
        """
        if self.status == Status.UNCONFIRMED:
            return None
        # A code can have one meaning in a status webhook and another one in an API response. If the
        # status is one of Vonage's, the code came in a status webhook.
        if self.status in statuses.RANKS:
            return get_error_code(self.error_code)
        return get_http_error(self.error_code)


Message._meta.get_field("related_id").register_lookup(EqualsPrimaryKey)

WAITING = (statuses.QUEUED, statuses.STANDBY)
"""Statuses of messages that are not sent yet."""
STOPPED = frozenset({statuses.CANCELLED, statuses.EXPIRED})
"""Statuses of messages that were never sent, and will not be sent."""
FAILURES = frozenset(
    {
        *STOPPED,
        statuses.FAILED,
        statuses.REJECTED,
        statuses.UNDELIVERABLE,
    }
)
ARRIVED = frozenset({statuses.DELIVERED, statuses.READ})
FINAL = FAILURES | ARRIVED | {statuses.RECEIVED}
