"""Backends: classes that send messages."""

from django_vonage_messages.backends.base import (
    BaseBackend,
    MessageUpdate,
    OutgoingMessage,
    get_backend,
)
from django_vonage_messages.protocol.outcomes import (
    Accepted,
    NotSent,
    Outcome,
    Rejected,
    Throttled,
    Unconfirmed,
    Unsendable,
)

__all__ = [
    "Accepted",
    "BaseBackend",
    "MessageUpdate",
    "NotSent",
    "Outcome",
    "OutgoingMessage",
    "Rejected",
    "Throttled",
    "Unconfirmed",
    "Unsendable",
    "get_backend",
]
