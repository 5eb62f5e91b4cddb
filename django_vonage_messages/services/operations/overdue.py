"""Find overdue messages and stopped workers."""

from datetime import timedelta
from typing import Final

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from django_vonage_messages.models import Message, Status, Worker

OVERDUE_AFTER: Final = timedelta(minutes=2)
"""Time after which a due message is shown as overdue."""
STALE_AFTER: Final = timedelta(minutes=1)
"""Time without heartbeats after which a worker counts as stopped. The interval is 10 seconds."""


def is_overdue(message: Message) -> bool:
    """Return whether a queued message was due over two minutes ago and is not claimed.

    A process claims a message before it sends the message.
    """
    now = timezone.now()
    claimed = message.claim_expires_at is not None and message.claim_expires_at > now
    return bool(
        message.status == Status.QUEUED
        and message.due_at
        and message.due_at < now - OVERDUE_AFTER
        and not claimed
    )


def is_stale(worker: Worker) -> bool:
    """Return whether ``worker`` counts as stopped: its last heartbeat is over a minute old."""
    return worker.seen_at < timezone.now() - STALE_AFTER


def filter_overdue(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Return the overdue messages.

    While a worker runs, return an empty queryset: the worker sends the messages.
    """
    now = timezone.now()
    unclaimed = Q(claim_expires_at=None) | Q(claim_expires_at__lte=now)
    at_work = Worker.objects.using(messages.db).filter(seen_at__gte=now - STALE_AFTER)
    due = messages.filter(unclaimed, status=Status.QUEUED, due_at__lt=now - OVERDUE_AFTER)
    return due.exclude(Exists(at_work))  # a running worker sends them
