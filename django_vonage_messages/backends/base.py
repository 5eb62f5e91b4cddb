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

    ``body`` is the body of the API request. ``content`` is the content object, such as ``Image``,
    and ``text`` is its text. ``reference`` is the hex form of ``Message.reference``.
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

    ``body`` is the body of the request to Messages API v1. ``self_href`` is the URL ``_self.href``
    from the webhook of an inbound message. It is None if there is no such URL.
    """

    message_uuid: str
    body: dict[str, Any]
    self_href: object = field(default=None, repr=False)


class BaseBackend:
    """Base class of all backends.

    An instance serves one account. Each attempt creates an instance, so ``__init__`` must be fast.
    ``__init__`` raises ImproperlyConfigured if the backend cannot serve the account.
    """

    option_names: frozenset[str] = frozenset()
    """Keys that the backend accepts in OPTIONS. Other keys raise ImproperlyConfigured."""
    supports_update: bool = False
    """Whether ``update()`` is implemented, so that messages can be marked as read and revoked."""
    sends_nothing: bool = False
    """Whether the backend sends nothing to Vonage. If True, ``check --deploy`` warns."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.options = account.options
        for name in self.options:
            if name not in self.option_names:
                known = ", ".join(sorted(self.option_names)) or "none"
                account.error("OPTIONS", f"has an unknown option {name!r}; the options of "
                              f"{type(self).__name__} are: {known}")  # fmt: skip

    def send(self, message: OutgoingMessage) -> Outcome:
        """Make exactly one attempt and return its outcome.

        Never retry. If the network or the API fails, return an outcome and do not raise. Return
        NotSent only if no byte has left this process, and Unconfirmed if the outcome is not known.
        If ``send()`` raises, the message becomes unconfirmed.
        """
        raise NotImplementedError

    def update(self, update: MessageUpdate) -> Outcome:
        """Make one request to change a message, and return its outcome.

        Never retry, and do not raise if the network or the API fails.
        """
        raise NotImplementedError

    def ensure_can_update(self) -> None:
        """Raise ImproperlyConfigured if the account lacks a setting that ``update()`` needs."""

    def check(self) -> list[CheckMessage]:
        """Return system check messages about this account, for ``manage.py check``.

        This method is called only if no other check found an error in the account. If a problem
        prevents all sends, raise ImproperlyConfigured in ``__init__`` instead: ``manage.py check``
        reports this exception too.
        """
        return []


def get_backend(account: Account) -> BaseBackend:
    """Return the account's backend. Raises ImproperlyConfigured if it cannot be used."""
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
