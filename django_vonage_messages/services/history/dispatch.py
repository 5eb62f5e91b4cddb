"""Send signals: all receivers run in one savepoint of the transaction that stores the change.

If one receiver raises, the work of all receivers is undone, and the signal is stored for a retry.
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
    """Send ``message_status_changed``. If a receiver raises, store the signal for a retry."""
    _dispatch(STATUS_CHANGED, message, event, previous_status)


def dispatch_received(message: Message) -> None:
    """Send ``message_received``. If a receiver raises, store the signal for a retry."""
    _dispatch(RECEIVED, message, None, "")


def redispatch(dispatch: SignalDispatch) -> bool:
    """Retry all receivers of a failed signal. Return whether all succeeded.

    If all succeeded, ``done_at`` is committed together with the work of the receivers.
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
    """Run the receivers in a savepoint. Return None if no receiver raised an exception.

    Otherwise, undo the work of all receivers, and return a description of the exception without
    message text. If the whole transaction must run again, raise the database's exception (after a
    deadlock) or TransactionUndone (if the savepoint could not be rolled back alone).
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
            raise TransactionUndone(
                "The work of the receivers could not be undone alone."
            ) from None
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "A receiver of %s raised for message %s. All receivers will be retried: %s",
            name,
            message.reference,
            identify(exc),
        )
        return describe(exc, message.text, *strings_in([message.content, message.options]))
    return None


def _raise_hidden_failure(using: str) -> None:
    connection = transaction.get_connection(using)
    if connection.needs_rollback:
        raise RuntimeError(
            "A receiver caught a database error that had broken the transaction. Put the query "
            "that can fail into atomic(), or do not catch its error."
        )
    if connection.vendor == "postgresql":
        connection.check_constraints()  # deferred constraints would fail only at the commit
