"""Vonage Messages API for Django."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_vonage_messages.services.sending.queue import queue_message
    from django_vonage_messages.services.sending.resend import resend_message, settle_message
    from django_vonage_messages.services.sending.schedule import (
        cancel_message,
        cancel_messages,
        reschedule_message,
    )
    from django_vonage_messages.services.sending.send import send_message
    from django_vonage_messages.services.sending.updates import mark_message_read, revoke_message

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "cancel_message",
    "cancel_messages",
    "mark_message_read",
    "queue_message",
    "reschedule_message",
    "resend_message",
    "revoke_message",
    "send_message",
    "settle_message",
]

_MODULES = {
    "cancel_message": "schedule",
    "cancel_messages": "schedule",
    "mark_message_read": "updates",
    "queue_message": "queue",
    "reschedule_message": "schedule",
    "resend_message": "resend",
    "revoke_message": "updates",
    "send_message": "send",
    "settle_message": "resend",
}


def __getattr__(name: str) -> Any:
    # PEP 562: an import on first use. The import of this package needs no settings.
    if name in _MODULES:
        module = import_module(f"django_vonage_messages.services.sending.{_MODULES[name]}")
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
