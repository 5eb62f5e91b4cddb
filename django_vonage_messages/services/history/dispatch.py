"""Running the receivers of a signal: all of them or none, in one savepoint of the fact's own
transaction.
"""

import logging
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone

from django_vonage_messages import signals
from django_vonage_messages.models import Message, SignalDispatch, StatusEvent
from django_vonage_messages.protocol.redaction import strings_in
from django_vonage_messages.services.db.errors import describe, identify
from django_vonage_messages.services.db.transactions import (
    TransactionUndone,
    is_deadlock,
    primary,
    run_committed,
    write_database,
)

logger = logging.getLogger("django_vonage_messages")

STATUS_CHANGED: Final = "message_status_changed"
RECEIVED: Final = "message_received"


def dispatch_status_changed(message: Message, event: StatusEvent, previous_status: str) -> None:
    """Send ``message_status_changed``; if a receiver raises, store that a retry is pending."""
    _dispatch(STATUS_CHANGED, message, event, previous_status)


def dispatch_received(message: Message) -> None:
    """Send ``message_received``; if a receiver raises, store that a retry is pending."""
    _dispatch(RECEIVED, message, None, "")


def redispatch(dispatch: SignalDispatch) -> bool:
    """Run all receivers of a failed signal again; return whether they all succeeded.

    On success ``done_at`` is committed together with the receivers' work.
    """

    def work() -> bool:
        taken = primary(SignalDispatch).filter(pk=dispatch.pk, done_at=None)
        if not taken.update(attempts=F("attempts") + 1, done_at=timezone.now()):
            return True
        row = primary(SignalDispatch).select_related("message", "event").get(pk=dispatch.pk)
        error = _run_receivers(row.signal, row.message, row.event, row.previous_status)
        if error is None:
            return True
        primary(SignalDispatch).filter(pk=dispatch.pk).update(error=error, done_at=None)
        return False

    return run_committed(work)


def _dispatch(name: str, message: Message, event: StatusEvent | None, previous_status: str) -> None:
    error = _run_receivers(name, message, event, previous_status)
    if error is not None:
        primary(SignalDispatch).create(
            signal=name,
            message=message,
            event=event,
            previous_status=previous_status,
            error=error,
        )


def _run_receivers(
    name: str, message: Message, event: StatusEvent | None, previous_status: str
) -> str | None:
    """Return None if every receiver succeeded, else the redacted error, with all of it undone.

    What only the whole transaction can mend, by being run again, is raised instead: a deadlock, or
    TransactionUndone where the receivers' work could not be undone alone.
    """
    signal: Signal = getattr(signals, name)
    if not signal.has_listeners(Message):
        return None
    arguments: dict[str, Any] = {"message": message}
    if name == STATUS_CHANGED:
        arguments |= {"event": event, "previous_status": previous_status}
    using = write_database()
    try:
        with transaction.atomic(using=using):
            signal.send(sender=Message, **arguments)
            _raise_hidden_failure(using)
    except Exception as exc:
        if is_deadlock(exc):
            raise
        if transaction.get_rollback(using):
            raise TransactionUndone("The receivers' work could not be undone alone.") from None
        logger.error(  # noqa: TRY400 -- a traceback or the words could quote the message
            "A receiver of %s raised for message %s; all receivers will be run again: %s",
            name,
            message.reference,
            identify(exc),
        )
        return describe(exc, message.text, *strings_in([message.content, message.options]))
    return None


def _raise_hidden_failure(using: str) -> None:
    """Raise what would undo the receivers' work without a word, or the event along with it."""
    connection = transaction.get_connection(using)
    if connection.needs_rollback:
        raise RuntimeError(
            "A receiver caught a database error that had already broken the transaction; it should "
            "let the error out, or put an atomic() of its own around what may fail."
        )
    if connection.vendor == "postgresql":
        connection.check_constraints()  # a deferred one would only fail at the commit
