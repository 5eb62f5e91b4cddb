"""Acting on a message that Vonage has: telling a customer that it was read, and revoking one."""

import logging
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from django.utils import timezone

from django_vonage_messages.backends import BaseBackend, MessageUpdate, get_backend
from django_vonage_messages.conf import get_account
from django_vonage_messages.exceptions import (
    NotUpdatable,
    UpdateFailed,
    UpdateUnconfirmed,
    VonageMessagesError,
)
from django_vonage_messages.models import Channel, Message
from django_vonage_messages.protocol.outcomes import Outcome
from django_vonage_messages.protocol.v1 import update_requests
from django_vonage_messages.protocol.v1.update_requests import get_self_href, is_usable_uuid
from django_vonage_messages.protocol.versions import V1
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import (
    in_callers_transaction,
    on_commit,
    primary,
    run_committed,
    write_database,
)

logger = logging.getLogger("django_vonage_messages")


@dataclass(frozen=True)
class _Update:
    """A change to request, once unless it ``is_repeatable``. ``column`` stores when Vonage took it,
    ``done`` names it in texts, and ``find_problem`` returns why a message cannot have it, or "".
    """

    body: dict[str, Any]
    column: str
    done: str
    find_problem: Callable[[Message], str]
    is_repeatable: bool = False


def mark_message_read(message: Message, *, typing: bool = False) -> None:
    """Tell a customer that their WhatsApp message was read.

    With ``typing`` they are also shown that an answer is being written. ``marked_read_at`` keeps
    when Vonage took it; a message that has it is left alone, except that ``typing`` can be shown
    again. ``message`` is refreshed.

    It takes an account of API v1 with APPLICATION_ID and PRIVATE_KEY, even where AUTH is "basic".
    Inside a transaction of the caller it is done after the commit, in that process whatever the
    EXECUTOR is: a failure is then one line in the log, not an exception.

    Raises NotUpdatable (nothing was asked), UpdateFailed (also for a message that Vonage does not
    know), UpdateUnconfirmed (asking again is safe), and ImproperlyConfigured for an account that is
    not usable.
    """
    _update(message, _TYPING if typing else _READ)


def revoke_message(message: Message) -> None:
    """Ask for an RCS message to be taken back, which Vonage does "if possible".

    ``revoked_at`` keeps when Vonage took the request, and a message that has it is left alone.
    What it takes, what happens inside a transaction and what is raised is as with
    ``mark_message_read``.
    """
    _update(message, _REVOKED)


def can_be_marked_read(message: Message) -> bool:
    """Whether ``mark_message_read`` has something to do, by what is known here. No query."""
    return _is_possible(message, _READ)


def can_be_revoked(message: Message) -> bool:
    """Whether ``revoke_message`` has something to do, by what is known here. No query."""
    return _is_possible(message, _REVOKED)


def _mark_read_problem(message: Message) -> str:
    if not message.is_inbound or message.channel != Channel.WHATSAPP:
        return "Only a WhatsApp message from a customer can be marked as read."
    return _uuid_problem(message)


def _revoke_problem(message: Message) -> str:
    if message.is_inbound or message.channel != Channel.RCS:
        return "Only an RCS message to a customer can be revoked."
    if message.has_failed:
        return f"A message that is {message.status} did not arrive, and is not revoked."
    return _uuid_problem(message)


def _uuid_problem(message: Message) -> str:
    if is_usable_uuid(message.message_uuid or ""):
        return ""
    return "The message has no message_uuid of Vonage's, so Vonage cannot be asked about it."


_CAUSES: Final = {
    "rejected": "the API refused",
    "throttled": "the API asks to wait before asking again",
    "not_sent": "nothing left this process",
}
_READ: Final = _Update(
    update_requests.MARK_READ, "marked_read_at", "marked as read", _mark_read_problem
)
_TYPING: Final = replace(_READ, body=update_requests.SHOW_TYPING, is_repeatable=True)
_REVOKED: Final = _Update(update_requests.REVOKE, "revoked_at", "revoked", _revoke_problem)


def _is_possible(message: Message, update: _Update) -> bool:
    if _is_done(message, update) or update.find_problem(message):
        return False
    try:
        _backend_for(message)
    except Exception:  # noqa: BLE001 -- a backend may raise what it likes when it is made
        return False
    return True


def _is_done(message: Message, update: _Update) -> bool:
    return getattr(message, update.column) is not None and not update.is_repeatable


def _update(message: Message, update: _Update) -> None:
    """Refuse what cannot be; do the rest now, or after the caller's commit."""
    message.refresh_from_db(
        using=write_database(), fields=["message_uuid", "status", update.column]
    )
    if problem := update.find_problem(message):
        raise NotUpdatable(f"Nothing was asked of Vonage. {problem}", message=message)
    backend = _backend_for(message)
    if _is_done(message, update):
        return
    if in_callers_transaction():
        on_commit(partial(_after_commit, message.pk, update))
    else:
        _request(message, update, backend)


def _after_commit(pk: int, update: _Update) -> None:
    """Do what was asked for in a transaction, where nothing can be raised to anyone."""
    try:
        _update(primary(Message).get(pk=pk), update)
    except VonageMessagesError as exc:
        logger.warning("Message %s was not %s: %s", pk, update.done, exc)
    except Exception as exc:  # noqa: BLE001 -- whatever it is, its place is the log
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Message %s was not %s: %s", pk, update.done, identify(exc)
        )


def _backend_for(message: Message) -> BaseBackend:
    """Return the backend that can do it. Raises NotUpdatable and ImproperlyConfigured."""
    account = get_account(message.account)
    if account.api_version != V1.name:
        raise NotUpdatable(
            f"Nothing was asked of Vonage. The account {account.alias!r} speaks API "
            f"{account.api_version}, and only {V1.name} can do this.",
            message=message,
        )
    backend = get_backend(account)
    if not backend.supports_update:
        raise NotUpdatable(
            f"Nothing was asked of Vonage. The backend of the account {account.alias!r}, "
            f"{type(backend).__name__}, cannot do this: it has no update().",
            message=message,
        )
    backend.ensure_can_update()
    return backend


def _request(message: Message, update: _Update, backend: BaseBackend) -> None:
    href = get_self_href(message.payload) if message.is_inbound else None
    change = MessageUpdate(message.message_uuid or "", deepcopy(update.body), href)
    try:
        outcome = backend.update(change)
    except Exception as exc:  # noqa: BLE001 -- whatever it is, the outcome is not known
        raise UpdateUnconfirmed(
            f"The attempt broke off, so it is not known whether the message was {update.done}. "
            f"Asking again is safe. {identify(exc)}",
            message=message,
        ) from None  # a traceback of others' words could quote the message
    if not outcome.is_accepted:
        raise _failure(outcome, message, update)
    run_committed(partial(_store_time, message.pk, update))
    message.refresh_from_db(using=write_database(), fields=[update.column])


def _store_time(pk: int, update: _Update) -> None:
    """Keep the first time that Vonage took it: typing may be shown more than once."""
    rows = primary(Message).filter(pk=pk, **{f"{update.column}__isnull": True})
    rows.update(**{update.column: timezone.now()})


def _failure(outcome: Outcome, message: Message, update: _Update) -> VonageMessagesError:
    error = outcome.error
    details: dict[str, Any] = {"message": message, "error": error}
    if cause := _CAUSES.get(outcome.reason):
        text = f"The message was not {update.done}: {cause}. {error.text}"
        return UpdateFailed(text, reason=outcome.reason, retry_after=outcome.retry_after, **details)
    return UpdateUnconfirmed(
        f"It is not known whether the message was {update.done}. Asking again is safe. "
        f"{error.text}",
        **details,
    )
