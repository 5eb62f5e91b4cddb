"""Base class of the backends, and the values that they are given."""

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
    """A message on its way to Vonage.

    ``body`` is the JSON of the account's API version, ``content`` the value that it was made from,
    and ``text`` the text in it.
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
    """A change to a message that Vonage has: mark it as read, or revoke it.

    ``body`` is the JSON of API v1. ``self_href`` is the message's own URL from its webhook, as
    received, if there was one.
    """

    message_uuid: str
    body: dict[str, Any]
    self_href: object = field(default=None, repr=False)


class BaseBackend:
    """Base class of all backends.

    An instance serves one account and is created for each attempt, so creating one must be cheap.
    ``__init__`` raises ImproperlyConfigured for an account that it cannot serve.
    """

    option_names: frozenset[str] = frozenset()
    """Keys that the backend accepts in OPTIONS. Others raise ImproperlyConfigured."""
    supports_update: bool = False
    """Whether ``update()`` is implemented, so that messages can be marked as read and revoked."""
    sends_nothing: bool = False
    """Whether messages never leave the site. ``check --deploy`` warns about such a backend."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.options = account.options
        for name in self.options:
            if name not in self.option_names:
                known = ", ".join(sorted(self.option_names)) or "none"
                account.error("OPTIONS", f"has an unknown option {name!r}; {type(self).__name__}"
                              f" knows {known}")  # fmt: skip

    def send(self, message: OutgoingMessage) -> Outcome:
        """Make exactly one attempt and return its outcome.

        Never retry. Return an outcome, and do not raise, if the network or the API fails: NotSent
        only if no byte has left this process, otherwise Unconfirmed. An exception that is raised
        all the same makes the message unconfirmed.
        """
        raise NotImplementedError

    def update(self, update: MessageUpdate) -> Outcome:
        """Request one change to a message and return the outcome: Accepted if it was made.

        Never retry, and do not raise if the network or the API fails.
        """
        raise NotImplementedError

    def ensure_can_update(self) -> None:
        """Raise ImproperlyConfigured if the account lacks a setting that ``update()`` needs."""

    def check(self) -> list[CheckMessage]:
        """Return system check messages about this account, for ``manage.py check``.

        It is called if the account has no error. A problem that prevents every send belongs in
        ``__init__``, which a check reports too.
        """
        return []


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
