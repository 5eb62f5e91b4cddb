"""Transactions of the database that is written to, and its clock."""

import logging
import random
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.db import InterfaceError, OperationalError, router, transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Now
from django.db.utils import DatabaseError

from django_vonage_messages.models import Message
from django_vonage_messages.services.db.errors import identify

logger = logging.getLogger("django_vonage_messages")

ATTEMPTS: Final = 3
_DEADLOCK_SQLSTATES: Final = frozenset({"40001", "40P01"})
_DEADLOCK_ERRNOS: Final = frozenset({1205, 1213})

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class DatabaseNow(Now):
    """``Now()`` in UTC on every database: MySQL and MariaDB answer it in the session's time zone,
    while their columns hold UTC.
    """

    def as_mysql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="UTC_TIMESTAMP(6)", **extra)


class TransactionUndone(DatabaseError):
    """A transaction ended without an error and without a commit."""


_UNDONE: Final = (TransactionUndone, transaction.TransactionManagementError)


def write_database() -> str:
    """Return the alias of the database that this package's rows are written to."""
    return router.db_for_write(Message)


def primary(model: type[M]) -> QuerySet[M]:
    """Return the rows of a model in the database that is written to, never in a replica."""
    return model._default_manager.using(write_database())


def on_commit(hook: Callable[[], object]) -> None:
    """Call a hook after the commit of the open transaction, even if an earlier hook raises."""
    transaction.on_commit(hook, using=write_database(), robust=True)


def in_callers_transaction() -> bool:
    """Whether a caller's transaction is open; the one that a TestCase wraps around itself is not
    a caller's.

    Raises TransactionManagementError where autocommit is off outside ``atomic()``: nothing can then
    be known to have committed, and nothing can be done after the commit.
    """
    connection = transaction.get_connection(write_database())
    if not connection.in_atomic_block:
        if not connection.get_autocommit():
            raise transaction.TransactionManagementError(
                "django_vonage_messages needs autocommit, or atomic(): with autocommit off there "
                "is no telling when a message may leave. Nothing was stored or sent."
            )
        return False
    return any(not block._from_testcase for block in connection.atomic_blocks)


def is_deadlock(exc: BaseException) -> bool:
    """Whether a database gave up on a transaction for the sake of another: running it again helps.

    PostgreSQL 40001 and 40P01, MySQL and MariaDB 1205 and 1213, SQLite's "locked".
    """
    if not isinstance(exc, OperationalError):
        return False
    code = getattr(exc.__cause__, "sqlstate", None)
    errno = exc.args[0] if exc.args else None
    return code in _DEADLOCK_SQLSTATES or errno in _DEADLOCK_ERRNOS or "locked" in str(errno)


def run_committed(work: Callable[[], T]) -> T:
    """Run ``work`` in a transaction and return its result only if the transaction has committed.

    A deadlock or a lost connection can undo a transaction without raising; whatever undid it, all
    of ``work`` runs again, ``ATTEMPTS`` times at most. Inside another transaction it runs once, in
    a savepoint, and the outer one decides. Raises what the last run raised.
    """
    using = write_database()
    if transaction.get_connection(using).in_atomic_block:
        with transaction.atomic(using=using):
            return work()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _run_once(work, using)
        except (OperationalError, InterfaceError, *_UNDONE):
            transaction.get_connection(using).close_if_unusable_or_obsolete()
            if attempt == ATTEMPTS:
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 -- jitter
    raise AssertionError("unreachable")  # pragma: no cover


def _run_once(work: Callable[[], T], using: str) -> T:
    committed: list[bool] = []
    result: list[T] = []
    try:
        with transaction.atomic(using=using):
            transaction.on_commit(lambda: committed.append(True), using=using)
            result.append(work())
    except Exception as exc:
        if not committed:
            raise
        # Only an on_commit hook of a receiver can raise after the commit, and what was committed
        # must not be reported as undone.
        logger.error(  # noqa: TRY400 -- a traceback or the words could quote the message
            "An on_commit hook of a receiver raised after the commit, and the hooks after it were "
            "dropped; messages that were to leave then stay queued until a worker or "
            "vonage_reconcile delivers them: %s",
            identify(exc),
        )
    if not committed:
        raise TransactionUndone("The transaction was rolled back without an error.")
    return result[0]
