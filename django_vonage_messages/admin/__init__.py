"""The edge where staff work. Django's admin finds it by itself; nothing else imports it."""

from django_vonage_messages.admin.conversations.inbox import ConversationAdmin
from django_vonage_messages.admin.events import StatusEventAdmin
from django_vonage_messages.admin.messages.model_admin import MessageAdmin
from django_vonage_messages.admin.signal_dispatches import SignalDispatchAdmin
from django_vonage_messages.admin.suppressions import SuppressionAdmin
from django_vonage_messages.admin.webhooks import UnprocessedWebhookAdmin, WebhookRefusalAdmin
from django_vonage_messages.admin.workers import WorkerAdmin
from django_vonage_messages.admin.workflow_page import WorkflowAdmin

__all__ = [
    "ConversationAdmin",
    "MessageAdmin",
    "SignalDispatchAdmin",
    "StatusEventAdmin",
    "SuppressionAdmin",
    "UnprocessedWebhookAdmin",
    "WebhookRefusalAdmin",
    "WorkerAdmin",
    "WorkflowAdmin",
]
