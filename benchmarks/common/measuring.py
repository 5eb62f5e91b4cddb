"""Measure sides in turns, and print medians and ratios as a table.

A side is a piece of code that a script compares with another. On a busy machine the times of two
runs cannot be compared. Therefore all sides are measured in turns in one run: compare their ratios,
and trust CPU more than wall time.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from django.db import connection

from tests.counting import counted

Job = Callable[[], Any]
T = TypeVar("T")
_LOOPBACK = ("", "127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Sample:
    """Seconds for one operation: elapsed, CPU of this process, CPU of the database server."""

    wall: float
    cpu: float
    database_cpu: float = 0.0

    @property
    def total_cpu(self) -> float:
        return self.cpu + self.database_cpu


WALL, CPU, DATABASE_CPU, TOTAL_CPU = map(attrgetter, ("wall", "cpu", "database_cpu", "total_cpu"))


@dataclass(frozen=True)
class Side:
    """One side. ``prepare`` returns the jobs of a round, which run inside ``context``."""

    prepare: Callable[[], Sequence[Job]]
    context: Callable[[], AbstractContextManager[Any]] = nullcontext

    def measure(self) -> Sample:
        """Measure the jobs of one round, without their preparation."""
        jobs = self.prepare()
        with self.context():
            return measure(jobs)


class DatabaseClock:
    """CPU seconds of the PostgreSQL processes that serve the benchmark's database.

    It stays at 0 for other databases, a server on another machine, and systems without /proc.
    """

    def __init__(self) -> None:
        self._files = [Path(f"/proc/{pid}/schedstat") for pid in _backend_pids()]

    def read(self) -> float:
        """Return the CPU seconds of the processes that existed when the clock was created."""
        return sum(map(_seconds_on_cpu, self._files))


def measure(jobs: Sequence[Job]) -> Sample:
    """Run all jobs one after the other and return the means for one job."""
    database = DatabaseClock()
    wall, cpu, database_cpu = time.perf_counter(), time.process_time(), database.read()
    for job in jobs:
        job()
    count = len(jobs)
    return Sample(
        (time.perf_counter() - wall) / count,
        (time.process_time() - cpu) / count,
        (database.read() - database_cpu) / count,
    )


def interleave(sides: Mapping[str, Side], rounds: int) -> dict[str, list[Sample]]:
    """Measure each side once a round, in turns. Drop the first round, which is a warm-up."""
    samples: dict[str, list[Sample]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        settle_garbage()
        for name, side in sides.items():
            sample = side.measure()
            if number:
                samples[name].append(sample)
    return samples


def settle_garbage() -> None:
    """Collect garbage, then freeze all objects: a later full collection would distort a turn."""
    gc.collect()
    gc.freeze()


class StatementCounts(NamedTuple):
    statements: int
    savepoints: int
    commits: int


def statement_counts(side: Side) -> StatementCounts:
    """Return the counts of the last job of a side, after its other jobs have run."""
    *others, last = side.prepare()
    with side.context():
        for job in others:
            job()
        with counted() as cost:
            last()
    return StatementCounts(*cost.counts)


def ratios(ours: Sequence[T], theirs: Sequence[T], of: Callable[[T], float]) -> list[float]:
    """Return our cost divided by their cost, for each round."""
    pairs = zip(map(of, ours), map(of, theirs), strict=True)
    return [mine / other for mine, other in pairs if other]


def spread(values: Iterable[float], digits: int = 2) -> str:
    """Return the median with the smallest and largest value: ``2.10 (1.98–2.40)``."""
    values = list(values)
    if not values:
        return "–"
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def microseconds(samples: Iterable[T], of: Callable[[T], float]) -> str:
    """Return the median in microseconds, or a dash if it is 0."""
    median = statistics.median(map(of, samples)) * 1e6
    return f"{median:,.0f}" if median else "–"


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; the first column is aligned left, numbers right."""
    lines = [list(map(str, row)) for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]))


def _backend_pids() -> list[int]:
    if connection.vendor != "postgresql" or connection.settings_dict["HOST"] not in _LOOPBACK:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return [pid for (pid,) in cursor.fetchall() if _is_postgres(pid)]


def _is_postgres(pid: int) -> bool:
    """Return whether this process is PostgreSQL. A server in a container has other IDs."""
    name = Path(f"/proc/{pid}/comm")
    return name.exists() and name.read_text().startswith("postgres")


def _seconds_on_cpu(schedstat: Path) -> float:
    try:
        return int(schedstat.read_text().split()[0]) / 1e9
    except OSError:  # the process has ended
        return 0.0
