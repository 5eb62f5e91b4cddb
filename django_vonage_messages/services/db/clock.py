"""The database's clock."""

from typing import Any

from django.db.models.functions import Now


class DatabaseNow(Now):
    """``Now()`` in UTC on every database: MySQL and MariaDB answer it in the session's time zone,
    while their columns hold UTC.
    """

    def as_mysql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="UTC_TIMESTAMP(6)", **extra)
