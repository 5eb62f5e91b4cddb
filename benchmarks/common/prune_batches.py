"""Batches of ``vonage_prune --messages`` in a large table, on PostgreSQL."""

import time
from dataclasses import dataclass
from io import StringIO
from operator import sub
from typing import Final

from django.core.management import call_command
from django.db import connection

from benchmarks.common.filled_tables import TEXT
from benchmarks.common.measuring import DatabaseClock
from django_vonage_messages import send_message
from django_vonage_messages.models import StatusEvent
from django_vonage_messages.testing import simulate_status
from tests.plans.filling import analyze, copy, copy_messages

COMPARED: Final = 20
"""Number of batches at the start and at the end of a run that are compared."""
AGE: Final = 400
_KEY: Final = "md5(random()::text) || md5(random()::text)"


@dataclass(frozen=True)
class Batch:
    """One batch: elapsed seconds, CPU seconds, visited rows, deleted rows (messages, events)."""

    wall: float
    cpu: float
    visited: int
    deleted: int

    @property
    def visited_per_deleted(self) -> float:
        return self.visited / self.deleted


def first_and_last_batches(size: int) -> tuple[list[Batch], list[Batch]]:
    """Add old messages with two events each, prune them, and return the batches to compare."""
    _fill(size)
    batches = _prune()
    return batches[:COMPARED], batches[-COMPARED:]


def _fill(size: int) -> None:
    message = send_message("447700900199", TEXT)
    simulate_status(message, "delivered")
    thread = message.conversation
    source = f'"{thread._meta.db_table}" AS source WHERE source.id = {thread.pk}'
    old = f"now() - interval '{AGE + 1} days'"
    copies = copy_messages(message, source, times=size, created_at=old)
    for event in StatusEvent.objects.filter(message=message):
        copy(event, copies, message_id="source.id", received_at=old, dedupe_key=_KEY)
    analyze()


class _Terminal(StringIO):
    """Terminal that measures each batch: the command writes a line after it."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[Batch] = []
        self._database = DatabaseClock()
        self._counts = _visited_and_deleted()
        self._start = self._times()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        wall, cpu = map(sub, self._times(), self._start)
        counts = _visited_and_deleted()
        visited, deleted = map(sub, counts, self._counts)
        if deleted:
            self.batches.append(Batch(wall, cpu, visited, deleted))
        self._counts, self._start = counts, self._times()
        return len(text)

    def _times(self) -> tuple[float, float]:
        return time.perf_counter(), time.process_time() + self._database.read()


def _prune() -> list[Batch]:
    terminal = _Terminal()
    call_command("vonage_prune", f"--messages={AGE}", stdout=terminal)
    full = max(batch.deleted for batch in terminal.batches)
    return [batch for batch in terminal.batches if batch.deleted > full / 2]


def _visited_and_deleted() -> tuple[int, int]:
    """Return the numbers of rows that all transactions so far have visited and deleted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), sum(n_tup_del) "
            "FROM pg_stat_user_tables WHERE relname LIKE 'vonage_messages_%%'",
            [],
        )
        visited, deleted = cursor.fetchone()
    return int(visited), int(deleted)
