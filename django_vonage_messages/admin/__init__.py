"""The ModelAdmins of the app.

Some functions have an argument ``full``. If it is False, they mask phone numbers and IDs.
"""

# Only the autodiscovery of Django's admin imports this package.

from django_vonage_messages.admin.conversations.inbox import ConversationAdmin
from django_vonage_messages.admin.messages.model_admin import MessageAdmin
from django_vonage_messages.admin.messages.timeline import StatusEventAdmin
from django_vonage_messages.admin.operations import (
    SignalDispatchAdmin,
    UnprocessedWebhookAdmin,
    WebhookRefusalAdmin,
    WorkerAdmin,
)
from django_vonage_messages.admin.suppressions import SuppressionAdmin
from django_vonage_messages.admin.workflows import WorkflowAdmin

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
