"""Transactions of the database that stores the messages."""

import logging
import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError, router, transaction
from django.db.models import Model, QuerySet
from django.db.utils import DatabaseError

from django_vonage_messages.models import Message
from django_vonage_messages.services.db.errors import identify

logger = logging.getLogger("django_vonage_messages")

ATTEMPTS: Final = 3
_DEADLOCK_SQLSTATES: Final = frozenset({"40001", "40P01"})  # PostgreSQL
_DEADLOCK_ERRNOS: Final = frozenset({1205, 1213})  # MySQL and MariaDB

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class TransactionUndone(DatabaseError):
    """The transaction was not committed, but can run again."""


_UNDONE: Final = (TransactionUndone, transaction.TransactionManagementError)


def write_database() -> str:
    """Return the alias of the database that stores the messages."""
    return router.db_for_write(Message)


def primary(model: type[M]) -> QuerySet[M]:
    """Return a queryset of a model on the database that stores the messages."""
    return model._default_manager.using(write_database())


def on_commit(hook: Callable[[], object]) -> None:
    """Call a hook after the commit."""
    # robust: if the hook raises, Django still calls the hooks after it.
    transaction.on_commit(hook, using=write_database(), robust=True)


def in_callers_transaction() -> bool:
    """Return whether the site called this app inside a transaction."""
    connection = transaction.get_connection(write_database())
    if not connection.in_atomic_block:
        if not connection.get_autocommit():
            # Django never runs on_commit() hooks then.
            raise transaction.TransactionManagementError(
                "Nothing was stored or sent, because autocommit is off outside atomic(). "
                "django_vonage_messages cannot see the commit then: use atomic()."
            )
        return False
    # Django's TestCase opens a transaction for each test.
    return any(not block._from_testcase for block in connection.atomic_blocks)


def is_deadlock(exc: BaseException) -> bool:
    """Return whether an exception is a deadlock or another conflict of locks."""
    if not isinstance(exc, OperationalError):
        return False
    code = getattr(exc.__cause__, "sqlstate", None)
    errno = exc.args[0] if exc.args else None
    # SQLite has no code, but the error text "database is locked".
    return code in _DEADLOCK_SQLSTATES or errno in _DEADLOCK_ERRNOS or "locked" in str(errno)


def run_committed(work: Callable[[], T]) -> T:
    """Run ``work`` in a transaction, commit, and return the result of ``work``."""
    using = write_database()
    if transaction.get_connection(using).in_atomic_block:
        # No retry: the outer transaction commits the work.
        with transaction.atomic(using=using):
            return work()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _run_once(work, using)
        except (OperationalError, InterfaceError, *_UNDONE):
            # A deadlock, a lost connection or a rollback without an error.
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
        # Only an on_commit hook of a receiver can raise after the commit. The committed work must
        # not be reported as undone.
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "An on_commit hook of a receiver raised after the commit, and the hooks after it were "
            "dropped. Messages that those hooks would have sent stay queued until a worker or "
            "vonage_reconcile sends them: %s",
            identify(exc),
        )
    if not committed:
        raise TransactionUndone("The transaction was rolled back without an error.")
    return result[0]
