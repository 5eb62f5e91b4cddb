"""Hold and release the messages that wait to be sent, for ``manage.py vonage_hold``."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet

from django_vonage_messages.models import (
    HeldReason,
    Message,
    SignalDispatch,
    Status,
    UnprocessedWebhook,
)
from django_vonage_messages.models.message import STOPPED, WAITING
from django_vonage_messages.services.db.transactions import primary, run_committed
from django_vonage_messages.services.delivery.destinations import destination_of
from django_vonage_messages.services.history.executor import schedule_on_commit
from django_vonage_messages.services.operations.deployment import adopt_database

BATCH: Final = 900
"""Number of messages in a transaction. Old versions of SQLite take 999 parameters."""


@dataclass(frozen=True)
class Released:
    """Counts of one batch of ``release_messages()``."""

    released: int
    not_allowed: int = 0


def hold_messages() -> Iterator[int]:
    """Hold all messages that wait to be sent, and yield the number of messages in each batch.

    At the end, record this database as the one that the site uses.
    """
    for batch in _batches():
        yield _change_reason(batch, "", HeldReason.HOLD)
    adopt_database()


def release_messages() -> Iterator[Released]:
    """Release the held messages that may be sent now, and yield counts of each batch.

    At the end, record this database as the one that the site uses.
    """
    for batch in _batches():
        forbidden = [each for each in batch if each.held_reason == HeldReason.NOT_ALLOWED]
        allowed = list(filter(_is_allowed, forbidden))
        released = _change_reason(batch, HeldReason.HOLD, "")
        released += _change_reason(allowed, HeldReason.NOT_ALLOWED, "")
        yield Released(released, len(forbidden) - len(allowed))
    for _ in _clear_stopped():
        yield Released(0)
    adopt_database()


def filter_held(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Return the messages that wait and are held."""
    # The columns of the index "vonage_msg_queue".
    return messages.filter(status__in=WAITING, held_reason__in=HeldReason.values)


def pending_receivers() -> tuple[int, int]:
    """Return the numbers of failed signals and unprocessed webhooks with a planned retry."""
    signals = primary(SignalDispatch).filter(next_try_at__isnull=False, done_at=None)
    webhooks = primary(UnprocessedWebhook).filter(next_try_at__isnull=False, processed_at=None)
    return signals.count(), webhooks.count()


def _batches() -> Iterator[list[Message]]:
    columns = ("account", "channel", "their_address", "status", "held_reason", "due_at")
    # First standby: a message that a failure queues meanwhile is then found as queued.
    for status in (Status.STANDBY, Status.QUEUED):
        last = 0
        # Without a condition on held_reason: with it, a planner can sort all rows for each batch.
        rows = primary(Message).filter(status=status).order_by("pk").only(*columns)
        while batch := list(rows.filter(pk__gt=last)[:BATCH]):
            last = batch[-1].pk
            yield batch


def _change_reason(batch: list[Message], old: str, new: str) -> int:
    messages = [message for message in batch if message.held_reason == old]
    pks = [message.pk for message in messages]
    rows = primary(Message).filter(pk__in=pks, status__in=WAITING, held_reason=old)

    def change() -> int:
        if not new:
            # The tasks that the EXECUTOR enqueued before did nothing while the messages were held.
            for message in messages:
                if message.status == Status.QUEUED:
                    schedule_on_commit(message, message.due_at)
        return rows.update(held_reason=new)

    return run_committed(change) if pks else 0


def _clear_stopped() -> Iterator[int]:
    # reschedule_message() can revive these messages.
    stopped = primary(Message).filter(status__in=STOPPED, held_reason__in=HeldReason.values)
    while pks := list(stopped.values_list("pk", flat=True)[:BATCH]):
        rows = stopped.filter(pk__in=pks)
        yield run_committed(partial(rows.update, held_reason=""))


def _is_allowed(message: Message) -> bool:
    try:
        return destination_of(message) is not None
    except ImproperlyConfigured:
        return False
