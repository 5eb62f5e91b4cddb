"""System checks of the database that stores the messages."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError, connections, transaction

from django_vonage_messages.models import Deployment, Message
from django_vonage_messages.services.db.transactions import write_database
from django_vonage_messages.services.operations.deployment import (
    REMEDY,
    describe_copy,
    find_original,
)
from django_vonage_messages.services.operations.overdue import filter_overdue


@register(Tags.database)
def check_database(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Check the database: its isolation level (E013), transaction mode or character set.

    The isolation level is that of PostgreSQL. The transaction mode is that of SQLite (W011), and
    the character set that of MySQL (W012).
    """
    alias = write_database()
    if alias not in (databases or ()):
        return []
    by_vendor = {"postgresql": _check_postgresql, "sqlite": _check_sqlite, "mysql": _check_mysql}
    check = by_vendor.get(connections[alias].vendor)
    return check(alias) if check else []


@register(Tags.database)
def check_copy(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Warn if the database is a copy of another one (W016)."""
    alias = write_database()
    original = _find_original(alias) if alias in (databases or ()) else None
    if original is None:
        return []
    return [checks.Warning(describe_copy(original), hint=REMEDY, id="vonage_messages.W016")]


@register(Tags.database, deploy=True)
def check_queue(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Warn if no worker is running and queued messages are overdue (W013)."""
    alias = write_database()
    count = _count_overdue(alias) if alias in (databases or ()) else 0
    if not count:
        return []
    return [
        checks.Warning(
            f"Queued messages are overdue ({count}), and no worker is running.",
            hint="Run manage.py vonage_worker, or manage.py vonage_reconcile every minute (cron).",
            id="vonage_messages.W013",
        )
    ]


def _count_overdue(alias: str) -> int:
    try:
        with transaction.atomic(using=alias):
            return filter_overdue(Message.objects.using(alias)).count()
    except DatabaseError:  # "migrate" has not created the table
        return 0


def _find_original(alias: str) -> Deployment | None:
    try:
        with transaction.atomic(using=alias):
            return find_original()
    except DatabaseError:  # "migrate" has not created the table
        return None


def _check_postgresql(alias: str) -> list[CheckMessage]:
    level = _isolation_level(alias)
    if level in {"read committed", "read uncommitted"}:  # the same thing in PostgreSQL
        return []
    return [
        checks.Error(
            f"DATABASES[{alias!r}] has the isolation level {level!r}. Sends and webhooks that "
            "arrive at the same time would fail.",
            hint=(
                "Use the isolation level 'read committed': remove isolation_level from OPTIONS of "
                "this database in DATABASES, and default_transaction_isolation from the server, "
                "database and role."
            ),
            id="vonage_messages.E013",
        )
    ]


def _isolation_level(alias: str) -> str:
    # In a transaction, because Django sets the level of OPTIONS when one begins.
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        return str(cursor.fetchone()[0])


def _check_sqlite(alias: str) -> list[CheckMessage]:
    connection: Any = connections[alias]
    mode = connection.settings_dict["OPTIONS"].get("transaction_mode") or ""
    if mode.upper() in {"IMMEDIATE", "EXCLUSIVE"} or connection.is_in_memory_db():
        return []
    return [
        checks.Warning(
            f"DATABASES[{alias!r}] is SQLite in its default transaction mode. A transaction that "
            'reads first and writes later can fail with "database is locked" while another '
            "process writes.",
            hint=(
                'Add "OPTIONS": {"transaction_mode": "IMMEDIATE"} to this database in DATABASES. '
                "Each transaction then waits for its turn to write."
            ),
            id="vonage_messages.W011",
        )
    ]


def _check_mysql(alias: str) -> list[CheckMessage]:
    if all(collation.startswith("utf8mb4") for collation in _mysql_collations(alias)):
        return []
    return [
        checks.Warning(
            f"DATABASES[{alias!r}] does not use utf8mb4, so it cannot store texts with emoji.",
            hint=(
                "Run ALTER DATABASE … CHARACTER SET utf8mb4, and for each existing table ALTER "
                "TABLE … CONVERT TO CHARACTER SET utf8mb4."
            ),
            id="vonage_messages.W012",
        )
    ]


def _mysql_collations(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT @@collation_database UNION SELECT table_collation"
            " FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %s",
            [Message._meta.db_table],
        )
        return [collation for (collation,) in cursor.fetchall()]
