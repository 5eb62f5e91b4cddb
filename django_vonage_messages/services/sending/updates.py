"""Functions that mark a message as read or revoke it."""

import logging
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
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
from django_vonage_messages.services.delivery.destinations import (
    NOT_ALLOWED_TITLE,
    Destination,
    destination_of,
)

REVOCABLE_FOR: Final = timedelta(hours=24)
"""Source: developer.vonage.com, "RCS Message Revocation" (November 2026)."""

logger = logging.getLogger("django_vonage_messages")


@dataclass(frozen=True)
class _Update:
    body: dict[str, Any]
    column: str  # of Message: the time when Vonage accepted the request
    done: str  # completes the sentence "The message was …"
    find_problem: Callable[[Message], str]  # returns "" if the message can be updated
    is_repeatable: bool = False


def mark_message_read(message: Message, *, typing: bool = False) -> None:
    """Mark a WhatsApp message from a customer as read, and refresh ``message``.

    If ``typing`` is True, WhatsApp also shows the customer that a reply is being written. A second
    call does nothing, unless ``typing`` is True. ``message.marked_read_at`` is the time when Vonage
    accepted the first request.

    The account must use API v1, and needs APPLICATION_ID and PRIVATE_KEY even if AUTH is "basic".
    In a transaction, the request is made after the commit, in the same process. An error after the
    commit is logged and not raised.

    Raises NotUpdatable if the message or its account does not support this. Raises UpdateFailed if
    Vonage did not accept the request. Raises UpdateUnconfirmed if it is not known whether Vonage
    accepted the request: it is safe to call the function again. Raises ImproperlyConfigured if a
    setting of the account is missing or wrong.
    """
    _update(message, _TYPING if typing else _READ)


def revoke_message(message: Message) -> None:
    """Ask Vonage to delete an RCS message from the customer's phone.

    Vonage deletes the message "if possible" (API reference). ``message.revoked_at`` is the time
    when Vonage accepted the request. A second call does nothing. Vonage revokes a message only
    within 24 hours: later, NotUpdatable is raised.

    The account needs the same settings as for ``mark_message_read``. The exceptions and the
    behaviour in a transaction are also the same.
    """
    _update(message, _REVOKED)


def can_be_marked_read(message: Message) -> bool:
    """Return whether ``mark_message_read`` would make a request."""
    return _is_possible(message, _READ)


def can_be_revoked(message: Message) -> bool:
    """Return whether ``revoke_message`` would make a request."""
    return _is_possible(message, _REVOKED)


def _mark_read_problem(message: Message) -> str:
    if not message.is_inbound or message.channel != Channel.WHATSAPP:
        return "Only a WhatsApp message from a customer can be marked as read."
    return _uuid_problem(message)


def _revoke_problem(message: Message) -> str:
    if message.is_inbound or message.channel != Channel.RCS:
        return "Only an RCS message to a customer can be revoked."
    if message.has_failed:
        return f"The message is {message.status}: it did not arrive, so it cannot be revoked."
    sent_at = message.accepted_at or message.started_at or message.created_at
    if message.revoked_at is None and timezone.now() - sent_at > REVOCABLE_FOR:
        hours = REVOCABLE_FOR // timedelta(hours=1)
        return f"The message was sent over {hours} hours ago. RCS allows no revocation after that."
    return _uuid_problem(message)


def _uuid_problem(message: Message) -> str:
    if is_usable_uuid(message.message_uuid or ""):
        return ""
    return "The message has no message_uuid from Vonage."


_CAUSES: Final = {
    "rejected": "the API rejected the request",
    "throttled": "the rate limit of the API was reached",
    "not_sent": "nothing was sent",
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
    except Exception:  # noqa: BLE001 -- a backend's __init__ may raise anything
        return False
    return True


def _is_done(message: Message, update: _Update) -> bool:
    return getattr(message, update.column) is not None and not update.is_repeatable


def _update(message: Message, update: _Update) -> None:
    columns = ["message_uuid", "status", "redirected_to", "accepted_at", update.column]
    message.refresh_from_db(using=write_database(), fields=columns)
    if problem := update.find_problem(message):
        raise NotUpdatable(f"No request was made. {problem}", message=message)
    backend = _backend_for(message)
    if _is_done(message, update):
        return
    if in_callers_transaction():
        on_commit(partial(_after_commit, message.pk, update))
    else:
        _request(message, update, backend)


def _after_commit(pk: int, update: _Update) -> None:
    try:
        _update(primary(Message).get(pk=pk), update)
    except VonageMessagesError as exc:
        logger.warning("Message %s was not %s: %s", pk, update.done, exc)
    except Exception as exc:  # noqa: BLE001 -- any exception belongs in the log
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Message %s was not %s: %s", pk, update.done, identify(exc)
        )


def _backend_for(message: Message) -> BaseBackend:
    account = get_account(message.account)
    if account.api_version != V1.name:
        raise NotUpdatable(
            f"No request was made. The account {account.alias!r} uses API {account.api_version}, "
            f"and only {V1.name} supports this: change API_VERSION.",
            message=message,
        )
    if not message.redirected_to and destination_of(message) != Destination():
        raise NotUpdatable(f"No request was made. {NOT_ALLOWED_TITLE}.", message=message)
    backend = get_backend(account)
    if not backend.supports_update:
        raise NotUpdatable(
            f"No request was made. The backend of the account {account.alias!r}, "
            f"{type(backend).__name__}, does not support this, because it has no update().",
            message=message,
        )
    backend.ensure_can_update()
    return backend


def _request(message: Message, update: _Update, backend: BaseBackend) -> None:
    href = get_self_href(message.payload) if message.is_inbound else None
    change = MessageUpdate(message.message_uuid or "", deepcopy(update.body), href)
    try:
        outcome = backend.update(change)
    except Exception as exc:  # noqa: BLE001 -- after any exception the outcome is not known
        raise UpdateUnconfirmed(
            f"The attempt failed, and it is not known whether the message was {update.done}. It is "
            f"safe to try again. {identify(exc)}",
            message=message,
        ) from None  # a traceback could quote the message
    if not outcome.is_accepted:
        raise _failure(outcome, message, update)
    wait = get_account(message.account).database_wait
    run_committed(partial(_store_time, message.pk, update), wait=wait)
    message.refresh_from_db(using=write_database(), fields=[update.column])


def _store_time(pk: int, update: _Update) -> None:
    rows = primary(Message).filter(pk=pk, **{f"{update.column}__isnull": True})
    rows.update(**{update.column: timezone.now()})


def _failure(outcome: Outcome, message: Message, update: _Update) -> VonageMessagesError:
    error = outcome.error
    details: dict[str, Any] = {"message": message, "error": error}
    if cause := _CAUSES.get(outcome.reason):
        text = f"The message was not {update.done}: {cause}. {error.text}"
        return UpdateFailed(text, reason=outcome.reason, retry_after=outcome.retry_after, **details)
    return UpdateUnconfirmed(
        f"It is not known whether the message was {update.done}. It is safe to try again. "
        f"{error.text}",
        **details,
    )
