"""``cancel_message()``, ``cancel_messages()`` and ``reschedule_message()``."""

from datetime import datetime
from functools import partial
from types import EllipsisType
from typing import Final

from django.db.models import Model, QuerySet

from django_vonage_messages.exceptions import InvalidMessage
from django_vonage_messages.models import Message, Status, StatusEvent
from django_vonage_messages.models.message import FAILURES, STOPPED, WAITING
from django_vonage_messages.services.db.transactions import (
    current_time,
    now,
    primary,
    run_committed,
    write_database,
)
from django_vonage_messages.services.history.events import (
    EventKey,
    lock_message,
    record_event,
    run_step,
)
from django_vonage_messages.services.history.executor import schedule_on_commit
from django_vonage_messages.services.history.suppressions import refuse_suppressed
from django_vonage_messages.services.history.workflows import pending_later
from django_vonage_messages.services.sending.validation import validate_times

SEND_AT: Final = "send_at"
"""Key in the payload of the event that records a new time. The value is None for "now"."""


def can_be_cancelled(message: Message) -> bool:
    """Return whether ``cancel_message()`` can cancel a message."""
    # started_at: the message was passed to Vonage.
    is_standby = message.status == Status.STANDBY and message.started_at is None
    return message.status == Status.QUEUED or is_standby


def can_be_rescheduled(message: Message) -> bool:
    """Return whether ``reschedule_message()`` can move or revive a message."""
    # A later message of a workflow cannot be revived: messages after it can be in progress.
    was_never_sent = (
        message.status in STOPPED
        and message.started_at is None
        and message.workflow_position in (None, 1)
    )
    is_stored = bool(message.content)  # vonage_prune deletes old content
    return message.status == Status.QUEUED or (was_never_sent and is_stored)


def cancel_message(message: Message, *, release_key: bool = False) -> bool:
    """Cancel a message that is ``queued``, or ``standby`` and not yet passed to Vonage.

    Return False if it is too late. ``message`` is refreshed from the database.

    With ``release_key``, the idempotency key of a cancelled message is free for a new message. The
    key of a message that is already ``cancelled`` or ``expired`` becomes free too, and the result
    is True.
    """
    return run_step(message, "cancel", partial(_cancel, release_key=release_key))


def cancel_messages(*, related: Model, release_key: bool = False) -> int:
    """Cancel all queued messages about an object, and return the number of cancelled messages.

    ``related`` is the object that was passed to ``queue_message`` or ``send_message``. Messages
    that ``cancel_message`` cannot cancel stay as they are. A message and its failover messages
    count as one. With ``release_key``, the idempotency keys of all ``cancelled`` and ``expired``
    messages about the object are free for new messages.

    Raises ValueError if the object is not saved.
    """
    messages = Message.objects.about(related).using(write_database())
    waiting = messages.filter(status__in=WAITING).order_by("pk")
    cancelled = sum(_cancel_stored(message) for message in list(waiting))
    if release_key:
        run_committed(partial(_release_keys, messages))
    return cancelled


def reschedule_message(
    message: Message,
    *,
    send_at: datetime | None,
    expires_at: datetime | EllipsisType | None = ...,
) -> bool:
    """Send a queued message at another time, or revive a message that was not sent.

    A ``cancelled`` or ``expired`` message that was never passed to Vonage is queued again, with its
    failover messages. ``send_at`` None means now. ``expires_at`` replaces the stored time, and None
    removes it. Without ``expires_at``, the stored time stays.

    Return False if it is too late, because the message was passed to Vonage, was resent, or its
    content was deleted. Return False for failover messages that are not ``queued``. ``message`` is
    refreshed from the database.

    Raises InvalidMessage if a time is invalid, or if the message would expire before ``send_at``.
    Raises RecipientSuppressed if the recipient is suppressed. The message is not changed then.
    """
    validate_times(send_at, None if isinstance(expires_at, EllipsisType) else expires_at)
    work = partial(_reschedule, send_at=send_at, expires_at=expires_at)
    return run_step(message, "reschedule", work)


def _cancel(pk: int, key: EventKey, *, release_key: bool) -> bool:
    message = lock_message(pk)
    cancelled = can_be_cancelled(message)
    if cancelled:
        record_event(message, StatusEvent.local(message, Status.CANCELLED, *key))
    if release_key and message.status in STOPPED:
        _release_keys(primary(Message).filter(pk=pk))
        return True
    return cancelled


def _cancel_stored(message: Message) -> bool:
    try:
        return cancel_message(message)
    except Message.DoesNotExist:  # deleted in the meantime
        return False


def _release_keys(messages: QuerySet[Message]) -> None:
    stopped = messages.filter(status__in=STOPPED, idempotency_key__isnull=False)
    stopped.update(idempotency_key=None, idempotency_digest="")


def _reschedule(
    pk: int,
    key: EventKey,
    *,
    send_at: datetime | None,
    expires_at: datetime | EllipsisType | None,
) -> bool:
    message = lock_message(pk)
    if not can_be_rescheduled(message) or _was_sent_again(message):
        return False
    if isinstance(expires_at, EllipsisType):
        expires_at = message.expires_at
        _refuse_stored_expiry(expires_at, send_at)
    failover = [] if message.workflow_id is None else list(pending_later(message))
    refuse_suppressed(
        (each.their_address, each.channel, each.our_address) for each in (message, *failover)
    )
    pks = [each.pk for each in failover]
    primary(Message).filter(pk__in=pks).update(expires_at=expires_at)
    _queue_again(message, send_at, expires_at)
    event = StatusEvent.local(message, Status.QUEUED, *key)
    event.payload = {SEND_AT: send_at and send_at.isoformat()}
    return record_event(message, event)


def _was_sent_again(message: Message) -> bool:
    resends = primary(Message).filter(resend_of_id=message.pk).exclude(status__in=FAILURES)
    return message.status in STOPPED and resends.exists()


def _refuse_stored_expiry(expires_at: datetime | None, send_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= (send_at or current_time()):
        text = (
            "The stored expires_at is not later than send_at, or is in the past: pass a later "
            "expires_at, or None to remove it."
        )
        raise InvalidMessage({"expires_at": [text]})


def _queue_again(message: Message, send_at: datetime | None, expires_at: datetime | None) -> None:
    # A process that has claimed the message cannot start it: the token is gone.
    columns = {
        "send_at": send_at,
        "due_at": send_at or now(),
        "expires_at": expires_at,
        "is_retried": True,
        "attempts": 0,
        "claim_token": None,
        "claim_expires_at": None,
        "started_at": None,
    }
    primary(Message).filter(pk=message.pk).update(**columns)
    message.refresh_from_db(using=write_database(), fields=columns)
    schedule_on_commit(message, send_at)
