"""Repair messages, signals and webhooks after a crash."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from django_vonage_messages.models import (
    FailureReason,
    Message,
    SignalDispatch,
    Status,
    StatusEvent,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.db.clock import now
from django_vonage_messages.services.db.transactions import primary, run_committed
from django_vonage_messages.services.delivery.built_in_executors import deliver_inline
from django_vonage_messages.services.delivery.pauses import exclude_senders, paused_senders
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.receiving.receive import replay_unprocessed

DELIVER_AFTER: Final = timedelta(minutes=1)
"""Time after which the process that queued a due message is assumed to have stopped."""
MAX_DISPATCHES: Final = 20
"""Number of attempts after which a failed signal is not retried automatically."""


@dataclass
class Reconciled:
    """Counts of one run of ``reconcile()``."""

    delivered: int = 0
    unconfirmed: int = 0  # messages whose attempt was interrupted
    dispatched: int = 0
    replayed: int = 0
    open_signals: int = 0  # failed signals that remain after the run
    open_webhooks: int = 0  # unprocessed webhooks that remain after the run

    def __str__(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')}: {n}" for name, n in asdict(self).items())


def reconcile(limit: int = 500, *, deliver: bool = True) -> Reconciled:
    """Do the work that a crash left undone. Return counts of finished and remaining work.

    Each kind of work handles at most ``limit`` messages, signals or webhooks.
    """
    done = Reconciled()
    done.unconfirmed = _end_expired_starts(limit)
    if deliver:
        done.delivered = _deliver_overdue(limit)
    done.dispatched, done.open_signals = _run_pending_receivers(limit)
    done.replayed, done.open_webhooks = replay_unprocessed(limit)
    return done


def _end_expired_starts(limit: int) -> int:
    expired = primary(Message).filter(status=Status.SENDING, claim_expires_at__lt=now())
    pks = list(expired.order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(run_committed(partial(_end_start, pk)) for pk in pks)


def _end_start(pk: int) -> bool:
    message = lock_message(pk)
    if message.status != Status.SENDING:
        return False
    event = StatusEvent.local(
        message,
        Status.UNCONFIRMED,
        "interrupted",
        str(message.claim_token),
        reason=FailureReason.INTERRUPTED,
        error=ErrorInfo(title="The attempt was interrupted"),
    )
    return record_event(message, event)


def _deliver_overdue(limit: int) -> int:
    due_before = now() - DELIVER_AFTER
    overdue = primary(Message).filter(status=Status.QUEUED, due_at__lt=due_before)
    rows = exclude_senders(overdue, paused_senders()).order_by("due_at", "pk")
    delivered = 0
    for pk, *sender in list(rows.values_list("pk", "account", "our_address")[:limit]):
        if tuple(sender) not in paused_senders():
            deliver_inline(pk)
            delivered += 1
    return delivered


def _run_pending_receivers(limit: int) -> tuple[int, int]:
    pending = primary(SignalDispatch).filter(done_at=None)
    due = pending.filter(attempts__lt=MAX_DISPATCHES).order_by("id")
    succeeded = [redispatch(dispatch) for dispatch in due[:limit]]
    return sum(succeeded), pending.count()
