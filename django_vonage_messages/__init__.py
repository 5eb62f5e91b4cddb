"""Vonage Messages API for Django."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_vonage_messages.services.operations.due import deliver_due
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
    "deliver_due",
    "mark_message_read",
    "queue_message",
    "reschedule_message",
    "resend_message",
    "revoke_message",
    "send_message",
    "settle_message",
]

_MODULES = {
    "cancel_message": "sending.schedule",
    "cancel_messages": "sending.schedule",
    "deliver_due": "operations.due",
    "mark_message_read": "sending.updates",
    "queue_message": "sending.queue",
    "reschedule_message": "sending.schedule",
    "resend_message": "sending.resend",
    "revoke_message": "sending.updates",
    "send_message": "sending.send",
    "settle_message": "sending.resend",
}


def __getattr__(name: str) -> Any:
    # PEP 562: an import on first use. The import of this package needs no settings.
    if name in _MODULES:
        module = import_module(f"django_vonage_messages.services.{_MODULES[name]}")
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
