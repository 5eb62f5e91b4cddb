"""Find overdue messages and stopped workers, by the database's clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from django_vonage_messages.models import Message, PausedSender, Priority, Status, Worker
from django_vonage_messages.services.db.transactions import now, primary
from django_vonage_messages.services.delivery.pauses import notable_pauses

OVERDUE_AFTER: Final = timedelta(minutes=2)
"""Time after which a due message is shown as overdue."""
STALE_AFTER: Final = timedelta(minutes=1)
"""Time without heartbeats after which a worker counts as stopped. The interval is 10 seconds."""


@dataclass(frozen=True)
class QueuedState:
    """Reasons why a queued message waits.

    A message is overdue if it was due over two minutes ago, is not claimed and its sender is not
    paused. A process claims a message before it sends the message.
    """

    is_due: bool = False
    is_overdue: bool = False
    has_worker: bool = False  # a worker is running
    paused_until: datetime | None = None


def queued_states(messages: Iterable[Message]) -> dict[int, QueuedState]:
    """Return the state of each queued message, in a dict by message id."""
    pks = [message.pk for message in messages if message.status == Status.QUEUED]
    if not pks:
        return {}
    rows = (
        primary(Message)
        .filter(pk__in=pks)
        .annotate(
            is_due=_as_column(Q(due_at__lte=now())),
            is_overdue=_as_column(_overdue()),
            has_worker=Exists(_running(primary(Worker))),
            paused_until=_pauses().values("until")[:1],
        )
    )
    columns = ("pk", "is_due", "is_overdue", "has_worker", "paused_until")
    return {pk: QueuedState(*state) for pk, *state in rows.values_list(*columns)}


def mark_stale(workers: "QuerySet[Worker]") -> "QuerySet[Any]":
    """Add the attribute ``is_stale`` to workers: the last heartbeat is over a minute old."""
    return workers.annotate(is_stale=_as_column(Q(seen_at__lt=now() - STALE_AFTER)))


def filter_overdue(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Return the overdue messages.

    While a worker runs, return an empty queryset: the worker sends the messages.
    """
    at_work = _running(Worker.objects.using(messages.db))
    return messages.filter(_overdue()).exclude(Exists(at_work))


def _overdue() -> Q:
    unclaimed = Q(claim_expires_at=None) | Q(claim_expires_at__lte=now())
    return (
        unclaimed
        & ~Exists(_pauses())
        & Q(
            # The columns of the index "vonage_msg_queue".
            status=Status.QUEUED,
            held_reason="",
            priority__in=Priority.values,
            due_at__lt=now() - OVERDUE_AFTER,
        )
    )


def _pauses() -> "QuerySet[PausedSender]":
    return notable_pauses().filter(account=OuterRef("account"), our_address=OuterRef("our_address"))


def _running(workers: "QuerySet[Worker]") -> "QuerySet[Worker]":
    return workers.filter(seen_at__gte=now() - STALE_AFTER)


def _as_column(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())
