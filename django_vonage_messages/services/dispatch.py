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
from django_vonage_messages.services.errors import describe
from django_vonage_messages.services.transactions import is_deadlock, run_committed

logger = logging.getLogger("django_vonage_messages")

STATUS_CHANGED: Final = "message_status_changed"
RECEIVED: Final = "message_received"


def dispatch_status_changed(
    message: Message, event: StatusEvent, previous_status: str, using: str
) -> None:
    """Send ``message_status_changed``; if a receiver raises, remember that it is owed."""
    _dispatch(STATUS_CHANGED, message, event, previous_status, using)


def dispatch_received(message: Message, using: str) -> None:
    """Send ``message_received``; if a receiver raises, remember that it is owed."""
    _dispatch(RECEIVED, message, None, "", using)


def redispatch(owed: SignalDispatch, using: str) -> bool:
    """Run all receivers of a failed signal again; return whether they all succeeded.

    On success ``done_at`` is committed together with the receivers' work.
    """

    def work() -> bool:
        taken = SignalDispatch.objects.using(using).filter(pk=owed.pk, done_at=None)
        if not taken.update(attempts=F("attempts") + 1, done_at=timezone.now()):
            return True
        error = _run_receivers(owed.signal, owed.message, owed.event, owed.previous_status, using)
        if error is None:
            return True
        SignalDispatch.objects.using(using).filter(pk=owed.pk).update(error=error, done_at=None)
        return False

    return run_committed(work, using)


def _dispatch(
    name: str, message: Message, event: StatusEvent | None, previous_status: str, using: str
) -> None:
    error = _run_receivers(name, message, event, previous_status, using)
    if error is not None:
        SignalDispatch.objects.using(using).create(
            signal=name,
            message=message,
            event=event,
            previous_status=previous_status,
            error=error,
        )


def _run_receivers(
    name: str, message: Message, event: StatusEvent | None, previous_status: str, using: str
) -> str | None:
    """Return None if every receiver succeeded, else the redacted error, with all of it undone.

    A deadlock is raised instead, since only the whole transaction can be run again.
    """
    signal: Signal = getattr(signals, name)
    if not signal.has_listeners(Message):
        return None
    arguments: dict[str, Any] = {"message": message}
    if name == STATUS_CHANGED:
        arguments |= {"event": event, "previous_status": previous_status}
    try:
        with transaction.atomic(using=using):
            signal.send(sender=Message, **arguments)
    except Exception as exc:
        if is_deadlock(exc):
            raise
        error = describe(exc, message.text)
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "A receiver of %s raised for message %s; all receivers will be run again: %s",
            name,
            message.reference,
            error,
        )
        return error
    return None
