"""Connections that fail during a commit: before the database commits, after it, or meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from unittest import mock

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

COMMIT = BaseDatabaseWrapper._commit


Moment = Literal["before", "after", "meanwhile"]
"""Moment of the failure. "meanwhile": the database commits 0.2 seconds later."""


@dataclass
class LostCommit:
    """Number of the commit to fail, and the commits so far."""

    number: int
    seen: list[str] = field(default_factory=list)

    @property
    def happened(self) -> bool:
        return len(self.seen) >= self.number


@contextmanager
def lost_commit(number: int, moment: Moment = "after") -> Iterator[LostCommit]:
    """Break the connection at the n-th commit inside the block, in any thread."""
    lost = LostCommit(number)
    threads: list[threading.Timer] = []

    def commit(wrapper: BaseDatabaseWrapper) -> Any:
        lost.seen.append(wrapper.alias)
        if len(lost.seen) != number:
            return COMMIT(wrapper)
        raw = wrapper.connection
        if moment == "meanwhile":
            wrapper.connection = None
            threads.append(threading.Timer(0.2, lambda: (raw.commit(), raw.close())))
            threads[-1].start()
        else:
            if moment == "after":
                COMMIT(wrapper)
            raw.close()  # Django does not know yet
            wrapper.errors_occurred = True
        raise OperationalError("server closed the connection unexpectedly")

    with mock.patch.object(BaseDatabaseWrapper, "_commit", commit):
        yield lost
        for thread in threads:
            thread.join()
