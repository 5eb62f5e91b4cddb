"""Choices of model columns, and ``Literal`` types for type checkers."""

from typing import Literal

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.protocol import statuses


class Channel(models.TextChoices):
    SMS = "sms", _("SMS")
    MMS = "mms", _("MMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    VIBER = "viber", _("Viber")
    MESSENGER = "messenger", _("Messenger")
    RCS = "rcs", _("RCS")


class Direction(models.TextChoices):
    INBOUND = "inbound", _("Inbound")
    OUTBOUND = "outbound", _("Outbound")


class Status(models.TextChoices):
    QUEUED = statuses.QUEUED, _("Queued")
    STANDBY = statuses.STANDBY, _("On standby")
    SENDING = statuses.SENDING, _("Sending")
    UNCONFIRMED = statuses.UNCONFIRMED, _("Not known if sent")
    FAILED = statuses.FAILED, _("Not sent")
    EXPIRED = statuses.EXPIRED, _("Expired")
    CANCELLED = statuses.CANCELLED, _("Cancelled")
    ACCEPTED = statuses.ACCEPTED, _("Sent")
    SUBMITTED = statuses.SUBMITTED, _("Sent to carrier")
    REJECTED = statuses.REJECTED, _("Did not arrive: rejected")
    UNDELIVERABLE = statuses.UNDELIVERABLE, _("Did not arrive")
    DELIVERED = statuses.DELIVERED, _("Delivered")
    READ = statuses.READ, _("Read")
    RECEIVED = statuses.RECEIVED, _("Received")


class ConversationStatus(models.TextChoices):
    OPEN = "open", _("Open")
    SNOOZED = "snoozed", _("Snoozed")
    CLOSED = "closed", _("Closed")


class Source(models.TextChoices):
    VONAGE = "vonage", _("Vonage")
    LOCAL = "local", _("This site")


class FailureReason(models.TextChoices):
    """Reason why a message was not sent, or why it is not known whether it was sent.

    If Vonage accepted the message, ``Message.error_code`` shows the reason for a failure instead.
    """

    REJECTED = "rejected", _("Rejected by Vonage")
    THROTTLED = "throttled", _("Rate limit reached")
    NOT_SENT = "not_sent", _("No connection to Vonage")
    UNSENDABLE = "unsendable", _("Content or options not supported")
    UNCONFIRMED = "unconfirmed", _("No clear answer from Vonage")
    INTERRUPTED = "interrupted", _("Attempt interrupted")
    EXPIRED = "expired", _("Expired before it was sent")
    SUPPRESSED = "suppressed", _("Recipient is suppressed")
    NOT_ALLOWED = "not_allowed", _("Recipient not in ALLOWED_RECIPIENTS")
    SETTLED = "settled", _("Outcome recorded by staff or a program")
    WORKFLOW_STOPPED = "workflow_stopped", _("Workflow stopped")


class HeldReason(models.TextChoices):
    """Reason why a queued message is not sent for now."""

    HOLD = "hold", _("Held by vonage_hold")
    NOT_ALLOWED = "not_allowed", _("Recipient not in ALLOWED_RECIPIENTS")


class Priority(models.IntegerChoices):
    """Order of the queue: messages with a lower number are sent first."""

    ANSWER = 10, _("Answer by a person")
    NORMAL = 20, _("Normal")


class FailoverBy(models.TextChoices):
    VONAGE = "vonage", _("Vonage")
    LOCAL = "local", _("This site")


class UnprocessedReason(models.TextChoices):
    UNUSABLE = "unusable", _("Invalid body")
    UNKNOWN_MESSAGE = "unknown_message", _("No matching message")
    AMBIGUOUS_MESSAGE = "ambiguous_message", _("More than one matching message")
    FAILED = "failed", _("Error on this site")
    WORKFLOW = "workflow", _("Status of a Dispatch workflow, not of a message")


ChannelName = Literal[
    "sms",
    Channel.SMS,
    "mms",
    Channel.MMS,
    "whatsapp",
    Channel.WHATSAPP,
    "viber",
    Channel.VIBER,
    "messenger",
    Channel.MESSENGER,
    "rcs",
    Channel.RCS,
]
"""Type of a ``channel`` column: a text, or the member of ``Channel`` with this value."""

DirectionName = Literal[
    "inbound",
    Direction.INBOUND,
    "outbound",
    Direction.OUTBOUND,
]

StatusName = Literal[
    "queued",
    Status.QUEUED,
    "standby",
    Status.STANDBY,
    "sending",
    Status.SENDING,
    "unconfirmed",
    Status.UNCONFIRMED,
    "failed",
    Status.FAILED,
    "expired",
    Status.EXPIRED,
    "cancelled",
    Status.CANCELLED,
    "accepted",
    Status.ACCEPTED,
    "submitted",
    Status.SUBMITTED,
    "rejected",
    Status.REJECTED,
    "undeliverable",
    Status.UNDELIVERABLE,
    "delivered",
    Status.DELIVERED,
    "read",
    Status.READ,
    "received",
    Status.RECEIVED,
]
