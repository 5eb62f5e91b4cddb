"""The closed sets of words that columns hold, with their labels for people."""

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
    UNCONFIRMED = statuses.UNCONFIRMED, _("Unconfirmed")
    FAILED = statuses.FAILED, _("Failed")
    EXPIRED = statuses.EXPIRED, _("Expired")
    CANCELLED = statuses.CANCELLED, _("Cancelled")
    ACCEPTED = statuses.ACCEPTED, _("Accepted")
    SUBMITTED = statuses.SUBMITTED, _("Submitted")
    REJECTED = statuses.REJECTED, _("Rejected")
    UNDELIVERABLE = statuses.UNDELIVERABLE, _("Undeliverable")
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
    """Reason why this site did not hand a message to Vonage, or does not know if it did.

    Vonage's own reasons for a message that it accepted are error codes, and are not listed here.
    """

    REJECTED = "rejected", _("Vonage refused it")
    THROTTLED = "throttled", _("Vonage asked to wait")
    NOT_SENT = "not_sent", _("No connection to Vonage")
    UNSENDABLE = "unsendable", _("Cannot be sent in this form")
    UNCONFIRMED = "unconfirmed", _("The attempt broke off")
    INTERRUPTED = "interrupted", _("The attempt was interrupted")
    EXPIRED = "expired", _("Expired before it was sent")
    SUPPRESSED = "suppressed", _("The recipient is suppressed")
    SETTLED = "settled", _("Settled by hand")
    WORKFLOW_STOPPED = "workflow_stopped", _("Stopped with its workflow")


class FailoverBy(models.TextChoices):
    VONAGE = "vonage", _("Vonage")
    LOCAL = "local", _("This site")


class UnprocessedReason(models.TextChoices):
    UNUSABLE = "unusable", _("The body cannot be used")
    UNKNOWN_MESSAGE = "unknown_message", _("No message of ours matches")
    AMBIGUOUS_MESSAGE = "ambiguous_message", _("More than one message matches")
    FAILED = "failed", _("This site failed to apply it")
    WORKFLOW = "workflow", _("It is about a Dispatch workflow, not about one message")


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
"""Type of ``channel`` columns: a text, which compares equal to the member of the enumeration."""

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
