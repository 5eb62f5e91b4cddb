"""Count the database work of a block: statements, savepoints, commits and round trips."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest import mock

from django.db import connection

_TRANSACTIONS: Final = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK TO", "SET ")
_SET_UP: Final = ("SET SQL_AUTO_IS_NULL", "SET SESSION")  # MariaDB
_VERB_AND_TABLE: Final = re.compile(r"^\w+|vonage_messages_\w+")


@dataclass
class Cost:
    """Counts of the database work.

    ``statements`` contains only statements with data. A write outside a transaction also counts as
    a commit. ``savepoints`` counts each savepoint once, without its release. ``round_trips`` counts
    everything that the driver of PostgreSQL sends: also BEGIN, COMMIT and each release.
    """

    statements: list[str] = field(default_factory=list)
    savepoints: int = 0
    commits: int = 0
    round_trips: int = 0

    @property
    def counts(self) -> tuple[int, int, int]:
        """Return (statements, savepoints, commits)."""
        return len(self.statements), self.savepoints, self.commits

    def summary(self) -> str:
        """Return the verb and the first table of each statement."""
        return "\n".join(" ".join(_VERB_AND_TABLE.findall(sql)[:2]) for sql in self.statements)


@contextmanager
def counted() -> Iterator[Cost]:
    """Count the work of the default database inside the block."""
    cost = Cost()

    def wrapper(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        # BEGIN is counted with its COMMIT, and the set-up of a connection is not counted.
        cost.round_trips += sql != "BEGIN" and not sql.startswith(_SET_UP)
        if sql.startswith("SAVEPOINT"):
            cost.savepoints += 1
        elif not sql.startswith(_TRANSACTIONS):
            cost.statements.append(sql)
            writes = sql.startswith(("INSERT", "UPDATE", "DELETE"))
            cost.commits += writes and not connection.in_atomic_block
        return execute(sql, *args)

    commit, rollback = connection._commit, connection._rollback

    def counted_commit() -> None:
        cost.commits += 1
        cost.round_trips += 2  # with BEGIN
        commit()

    def counted_rollback() -> None:
        cost.round_trips += 2
        rollback()

    with (
        connection.execute_wrapper(wrapper),
        mock.patch.object(connection, "_commit", counted_commit),
        mock.patch.object(connection, "_rollback", counted_rollback),
    ):
        yield cost
