"""The contract of a backend: how one message leaves this process, once, and is acted on later."""

from dataclasses import dataclass, field
from typing import Any

from django_vonage_messages.conf import Account
from django_vonage_messages.content import Content
from django_vonage_messages.protocol.addresses import mask
from django_vonage_messages.protocol.outcomes import Outcome


@dataclass(frozen=True)
class OutgoingMessage:
    """What a backend is given: ``body`` is the JSON of the account's API version, ``content`` the
    value that it was made of, and ``text`` the words in that.
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
    """What is asked of a message that Vonage has: ``body`` is the JSON of API v1, and ``self_href``
    whatever the message itself says its address is.
    """

    message_uuid: str
    body: dict[str, Any]
    self_href: object = field(default=None, repr=False)


class BaseBackend:
    """A backend is made for one account, for each attempt, and must be cheap to make.

    ``__init__`` raises ImproperlyConfigured for an account it cannot serve. ``option_names`` are
    the keys it takes in OPTIONS; others are refused by name. ``supports_update`` says whether
    ``update()`` is there: a message can then be marked as read, or revoked.
    """

    option_names: frozenset[str] = frozenset()
    supports_update: bool = False

    def __init__(self, account: Account) -> None:
        self.account = account
        self.options = account.options
        for name in self.options:
            if name not in self.option_names:
                known = ", ".join(sorted(self.option_names)) or "none"
                account.error("OPTIONS", f"has an unknown option {name!r}; {type(self).__name__}"
                              f" knows {known}")  # fmt: skip

    def send(self, message: OutgoingMessage) -> Outcome:
        """Make exactly one attempt and return what is known after it. Never retries, never raises
        for a failure of the network or the API.
        """
        raise NotImplementedError

    def check_update(self) -> None:
        """Raise ImproperlyConfigured where the account lacks what ``update()`` needs."""

    def update(self, update: MessageUpdate) -> Outcome:
        """Ask once that something be done to a message, and return what is known after it: an
        outcome that is ``accepted`` is done. Never retries, never raises for a failure of the
        network or the API.
        """
        raise NotImplementedError
