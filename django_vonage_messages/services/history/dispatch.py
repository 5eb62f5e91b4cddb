"""Send signals, and store a signal for a retry if a receiver raises."""

import logging
from typing import Any, Final

from django.db import transaction
from django.db.models import Expression
from django.dispatch import Signal
from django.utils import timezone

from django_vonage_messages import signals
from django_vonage_messages.models import Message, SignalDispatch, StatusEvent
from django_vonage_messages.protocol.redaction import strings_in
from django_vonage_messages.services.db.errors import describe, identify
from django_vonage_messages.services.db.retries import begin_retry, locked_value, retry_pause
from django_vonage_messages.services.db.transactions import (
    TransactionUndone,
    is_deadlock,
    now,
    primary,
    run_committed,
    write_database,
)

logger = logging.getLogger("django_vonage_messages")

STATUS_CHANGED: Final = "message_status_changed"
RECEIVED: Final = "message_received"
MAX_DISPATCHES: Final = 20
"""Number of attempts after which a failed signal is not retried automatically."""


def dispatch_status_changed(message: Message, event: StatusEvent, previous_status: str) -> None:
    """Send the signal ``message_status_changed``."""
    _dispatch(STATUS_CHANGED, message, event, previous_status)


def dispatch_received(message: Message) -> None:
    """Send the signal ``message_received``."""
    _dispatch(RECEIVED, message, None, "")


def redispatch(dispatch: SignalDispatch) -> bool:
    """Send a failed signal again, and return whether all receivers succeeded."""
    dispatches = primary(SignalDispatch)
    unfinished = dispatches.filter(done_at=None)

    def work() -> bool:
        # done_at is committed together with the work of the receivers.
        taken = unfinished.filter(pk=dispatch.pk, attempts=dispatch.attempts)
        if not taken.update(done_at=timezone.now(), next_try_at=None):
            return not unfinished.filter(pk=dispatch.pk).exists()
        row = dispatches.select_related("message", "event").get(pk=dispatch.pk)
        error = _run_receivers(row.signal, row.message, row.event, row.previous_status)
        if error is None:
            return True
        dispatches.filter(pk=dispatch.pk).update(
            error=error, done_at=None, next_try_at=_next_try(dispatch.attempts)
        )
        return False

    try:
        if not begin_retry(dispatch, unfinished, _next_try(dispatch.attempts + 1)):
            return not unfinished.filter(pk=dispatch.pk).exists()
        # If done_at is not set, nothing of the receivers was committed: they can run again.
        return run_committed(
            work,
            is_committed=lambda: locked_value(dispatches, dispatch.pk, "done_at") is not None,
        )
    except Exception as exc:  # noqa: BLE001 -- one signal must not stop the others
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Failed signal %d could not be sent again: %s", dispatch.pk, identify(exc)
        )
        return False


def _next_try(attempts: int) -> Expression | None:
    return now() + retry_pause(attempts) if attempts < MAX_DISPATCHES else None


def _dispatch(name: str, message: Message, event: StatusEvent | None, previous_status: str) -> None:
    error = _run_receivers(name, message, event, previous_status)
    if error is not None:
        primary(SignalDispatch).create(
            signal=name,
            message=message,
            event=event,
            previous_status=previous_status,
            error=error,
            next_try_at=_next_try(1),
        )


def _run_receivers(
    name: str, message: Message, event: StatusEvent | None, previous_status: str
) -> str | None:
    """Run the receivers. Return a description of the error, or None."""
    signal: Signal = getattr(signals, name)
    if not signal.has_listeners(Message):
        return None
    arguments: dict[str, Any] = {"message": message}
    if name == STATUS_CHANGED:
        arguments |= {"event": event, "previous_status": previous_status}
    using = write_database()
    try:
        with transaction.atomic(using=using):
            # If one receiver raises, the work of all receivers is undone.
            signal.send(sender=Message, **arguments)
            _raise_hidden_failure(using)
    except Exception as exc:
        if is_deadlock(exc) and transaction.get_connection(using).errors_occurred:
            raise  # the whole transaction must run again
        if transaction.get_rollback(using):
            raise TransactionUndone(
                "The work of the receivers could not be undone alone."
            ) from None
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "A receiver of %s raised for message %s. The work of all receivers was undone: %s",
            name,
            message.reference,
            identify(exc),
        )
        signals.receiver_failed.send(sender=Message, exception=exc)
        # The description must not quote the message.
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
