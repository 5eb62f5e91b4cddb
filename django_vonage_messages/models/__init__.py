"""Models of this app.

Messages, conversations, workflows, status events, suppressions, failed signals, unprocessed and
refused webhooks, workers.
"""

from django_vonage_messages.models.choices import (
    Channel,
    ConversationStatus,
    Direction,
    FailoverBy,
    FailureReason,
    HeldReason,
    Priority,
    Source,
    Status,
    UnprocessedReason,
)
from django_vonage_messages.models.conversation import Conversation
from django_vonage_messages.models.message import Message, MessageQuerySet
from django_vonage_messages.models.operations import (
    Deployment,
    PausedSender,
    SignalDispatch,
    UnprocessedWebhook,
    WebhookRefusal,
    Worker,
)
from django_vonage_messages.models.related import RelatedMessages
from django_vonage_messages.models.status_event import StatusEvent
from django_vonage_messages.models.suppression import Suppression
from django_vonage_messages.models.workflow import Workflow

__all__ = [
    "Channel",
    "Conversation",
    "ConversationStatus",
    "Deployment",
    "Direction",
    "FailoverBy",
    "FailureReason",
    "HeldReason",
    "Message",
    "MessageQuerySet",
    "PausedSender",
    "Priority",
    "RelatedMessages",
    "SignalDispatch",
    "Source",
    "Status",
    "StatusEvent",
    "Suppression",
    "UnprocessedReason",
    "UnprocessedWebhook",
    "WebhookRefusal",
    "Worker",
    "Workflow",
]
