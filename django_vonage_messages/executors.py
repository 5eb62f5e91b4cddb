"""Types of the setting EXECUTOR."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, runtime_checkable

Executor = Callable[[int], object]
"""Function that lets a process deliver a queued message. Its argument is the primary key."""


@runtime_checkable
class SchedulingExecutor(Protocol):
    """An executor that also lets a process deliver the messages of ``queue_message()``."""

    def __call__(self, pk: int, /) -> object:
        """Let a process deliver the message with this primary key now."""

    def schedule(self, pk: int, due_at: datetime | None, /) -> object:
        """Let a process deliver the message at ``due_at``, or now if ``due_at`` is None."""
