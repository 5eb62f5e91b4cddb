"""Connections that fail during a commit: after the database committed, or before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

COMMIT = BaseDatabaseWrapper._commit


@dataclass
class LostCommit:
    """Number of the commit to fail, and the commits so far."""

    number: int
    is_committed: bool
    seen: list[str] = field(default_factory=list)

    @property
    def happened(self) -> bool:
        return len(self.seen) >= self.number


@contextmanager
def lost_commit(number: int, *, is_committed: bool = True) -> Iterator[LostCommit]:
    """Break the connection at the n-th commit inside the block, in any thread."""
    lost = LostCommit(number, is_committed)

    def commit(wrapper: BaseDatabaseWrapper) -> Any:
        lost.seen.append(wrapper.alias)
        if len(lost.seen) != number:
            return COMMIT(wrapper)
        if is_committed:
            COMMIT(wrapper)
        wrapper.connection.close()  # Django does not know yet
        wrapper.errors_occurred = True
        raise OperationalError("server closed the connection unexpectedly")

    with mock.patch.object(BaseDatabaseWrapper, "_commit", commit):
        yield lost
