"""Queued messages that nobody sends: due for a while, with no worker at work."""

from datetime import timedelta
from typing import Final

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from django_vonage_messages.models import Message, Status, Worker

OVERDUE_AFTER: Final = timedelta(minutes=2)
"""How long after it was due a message counts as overdue, for people who are told of it."""
STALE_AFTER: Final = timedelta(minutes=1)
"""A worker that has not been seen for this long has stopped, or hangs: it says so every 10 s."""


def is_overdue(message: Message) -> bool:
    """Whether a message should have left by now, and nobody is about to send it."""
    now = timezone.now()
    claimed = message.claim_expires_at is not None and message.claim_expires_at > now
    return bool(
        message.status == Status.QUEUED
        and message.due_at
        and message.due_at < now - OVERDUE_AFTER
        and not claimed
    )


def is_stale(worker: Worker) -> bool:
    """Whether a worker has stopped saying that it runs."""
    return worker.seen_at < timezone.now() - STALE_AFTER


def filter_overdue(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Narrow to overdue messages while no worker runs, and to none while one does. One query."""
    now = timezone.now()
    unclaimed = Q(claim_expires_at=None) | Q(claim_expires_at__lte=now)
    at_work = Worker.objects.using(messages.db).filter(seen_at__gte=now - STALE_AFTER)
    due = messages.filter(unclaimed, status=Status.QUEUED, due_at__lt=now - OVERDUE_AFTER)
    return due.exclude(Exists(at_work))
