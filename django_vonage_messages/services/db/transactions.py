"""Transactions and clock of the database that stores the messages."""

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Generic, TypeVar, cast

from asgiref.local import Local
from django.core.signals import request_finished, request_started
from django.db import IntegrityError, InterfaceError, OperationalError, router, transaction
from django.db.models import DateTimeField, Expression, Model, QuerySet, Value
from django.db.models.functions import Now
from django.db.utils import DatabaseError
from django.utils import timezone

from django_vonage_messages.models import Message
from django_vonage_messages.services.db.errors import identify

logger = logging.getLogger("django_vonage_messages")

ATTEMPTS: Final = 3
_LONGEST_PAUSE: Final = 0.5
_fixed_time: datetime | None = None
_request: Final = Local()
"""Seconds that the current web request has waited for the database."""
_DEADLOCK_SQLSTATES: Final = frozenset({"40001", "40P01"})  # PostgreSQL
_DEADLOCK_ERRNOS: Final = frozenset({1205, 1213})  # MySQL and MariaDB

T = TypeVar("T")
M = TypeVar("M", bound=Model)


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


def current_time() -> datetime:
    """Return the current time of this host, or the time of ``fix_time()``."""
    return timezone.now() if _fixed_time is None else _fixed_time


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


class TransactionUndone(DatabaseError):
    """The transaction was not committed, but can run again."""


_UNDONE: Final = (TransactionUndone, transaction.TransactionManagementError)


def write_database() -> str:
    """Return the alias of the database that stores the messages."""
    return router.db_for_write(Message)


def primary(model: type[M]) -> QuerySet[M]:
    """Return a queryset of a model on the database that stores the messages."""
    return model._default_manager.using(write_database())


def locked(rows: QuerySet[M]) -> QuerySet[M]:
    """Return a queryset that locks its rows until the transaction ends.

    SQLite has no locks of rows: there, a write locks the whole database.
    """
    has_locks = transaction.get_connection(rows.db).features.has_select_for_update
    return rows.select_for_update() if has_locks else rows


def on_commit(hook: Callable[[], object]) -> None:
    """Call a hook after the commit."""
    # robust: if the hook raises, Django still calls the hooks after it.
    transaction.on_commit(hook, using=write_database(), robust=True)


def in_callers_transaction() -> bool:
    """Return whether the site called this app inside a transaction."""
    connection = transaction.get_connection(write_database())
    if not connection.in_atomic_block:
        connection.ensure_connection()
        _require_autocommit()
        return False
    # Django's TestCase opens a transaction for each test.
    return any(not block._from_testcase for block in connection.atomic_blocks)


def refuse_callers_transaction() -> None:
    """Raise TransactionManagementError if the site called this app inside a transaction."""
    # A rollback would undo the claim and the start of a message that was sent.
    is_atomic = transaction.get_connection(write_database()).in_atomic_block
    # First is_atomic, which needs no connection: a worker also starts without its database.
    if is_atomic and in_callers_transaction():
        raise transaction.TransactionManagementError(
            "Queued messages cannot be sent inside a transaction: call this outside atomic()."
        )


def is_deadlock(exc: BaseException) -> bool:
    """Return whether an exception is a deadlock or another conflict of locks."""
    if not isinstance(exc, OperationalError):
        return False
    code = getattr(exc.__cause__, "sqlstate", None)
    errno = exc.args[0] if exc.args else None
    # SQLite has no code, but the error text "database is locked" or "database table is locked".
    is_locked = str(errno).startswith("database") and "is locked" in str(errno)
    return code in _DEADLOCK_SQLSTATES or errno in _DEADLOCK_ERRNOS or is_locked


def run_committed(
    work: Callable[[], T],
    *,
    is_committed: Callable[[], bool] | None = None,
    wait: float = 0.0,
    wait_if_unknown: float = 0.0,
) -> T:
    """Run ``work`` in a transaction, commit, and return the result of ``work``.

    If the database or the connection fails, ``work`` runs up to three times, and then again for
    ``wait`` seconds. In a web request, all waiting together takes at most ``wait`` seconds.

    If the connection fails during the commit, ``is_committed`` returns whether the database
    contains the changes of ``work``. It is tried for ``wait_if_unknown`` seconds. The commit can
    still be in progress, so ``is_committed`` must lock the rows that ``work`` changes, or ``work``
    must insert a row with a unique value. Without ``is_committed``, ``work`` must have no effect
    when it runs a second time.
    """
    using = write_database()
    if transaction.get_connection(using).in_atomic_block:
        # No retry: the outer transaction commits the work.
        with transaction.atomic(using=using):
            return work()
    _require_autocommit()
    return _Run(work, using, is_committed).repeat(wait, wait_if_unknown)


def _require_autocommit() -> None:
    connection = transaction.get_connection(write_database())
    if connection.connection is not None and not connection.autocommit:
        # Django never runs on_commit() hooks then.
        raise transaction.TransactionManagementError(
            "Nothing was stored or sent, because autocommit is off outside atomic(). "
            "django_vonage_messages cannot see the commit then: use atomic()."
        )


class _Run(Generic[T]):
    """Attempts to run and commit one piece of work."""

    def __init__(
        self, work: Callable[[], T], using: str, is_committed: Callable[[], bool] | None
    ) -> None:
        self._work = work
        self._using = using
        self._is_committed = is_committed
        self._result: T | None = None
        self._hooks: list[tuple[Callable[[], object], bool]] = []
        self._finished = False  # the last attempt reached its commit
        self._unknown = False  # an attempt may have committed
        self._checks_left = 0  # attempts to ask is_committed() after that
        self._is_conflict = False  # then, work() raised an IntegrityError

    def repeat(self, wait: float, wait_if_unknown: float) -> T:
        waited = _waited_in_request()
        failed_at: float | None = None
        attempt = 0
        try:
            while True:
                attempt += 1
                try:
                    return self._attempt()
                except (OperationalError, InterfaceError, IntegrityError, *_UNDONE) as exc:
                    # A deadlock, a lost connection or a rollback without an error.
                    self._note_failure(exc)
                    moment = time.monotonic()
                    failed_at = failed_at or moment
                    longest = max(wait, wait_if_unknown) if self._unknown else wait
                    is_over = attempt >= ATTEMPTS and moment - failed_at >= longest - waited
                    if is_over and not self._checks_left:
                        raise
                    self._checks_left = max(0, self._checks_left - 1)
                    pause = min(_LONGEST_PAUSE, 0.03 * attempt)
                    time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 -- jitter
        finally:
            if failed_at is not None:
                _add_waiting(time.monotonic() - failed_at)

    def _note_failure(self, exc: Exception) -> None:
        if isinstance(exc, IntegrityError):
            # Perhaps the row of the unknown commit, which had been in progress at the check.
            if not self._unknown or self._is_conflict:
                raise exc
            self._is_conflict, self._checks_left = True, ATTEMPTS
        elif self._finished and _commit_is_unknown(exc):
            self._unknown, self._checks_left = True, ATTEMPTS
        transaction.get_connection(self._using).close_if_unusable_or_obsolete()

    def _attempt(self) -> T:
        self._finished = False
        if self._unknown and self._is_committed is not None:
            with transaction.atomic(using=self._using):
                is_committed = self._is_committed()
            self._checks_left = 0
            if is_committed:
                self._run_hooks()
                return cast("T", self._result)
        return self._run_once()

    def _run_once(self) -> T:
        committed: list[bool] = []
        connection = transaction.get_connection(self._using)
        try:
            with transaction.atomic(using=self._using):
                transaction.on_commit(lambda: committed.append(True), using=self._using)
                self._result = self._work()
                self._hooks = [(hook, robust) for _, hook, robust in connection.run_on_commit[1:]]
                self._finished = True
        except Exception as exc:
            if not committed:
                raise
            _log_broken_hook(exc)
        if not committed:
            raise TransactionUndone("The transaction was rolled back without an error.")
        return cast("T", self._result)

    def _run_hooks(self) -> None:
        # Django dropped them, because the commit seemed to fail.
        for hook, robust in self._hooks:
            try:
                hook()
            except Exception as exc:  # noqa: BLE001 -- the work is committed
                _log_broken_hook(exc)
                if not robust:
                    return


def _waited_in_request() -> float:
    return getattr(_request, "waited", 0.0)


def _add_waiting(seconds: float) -> None:
    # Outside a request, each piece of work has its own time.
    if hasattr(_request, "waited"):
        _request.waited += seconds


def _begin_request(**_kwargs: object) -> None:
    _request.waited = 0.0


def _end_request(**_kwargs: object) -> None:
    if hasattr(_request, "waited"):
        del _request.waited


request_started.connect(_begin_request, dispatch_uid="django_vonage_messages.begin_request")
request_finished.connect(_end_request, dispatch_uid="django_vonage_messages.end_request")


def _commit_is_unknown(exc: BaseException) -> bool:
    return isinstance(exc, (OperationalError, InterfaceError)) and not is_deadlock(exc)


def _log_broken_hook(exc: BaseException) -> None:
    # Only an on_commit hook of a receiver can raise after the commit. The committed work must not
    # be reported as undone.
    logger.error(
        "An on_commit hook of a receiver raised after the commit, and the hooks after it were "
        "dropped. Messages that those hooks would have sent stay queued until a worker or "
        "vonage_reconcile sends them: %s",
        identify(exc),  # not a traceback, which could quote the message
    )
