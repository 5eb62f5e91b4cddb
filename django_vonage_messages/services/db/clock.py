"""Clock of the database that stores the messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Expression, Value
from django.db.models.functions import Now

_fixed_time: datetime | None = None


class DatabaseNow(Now):
    """Current time of the database, in UTC."""

    def as_mysql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # Now() is in the time zone of the connection, but Django stores UTC.
        return self.as_sql(compiler, connection, template="UTC_TIMESTAMP(6)", **extra)


def now() -> Expression:
    """Return an SQL expression for the current time.

    All hosts share the database's clock, so their own clocks may differ.
    """
    if _fixed_time is None:
        return DatabaseNow()
    return Value(_fixed_time, output_field=DateTimeField())


@contextmanager
def fix_time(moment: datetime) -> Iterator[None]:
    """Replace the database's time with ``moment`` inside the block, in all threads.

    The time decides when queued messages are due, overdue or expired, when pauses and claims end,
    and whether a worker is running.
    """
    global _fixed_time
    previous, _fixed_time = _fixed_time, moment
    try:
        yield
    finally:
        _fixed_time = previous
