"""Base class of the backends, and the arguments of their methods."""

from dataclasses import dataclass, field
from typing import Any

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from django_vonage_messages.conf import Account
from django_vonage_messages.content import Content
from django_vonage_messages.protocol.addresses import mask
from django_vonage_messages.protocol.outcomes import Outcome


@dataclass(frozen=True)
class OutgoingMessage:
    """A message for a backend to send.

    ``body`` is the JSON of the API request. ``content`` is the content object, such as ``Image``.
    ``text`` is the text or caption. ``reference`` is ``Message.reference`` in hexadecimal.
    """

    reference: str
    channel: str
    to: str
    sender: str
    text: str = field(repr=False)
    body: dict[str, Any] = field(repr=False)
    content: Content | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"<OutgoingMessage {self.reference} {self.channel} to {mask(self.to)}>"


@dataclass(frozen=True)
class MessageUpdate:
    """A request to mark a message as read or to revoke it.

    ``body`` is the JSON of the request. ``self_href`` is the URL ``_self.href`` from the webhook of
    an inbound message, or None.
    """

    message_uuid: str
    body: dict[str, Any]
    self_href: object = field(default=None, repr=False)


class BaseBackend:
    """Base class of all backends.

    Each attempt to send creates an instance for one account. ``__init__`` must be fast.
    ``__init__`` raises ImproperlyConfigured if a setting of the account is wrong.
    """

    option_names: frozenset[str] = frozenset()
    """Keys that the backend accepts in OPTIONS. Other keys raise ImproperlyConfigured."""
    supports_update: bool = False
    """Whether the class implements ``update()``."""
    sends_nothing: bool = False
    """Whether the backend sends nothing to Vonage. ``check --deploy`` then prints a warning."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.options = account.options
        for name in self.options:
            if name not in self.option_names:
                known = ", ".join(sorted(self.option_names)) or "none"
                account.error("OPTIONS", f"has an unknown option {name!r}; the options of "
                              f"{type(self).__name__} are: {known}")  # fmt: skip

    def send(self, message: OutgoingMessage) -> Outcome:
        """Try once to send the message, and return the outcome.

        Return an outcome even if the network or the API fails. Return NotSent only if no part of
        the request was sent. Return Unconfirmed if Vonage might have the message. If this method
        raises an exception, the message becomes unconfirmed.
        """
        raise NotImplementedError

    def update(self, update: MessageUpdate) -> Outcome:
        """Send one request to update a message, and return the outcome.

        Return an outcome even if the network or the API fails.
        """
        raise NotImplementedError

    def ensure_can_update(self) -> None:
        """Raise ImproperlyConfigured if a setting for ``update()`` is missing."""

    def check(self) -> list[CheckMessage]:
        """Return system check messages about the account, for ``manage.py check``.

        ``manage.py check`` calls this method only if the account's settings have no error.
        """
        return []


def get_backend(account: Account) -> BaseBackend:
    """Return the account's backend, or raise ImproperlyConfigured."""
    path = account.backend
    try:
        backend_class = import_string(path)
    except ImportError as exc:
        raise ImproperlyConfigured(
            f"VONAGE_MESSAGES[{account.alias!r}]['BACKEND'] cannot be imported: {path!r}."
        ) from exc
    if not (isinstance(backend_class, type) and issubclass(backend_class, BaseBackend)):
        account.error("BACKEND", f"is not a subclass of BaseBackend: {path!r}")
    return backend_class(account)
