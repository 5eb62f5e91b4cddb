"""Base class of the backends, and the arguments of their methods."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db import router
from django.utils.module_loading import import_string

from django_vonage_messages.conf import DEFAULT_ALIAS, Account
from django_vonage_messages.content import Content
from django_vonage_messages.options import Options
from django_vonage_messages.protocol.addresses import mask
from django_vonage_messages.protocol.outcomes import Outcome

if TYPE_CHECKING:
    from django_vonage_messages.models import Message

_http_allowed = 0
"""Number of open ``allow_http()`` blocks."""


@dataclass(frozen=True)
class OutgoingMessage:
    """A message for a backend to send.

    - ``body`` is the JSON of the API request.
    - ``content`` is the content object, such as ``Image``. ``text`` is the text or caption.
    - ``options`` is the options object, such as ``ViberOptions``, or None.
    - ``failover`` contains the next messages of the request, in order.
    - ``account`` is the alias of the account.
    - ``reference`` is ``Message.reference`` in hexadecimal. ``message`` is the stored row.
    """

    reference: str
    channel: str
    to: str
    sender: str
    text: str = field(repr=False)
    body: dict[str, Any] = field(repr=False)
    content: Content | None = field(default=None, repr=False)
    account: str = DEFAULT_ALIAS
    options: Options | None = field(default=None, repr=False)
    failover: tuple["OutgoingMessage", ...] = field(default=(), repr=False)

    @property
    def message(self) -> "Message":
        """The row of the message, loaded from the database at each access."""
        model = apps.get_model("vonage_messages", "Message")
        row: Message = model.objects.using(router.db_for_write(model)).get(reference=self.reference)
        return row

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

    @classmethod
    def for_test_run(cls, account: Account) -> "BaseBackend":
        """Return the backend that a test run uses, unless ``testing.allow_http()`` is active.

        By default, this is the configured backend. A backend that contacts Vonage returns
        ``TestRunBackend(account)`` of ``django_vonage_messages.backends.locmem``.
        """
        return cls(account)

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
    """Return the backend that sends the account's messages, or raise ImproperlyConfigured.

    In a test run, ``ApiBackend`` is replaced by a backend that sends nothing.
    """
    backend_class = _backend_class(account)
    return backend_class.for_test_run(account) if _is_guarded() else backend_class(account)


def is_test_run() -> bool:
    """Return whether Django runs tests."""
    # setup_test_environment() sets saved_data in Django 5.2 to 6.1. mail.outbox is no evidence: a
    # site whose mail backend is locmem has it too.
    utils = sys.modules.get("django.test.utils")
    return hasattr(getattr(utils, "_TestState", None), "saved_data")


@contextmanager
def allow_http() -> Iterator[None]:
    """Use the configured backends inside the block, also in a test run.

    A test with this context manager or decorator sends its messages to Vonage, unless the account's
    BACKEND or ``base_url`` is changed.
    """
    global _http_allowed
    _http_allowed += 1
    try:
        yield
    finally:
        _http_allowed -= 1


def get_configured_backend(account: Account) -> BaseBackend:
    """Return the account's backend, also in a test run, or raise ImproperlyConfigured."""
    return _backend_class(account)(account)


def _backend_class(account: Account) -> type[BaseBackend]:
    path = account.backend
    try:
        backend_class = import_string(path)
    except ImportError as exc:
        raise ImproperlyConfigured(
            f"VONAGE_MESSAGES[{account.alias!r}]['BACKEND'] cannot be imported: {path!r}."
        ) from exc
    if not (isinstance(backend_class, type) and issubclass(backend_class, BaseBackend)):
        account.error("BACKEND", f"is not a subclass of BaseBackend: {path!r}")
    return backend_class


def _is_guarded() -> bool:
    """Return whether Django runs tests, outside ``allow_http()``."""
    return not _http_allowed and is_test_run()
