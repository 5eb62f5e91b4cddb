"""Compare vonage_worker with a bare thread pool, on an API that answers with a delay.

Each thread has at most one request in flight, so the limit is threads ÷ latency messages a second.
The bare pool only POSTs. A worker also claims and starts each message, and records the outcome. The
CPU of a worker excludes its start-up, which is measured with an empty queue.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter

from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from benchmarks.common.api_clients import TEXT, api_account, bare_post, new_private_key
from benchmarks.common.measuring import DatabaseClock, microseconds, print_table, ratios, spread
from benchmarks.common.runtime import (
    ROOT,
    child_environment,
    command_line,
    print_heading,
    temporary_database,
)
from benchmarks.common.vonage_stand_in import vonage_stand_in
from django_vonage_messages import queue_message
from django_vonage_messages.models import Message, Status, Worker

PATIENCE = 60.0  # seconds
HEADER = (
    "sender",
    "in flight",
    "sent/s",
    "of the limit",
    "CPU µs",
    "database CPU µs",
    "× bare, time",
    "× bare, CPU",
    "accepted",
)


@dataclass(frozen=True)
class Delivery:
    """Seconds for one message in one round, and the number of messages that were accepted."""

    wall: float
    sender_cpu: float
    database_cpu: float
    accepted: int

    @property
    def cpu(self) -> float:
        return self.sender_cpu + self.database_cpu


def main() -> None:
    options = _options()
    with temporary_database(), vonage_stand_in(options.latency) as address:
        print_heading(
            f"{options.count} messages a turn, {options.threads} threads in a worker, "
            f"{options.latency * 1e3:.0f} ms latency"
        )
        key = new_private_key()
        post = bare_post(address, key, connections=options.processes * options.threads)
        workers = Workers(api_account(address, key), options.threads)
        rows = []
        for processes in range(1, options.processes + 1):
            in_flight = processes * options.threads
            bare, ours = [], []
            _post_all(post, in_flight, in_flight)  # opens the connections
            for _ in range(options.rounds):
                bare.append(_post_all(post, options.count, in_flight))
                ours.append(workers.deliver(options.count, processes))
            names = ("bare pool", f"vonage_worker × {processes}")
            for name, measured in zip(names, (bare, ours), strict=True):
                rows.append(_row(name, measured, bare, in_flight, options))
        print_table(HEADER, rows)


def _options() -> argparse.Namespace:
    parser = command_line(__doc__, rounds=3)
    parser.add_argument("--count", type=int, default=200, help="messages a turn (%(default)s)")
    parser.add_argument("--threads", type=int, default=16, help="threads of a worker (%(default)s)")
    parser.add_argument("--latency", type=float, default=0.08, help="seconds (%(default)s)")
    parser.add_argument(
        "--processes", type=int, default=2, help="maximum number of workers (%(default)s)"
    )
    return parser.parse_args()


def _post_all(post: Callable[[], None], count: int, threads: int) -> Delivery:
    """Send all messages on a pool of threads of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        sent = [pool.submit(post) for _ in range(count)]
        accepted = sum(future.exception() is None for future in sent)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Delivery(wall / count, cpu / count, 0.0, accepted)


class Workers:
    """Processes of ``manage.py vonage_worker`` that deliver a queue."""

    def __init__(self, account: dict[str, object], threads: int) -> None:
        self._environment = child_environment(BENCHMARK_ACCOUNT=json.dumps(account))
        self._command = [
            *(sys.executable, "-m", "django", "vonage_worker"),
            *("--threads", str(threads), "--poll", "0.1"),
        ]
        self._start_up_cpu = self._measure_start_up()

    def deliver(self, count: int, processes: int) -> Delivery:
        """Queue messages, start the workers, and make all messages due at once."""
        batch = _queue(count)
        unsent = batch.filter(status__in=(Status.QUEUED, Status.SENDING))
        cpu = _cpu_of_children()
        with self._running(processes):
            database_cpu = DatabaseClock().read()
            batch.update(due_at=timezone.now())
            _wait_until(lambda: not unsent.exists(), "all messages were sent")
            database_cpu = DatabaseClock().read() - database_cpu
        cpu = _cpu_of_children() - cpu - processes * self._start_up_cpu
        times = batch.aggregate(first=Min("started_at"), last=Max("accepted_at"))
        wall = (times["last"] - times["first"]).total_seconds()
        accepted = batch.filter(status=Status.ACCEPTED).count()
        return Delivery(wall / count, cpu / count, database_cpu / count, accepted)

    def _measure_start_up(self) -> float:
        cpu = _cpu_of_children()
        with self._running(1):
            pass
        return _cpu_of_children() - cpu

    @contextmanager
    def _running(self, processes: int) -> Iterator[None]:
        """Start workers and wait for their heartbeats; at the end let them finish."""
        started = [
            subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL
            )
            for _ in range(processes)
        ]
        try:
            _wait_until(lambda: Worker.objects.count() == processes, "all workers have started")
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(PATIENCE)


def _queue(count: int) -> QuerySet[Message]:
    """Queue messages for tomorrow and return them."""
    newest = Message.objects.aggregate(pk=Max("pk"))["pk"] or 0
    tomorrow = timezone.now() + timedelta(days=1)
    for number in range(count):
        queue_message(f"4479000{number % 1000:05}", TEXT, send_at=tomorrow)
    return Message.objects.filter(pk__gt=newest)


def _wait_until(condition: Callable[[], bool], description: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"Gave up after {PATIENCE:.0f} seconds, before {description}.")
        time.sleep(0.1)


def _cpu_of_children() -> float:
    """Return the CPU seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _row(
    name: str,
    ours: list[Delivery],
    bare: list[Delivery],
    in_flight: int,
    options: argparse.Namespace,
) -> tuple[object, ...]:
    rate = 1 / statistics.median(delivery.wall for delivery in ours)
    return (
        name,
        in_flight,
        f"{rate:.0f}",
        f"{rate * options.latency / in_flight:.2f}",
        *(microseconds(ours, attrgetter(of)) for of in ("sender_cpu", "database_cpu")),
        *(spread(ratios(ours, bare, attrgetter(of))) for of in ("wall", "cpu")),
        f"{sum(delivery.accepted for delivery in ours)} of {options.count * len(ours)}",
    )


if __name__ == "__main__":
    main()
