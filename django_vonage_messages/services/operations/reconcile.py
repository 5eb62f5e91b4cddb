"""Repair messages, signals and webhooks after a crash."""

import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from math import inf
from typing import Final

from django.db.models import QuerySet

from django_vonage_messages.models import (
    FailureReason,
    Message,
    Priority,
    SignalDispatch,
    Status,
    StatusEvent,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.retries import LONGEST_RETRY_PAUSE, filter_due, locked_value
from django_vonage_messages.services.db.transactions import (
    now,
    primary,
    refuse_callers_transaction,
    run_committed,
)
from django_vonage_messages.services.delivery.built_in_executors import deliver_inline
from django_vonage_messages.services.delivery.claims import LEASE
from django_vonage_messages.services.delivery.pauses import exclude_senders, paused_senders
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.services.history.events import has_event, lock_message, record_event
from django_vonage_messages.services.operations.deployment import record_deployment
from django_vonage_messages.services.receiving.receive import replay_unprocessed

logger = logging.getLogger("django_vonage_messages")

DELIVER_AFTER: Final = timedelta(minutes=1)
"""Time after which the process that queued a due message is assumed to have stopped."""


@dataclass
class Reconciled:
    """Counts of one run of ``reconcile()``."""

    delivered: int = 0
    unconfirmed: int = 0  # messages whose attempt was interrupted
    dispatched: int = 0
    replayed: int = 0

    def counts(self) -> dict[str, int]:
        """Return the counts so far, by name."""
        return asdict(self)


def reconcile(limit: int = 500, *, deliver: bool = True) -> Reconciled:
    """Do the work that a crash left undone, and return counts of the finished work.

    Each kind of work handles at most ``limit`` messages, signals or webhooks.
    """
    *_, done = reconcile_in_steps(limit, deliver=deliver)
    return done


def reconcile_in_steps(
    limit: int = 500, *, deliver: bool = True, seconds: float = inf
) -> Iterator[Reconciled]:
    """Do the work of ``reconcile()``, and yield the counts so far after each step.

    Each kind of work takes at most ``seconds`` and one step more. The next call continues.
    """
    refuse_callers_transaction()
    record_deployment()
    done = Reconciled()
    for is_ended in _within(seconds, _end_expired_starts(limit)):
        done.unconfirmed += is_ended
        yield done
    for is_delivered in _within(seconds, _deliver_overdue(limit) if deliver else iter(())):
        done.delivered += is_delivered
        yield done
    for is_dispatched in _within(seconds, _run_pending_receivers(limit)):
        done.dispatched += is_dispatched
        yield done
    for is_applied in _within(seconds, replay_unprocessed(limit)):
        done.replayed += is_applied
        yield done
    yield done


def _within(seconds: float, steps: Iterator[bool]) -> Iterator[bool]:
    end = time.monotonic() + seconds
    for step in steps:
        yield step
        if time.monotonic() > end:
            return


def _end_expired_starts(limit: int) -> Iterator[bool]:
    columns = ("reference", "claim_token", "started_at", "claim_expires_at")
    messages = _expired_starts().only(*columns).order_by("claim_expires_at", "pk")
    return map(_end_expired_start, messages[:limit])


def _end_expired_start(message: Message) -> bool:
    # Committed first: a message that kills the process must not be the first message again.
    try:
        if not run_committed(
            partial(_postpone, message), is_committed=partial(_is_postponed, message)
        ):
            return False
        return run_committed(
            partial(_end_start, message),
            is_committed=partial(
                has_event, message.pk, StatusEvent.local_key(message, *_key(message))
            ),
        )
    except Exception as exc:  # noqa: BLE001 -- one message must not stop the others
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "The interrupted attempt of message %d could not be ended: %s",
            message.pk,
            identify(exc),
        )
        return False


def _expired_starts() -> QuerySet[Message]:
    return primary(Message).filter(status=Status.SENDING, claim_expires_at__lt=now())


def _postpone(message: Message) -> int:
    expired = _expired_starts().filter(pk=message.pk)
    return expired.update(claim_expires_at=now() + _pause(message))


def _is_postponed(message: Message) -> bool:
    expires_at = locked_value(primary(Message), message.pk, "claim_expires_at")
    return expires_at is not None and expires_at != message.claim_expires_at


def _key(message: Message) -> tuple[str, str]:
    return "interrupted", str(message.claim_token)


def _pause(message: Message) -> timedelta:
    # The pause doubles, because each pause adds to the time since started_at.
    if message.started_at is None or message.claim_expires_at is None:
        return LEASE
    return min(max(LEASE, message.claim_expires_at - message.started_at), LONGEST_RETRY_PAUSE)


def _end_start(expired: Message) -> bool:
    message = lock_message(expired.pk)
    # Another token: since the query, the message was queued again and claimed.
    if message.status != Status.SENDING or message.claim_token != expired.claim_token:
        return False
    event = StatusEvent.local(
        message,
        Status.UNCONFIRMED,
        *_key(message),
        reason=FailureReason.INTERRUPTED,
        error=ErrorInfo(title="The attempt was interrupted"),
    )
    return record_event(message, event)


def _deliver_overdue(limit: int) -> Iterator[bool]:
    for pk, *sender in _overdue(limit):
        if tuple(sender) not in paused_senders():
            deliver_inline(pk)
            yield True


def _overdue(limit: int) -> list[tuple[int, str, str]]:
    messages = primary(Message).filter(
        status=Status.QUEUED, held_reason="", due_at__lt=now() - DELIVER_AFTER
    )
    overdue = exclude_senders(messages, paused_senders())
    # One query for each priority, so that the index of the queue gives the order.
    searches = [
        overdue.filter(priority=priority, claim_token=None).order_by("due_at", "pk")
        for priority in Priority.values
    ]
    # An expired claim is an attempt that ended before its start. Such messages come last.
    tried = overdue.filter(priority__in=Priority.values, claim_expires_at__lt=now())
    found: list[tuple[int, str, str]] = []
    for messages in (*searches, tried.order_by("claim_expires_at", "pk")):
        columns = messages.values_list("pk", "account", "our_address")
        found += columns[: limit - len(found)]
    return found


def _run_pending_receivers(limit: int) -> Iterator[bool]:
    return map(redispatch, filter_due(_open_signals())[:limit])


def _open_signals() -> QuerySet[SignalDispatch]:
    return primary(SignalDispatch).filter(done_at=None)
