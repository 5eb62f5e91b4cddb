"""Automatic retries of stored rows: growing pauses, and one process for each attempt."""

from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from django.db.models import Expression, Model, QuerySet

from django_vonage_messages.services.db.transactions import locked, now, run_committed

LONGEST_RETRY_PAUSE: Final = timedelta(hours=6)
_FIRST_PAUSE: Final = timedelta(minutes=1)


class _Retried(Protocol):
    pk: int
    attempts: int


M = TypeVar("M", bound=Model)


def retry_pause(attempts: int) -> timedelta:
    """Return the pause after ``attempts`` attempts.

    The pause doubles with each attempt, from 1 minute to 6 hours.
    """
    if attempts == 0:
        return timedelta(0)
    factor: int = 2 ** min(attempts - 1, 10)  # 2 ** 10 minutes are over 6 hours
    return min(_FIRST_PAUSE * factor, LONGEST_RETRY_PAUSE)


def filter_due(rows: QuerySet[M]) -> QuerySet[M]:
    """Return the rows whose next try is due, least recently tried first."""
    return rows.filter(next_try_at__lte=now()).order_by("next_try_at", "id")


def begin_retry(row: _Retried, open_rows: QuerySet[M], next_try_at: Expression | None) -> bool:
    """Count an attempt of ``row`` and set its next try, before the attempt.

    Return False if another process has begun an attempt since ``row`` was read.
    """
    # Committed first: a row that kills the process must not be the first row again.
    attempts = row.attempts + 1
    unchanged = open_rows.filter(pk=row.pk, attempts=row.attempts)
    counted = run_committed(
        partial(unchanged.update, attempts=attempts, next_try_at=next_try_at),
        is_committed=lambda: locked_value(open_rows, row.pk, "attempts") == attempts,
    )
    if not counted:
        return False
    row.attempts = attempts
    return True


def locked_value(rows: QuerySet[M], pk: int, column: str) -> Any:
    """Lock a row until the transaction ends, and return one column. Return None without a row."""
    return locked(rows.filter(pk=pk)).values_list(column, flat=True).first()
