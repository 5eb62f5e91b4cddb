"""Measure admin pages, the worker, vonage_reconcile and vonage_prune while the tables grow.

All work is measured at each size, in turns. Compare the growth of the SQL time with the growth of
the rows: if there is a suitable index, the SQL time hardly grows (× 1). The SQL of the worker is
only that of its main loop, which claims messages and reconciles; its threads use other connections.
Pruning is rolled back. On PostgreSQL, claims are also measured in two larger tables, and the first
batches of vonage_prune are compared with the last batches.
"""

import argparse
import signal
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from operator import attrgetter
from typing import Any, Final, TypeVar

from django.core.management import call_command, load_command_class
from django.db import connection, transaction

from benchmarks.common.admin_pages import AdminPages
from benchmarks.common.claims import BATCH, claim_times, growth
from benchmarks.common.filled_tables import OLD_MESSAGES, TEXT, FilledTables
from benchmarks.common.measuring import Job, Side, print_table, settle_garbage, spread
from benchmarks.common.prune_batches import COMPARED, first_and_last_batches
from benchmarks.common.runtime import command_line, print_heading, temporary_database
from django_vonage_messages import queue_message

DUE: Final = 8
CLAIM_ROUNDS: Final = 30


@dataclass(frozen=True)
class Statement:
    """An SQL statement and the seconds that it took."""

    sql: str
    params: Any
    seconds: float


@dataclass(frozen=True)
class Run:
    """One run of a job: elapsed seconds, CPU seconds of this process, statements."""

    wall: float
    cpu: float
    statements: Sequence[Statement]

    @property
    def sql(self) -> float:
        """Seconds that the statements took."""
        return sum(statement.seconds for statement in self.statements)


T = TypeVar("T")
Results = dict[str, dict[int, list[Run]]]
"""The runs of each job, by the job's name and the size of the tables."""


def main() -> None:
    options = _options()
    sizes = sorted(options.sizes)
    results: Results = {}
    with temporary_database():
        print_heading(
            f"{options.rounds} rounds; growth: from {sizes[0]:,} to {sizes[-1]:,} messages"
        )
        tables, pages = FilledTables(sizes[-1]), AdminPages()
        for size in sizes:
            tables.grow(size)
            work = _admin_work(pages, tables) | _maintenance_work()
            chosen = _chosen(work, options.only or [""])
            for name, runs in _measure(chosen, options.rounds).items():
                results.setdefault(name, {})[size] = runs
        if results:
            print_table(_header(sizes), (_row(name, runs, sizes) for name, runs in results.items()))
        if options.explain:
            _explain(results, sizes[-1])
        if _chosen({"claims": 0}, options.only or [""]):
            _print_claims(sorted(options.claims))
        if _chosen({"prune batches": 0}, options.only or [""]):
            _print_prune_batches(options.prune)


def _options() -> argparse.Namespace:
    parser = command_line(__doc__, rounds=3)
    parser.add_argument(
        "--sizes", type=_numbers, default=[2000, 20_000], help="messages (default: 2000,20000)"
    )
    parser.add_argument(
        "--claims",
        type=_numbers,
        default=[100_000, 1_000_000],
        help="messages for the claims, on PostgreSQL (default: 100000,1000000)",
    )
    parser.add_argument(
        "--prune",
        type=int,
        default=100_000,
        help="messages for the batches of vonage_prune, on PostgreSQL (default: 100000)",
    )
    parser.add_argument(
        "--only",
        action="append",
        metavar="TEXT",
        help="only work whose name contains this text; can be repeated",
    )
    parser.add_argument(
        "--explain", action="store_true", help="print the plans of the slowest SELECTs"
    )
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _admin_work(pages: AdminPages, tables: FilledTables) -> dict[str, Side]:
    found = pages.find(tables.busiest)
    return {name: _side(partial(pages.get, url)) for name, url in found.items()}


def _maintenance_work() -> dict[str, Side]:
    def queued() -> list[Job]:
        for number in range(DUE):
            queue_message(f"4477009{number:05}", TEXT)
        return [_work_once]

    work = {
        "vonage_worker, nothing due": _side(_work_once),
        f"vonage_worker, {DUE} due": Side(queued),
        "vonage_reconcile": _side(partial(_run, "vonage_reconcile")),
    }
    for option in _prune_options():
        for label, days in ((f"{OLD_MESSAGES} old messages", "350"), ("nothing old", "1000")):
            job = partial(_run_and_roll_back, "vonage_prune", option, days)
            work[f"vonage_prune {option}, {label}"] = _side(job)
    return work


def _chosen(work: Mapping[str, T], texts: Sequence[str]) -> dict[str, T]:
    return {name: side for name, side in work.items() if any(text in name for text in texts)}


def _side(job: Job) -> Side:
    return Side(lambda: [job])


def _prune_options() -> list[str]:
    """Return the options of vonage_prune that take an age."""
    parser = load_command_class("django_vonage_messages", "vonage_prune").create_parser("", "")
    return [each.option_strings[0] for each in parser._actions if each.metavar == "DAYS"]


def _run(*arguments: str, **options: Any) -> None:
    call_command(*arguments, **options, stdout=StringIO())


def _run_and_roll_back(*arguments: str) -> None:
    with transaction.atomic():
        _run(*arguments)
        transaction.set_rollback(True)


def _work_once() -> None:
    """Run the worker until nothing is due, then restore the signal handlers."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    handlers = [signal.getsignal(number) for number in numbers]
    try:
        _run("vonage_worker", once=True, threads=DUE)
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)


def _measure(work: Mapping[str, Side], rounds: int) -> dict[str, list[Run]]:
    """Run each job once a round, in turns. Drop the first round, which is a warm-up."""
    runs: dict[str, list[Run]] = {name: [] for name in work}
    for _ in range(rounds + 1):
        settle_garbage()
        for name, side in work.items():
            (job,) = side.prepare()
            runs[name].append(_timed(job))
    return {name: measured[1:] for name, measured in runs.items()}


def _timed(job: Job) -> Run:
    statements: list[Statement] = []

    def record(execute: Callable[..., Any], sql: str, params: Any, *args: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, *args)
        finally:
            statements.append(Statement(sql, params, time.perf_counter() - start))

    with connection.execute_wrapper(record):
        wall, cpu = time.perf_counter(), time.process_time()
        job()
        return Run(time.perf_counter() - wall, time.process_time() - cpu, statements)


def _header(sizes: Sequence[int]) -> list[str]:
    columns = [f"{kind} ms, {size:,}" for kind in ("wall", "SQL") for size in sizes]
    growth = [f"× {kind}" for kind in ("wall", "CPU", "SQL")]
    return ["work", "statements", *columns, *growth]


def _row(name: str, by_size: Mapping[int, list[Run]], sizes: Sequence[int]) -> list[object]:
    """Return the row of a job: medians and growth. Some pages exist only at larger sizes."""

    def median(kind: str, size: int) -> float | None:
        times = [getattr(run, kind) * 1e3 for run in by_size.get(size, ())]
        return statistics.median(times) if times else None

    def growth(kind: str) -> str:
        first, last = median(kind, sizes[0]), median(kind, sizes[-1])
        return f"{last / first:.2f}" if first and last else "–"

    medians = (median(kind, size) for kind in ("wall", "sql") for size in sizes)
    largest = max(by_size)
    return [
        name,
        min(len(run.statements) for run in by_size[largest]),
        *("–" if value is None else f"{value:.1f}" for value in medians),
        *map(growth, ("wall", "cpu", "sql")),
    ]


def _print_claims(sizes: Sequence[int]) -> None:
    if connection.vendor != "postgresql":
        print("\nClaims are measured on PostgreSQL only.")
        return
    times = claim_times(sizes, CLAIM_ROUNDS)
    print(f"\nClaims of {BATCH} messages, {CLAIM_ROUNDS} rounds: milliseconds")
    rows = ((f"{size:,} messages", spread(1e3 * each for each in times[size])) for size in sizes)
    print_table(["claim", "wall"], rows)
    print(f"growth: {growth(times):.2f}")


def _print_prune_batches(size: int) -> None:
    if connection.vendor != "postgresql":
        print("\nThe batches of vonage_prune are measured on PostgreSQL only.")
        return
    first, last = first_and_last_batches(size)
    print(f"\nBatches of vonage_prune --messages, {size:,} messages with two events each: medians")
    columns = {
        "wall ms": lambda batch: 1e3 * batch.wall,
        "CPU ms": lambda batch: 1e3 * batch.cpu,
        "rows visited ÷ rows deleted": attrgetter("visited_per_deleted"),
    }
    medians = [
        [statistics.median(map(value, batches)) for value in columns.values()]
        for batches in (first, last)
    ]
    medians.append([after / before for before, after in zip(*medians, strict=True)])
    names = (f"first {COMPARED}", f"last {COMPARED}", "growth")
    rows = (
        [name, *(f"{each:.2f}" for each in row)] for name, row in zip(names, medians, strict=True)
    )
    print_table(["batches", *columns], rows)


def _explain(results: Results, size: int) -> None:
    for name, by_size in results.items():
        runs = by_size.get(size, ())
        statements = [each for run in runs[-1:] for each in run.statements if _is_select(each)]
        if statements:
            slowest = max(statements, key=attrgetter("seconds"))
            print(f"\n{name}: {slowest.seconds * 1e3:.1f} ms\n  {slowest.sql}")
            with connection.cursor() as cursor:
                prefix = connection.ops.explain_query_prefix()
                cursor.execute(f"{prefix} {slowest.sql}", slowest.params)
                for row in cursor.fetchall():
                    print("   ", *row)


def _is_select(statement: Statement) -> bool:
    return statement.sql.startswith("SELECT")


if __name__ == "__main__":
    main()
