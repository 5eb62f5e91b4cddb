"""Backends: how a message leaves the process. BACKEND of an account names one by dotted path."""

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from django_vonage_messages.backends.base import BaseBackend, MessageUpdate, OutgoingMessage
from django_vonage_messages.conf import Account

__all__ = ["BaseBackend", "MessageUpdate", "OutgoingMessage", "get_backend"]


def get_backend(account: Account) -> BaseBackend:
    """Return the account's backend. Raises ImproperlyConfigured naming the alias and the key."""
    path = account.backend
    try:
        backend_class = import_string(path)
    except ImportError as exc:
        raise ImproperlyConfigured(
            f"VONAGE_MESSAGES[{account.alias!r}]['BACKEND'] cannot be imported: {path!r}."
        ) from exc
    if not (isinstance(backend_class, type) and issubclass(backend_class, BaseBackend)):
        account.error("BACKEND", f"is no BaseBackend: {path!r}")
    return backend_class(account)
