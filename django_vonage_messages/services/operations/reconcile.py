"""Finishing what a crash left behind: nothing stays queued, sending or owed."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from django_vonage_messages.models import Message, SignalDispatch, Source, StatusEvent
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import statuses
from django_vonage_messages.services.db.clock import DatabaseNow
from django_vonage_messages.services.db.transactions import run_committed, write_database
from django_vonage_messages.services.delivery.deliver import deliver_after_commit
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.receiving.replay import replay_unprocessed

OVERDUE: Final = timedelta(minutes=1)
"""How long after it was due a message counts as forgotten by the process that queued it."""
MAX_DISPATCHES: Final = 20
"""Runs after which the receivers of a failed signal wait for a person."""


@dataclass
class Reconciled:
    """What a sweep did; ``unconfirmed`` and the two ``open`` counts are what needs a person."""

    delivered: int = 0
    unconfirmed: int = 0
    dispatched: int = 0
    replayed: int = 0
    open_signals: int = 0
    open_webhooks: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')}: {n}" for name, n in asdict(self).items())


def reconcile(limit: int = 500, *, deliver: bool = True) -> Reconciled:
    """Sweep once, over at most ``limit`` rows of each kind, and say what was done.

    ``deliver=False`` leaves overdue messages to a worker, which claims them anyway.
    """
    using = write_database()
    done = Reconciled()
    done.unconfirmed = _end_expired_starts(limit, using)
    if deliver:
        done.delivered = _deliver_overdue(limit, using)
    done.dispatched, done.open_signals = _run_owed_receivers(limit, using)
    done.replayed, done.open_webhooks = replay_unprocessed(limit, using)
    return done


def _end_expired_starts(limit: int, using: str) -> int:
    """A start whose lease ran out has an outcome that nobody knows: unconfirmed, for good."""
    expired = Message.objects.using(using).filter(
        status=statuses.SENDING, claim_expires_at__lt=DatabaseNow()
    )
    pks = list(expired.order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(run_committed(partial(_end_start, pk, using), using) for pk in pks)


def _end_start(pk: int, using: str) -> bool:
    message = lock_message(pk, using)
    if message.status != statuses.SENDING:
        return False
    event = StatusEvent(
        source=Source.LOCAL,
        status=statuses.UNCONFIRMED,
        error_title="The attempt was interrupted",
        dedupe_key=key_of("interrupted", message.reference.hex, str(message.claim_token)),
    )
    return record_event(message, event, using)


def _deliver_overdue(limit: int, using: str) -> int:
    overdue = Message.objects.using(using).filter(
        status=statuses.QUEUED, due_at__lt=DatabaseNow() - OVERDUE
    )
    pks = list(overdue.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])
    for pk in pks:
        deliver_after_commit(pk)
    return len(pks)


def _run_owed_receivers(limit: int, using: str) -> tuple[int, int]:
    owed = SignalDispatch.objects.using(using).filter(done_at=None)
    due = owed.filter(attempts__lt=MAX_DISPATCHES).order_by("id")
    succeeded = [redispatch(dispatch, using) for dispatch in due[:limit]]
    return sum(succeeded), owed.count()
