"""Compare webhooks through gunicorn with a bare view: successes per second, and CPU.

A few connections send signed requests to a server on loopback. Each kind of request has its turn in
every round. The CPU of this client is not included. The site has one receiver for each signal. The
script also counts the stored rows, and the responses with another status than 200.
"""

import argparse
import contextlib
import http.client
import importlib.util
import queue
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter

from benchmarks.common.measuring import (
    DatabaseClock,
    microseconds,
    print_table,
    ratios,
    spread,
)
from benchmarks.common.runtime import (
    ROOT,
    child_environment,
    command_line,
    print_heading,
    temporary_database,
)
from benchmarks.common.webhook_requests import (
    WebhookRequest,
    bare_request,
    inbound_request,
    new_status_requests,
)
from benchmarks.site.models import BareRow
from django_vonage_messages.models import Message, Source, StatusEvent

HOST = "127.0.0.1"
BASE = "bare view, one INSERT"
HEADER = (
    "request",
    "successes/s",
    "p50 ms",
    "p95 ms",
    "worker CPU µs",
    "database CPU µs",
    "× bare, time",
    "× bare, CPU",
    "not 200",
    "stored",
)


@dataclass(frozen=True)
class Kind:
    """A kind of request, with a function that counts its stored rows."""

    make_requests: Callable[[int], list[WebhookRequest]]
    count_rows: Callable[[], int]


@dataclass(frozen=True)
class Turn:
    """One kind of request in one round: seconds per success, and the number of failures."""

    wall: float
    worker_cpu: float
    database_cpu: float
    latencies: Sequence[float]
    failures: int

    @property
    def cpu(self) -> float:
        return self.worker_cpu + self.database_cpu


def main() -> None:
    options = _options()
    if importlib.util.find_spec("gunicorn") is None:
        sys.exit("gunicorn is not installed here. Run: make bench-served")
    with temporary_database(), _gunicorn(options) as port:
        print_heading(
            f"gunicorn {options.worker_class}, {options.workers} workers, "
            f"{options.connections} connections, {options.count} requests a turn"
        )
        client = LoadClient(port, options.connections)
        turns: dict[str, list[Turn]] = {name: [] for name in KINDS}
        for _ in range(options.rounds + 1):
            for name, kind in KINDS.items():
                turns[name].append(client.send(kind.make_requests(options.count)))
        print_table(HEADER, (_row(name, turns) for name in KINDS))


def _options() -> argparse.Namespace:
    parser = command_line(__doc__, rounds=3)
    parser.add_argument("--count", type=int, default=200, help="requests a turn (%(default)s)")
    parser.add_argument("--connections", type=int, default=8, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=4, help="threads of gthread (%(default)s)")
    parser.add_argument("--worker-class", choices=("sync", "gthread"), default="sync")
    return parser.parse_args()


@contextmanager
def _gunicorn(options: argparse.Namespace) -> Iterator[int]:
    """Serve the measured site on a free port of 127.0.0.1; yield the port."""
    with socket.create_server((HOST, 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        command = [
            *(sys.executable, "-m", "gunicorn", "benchmarks.site.wsgi"),
            *("--bind", f"fd://{listener.fileno()}"),
            *("--workers", str(options.workers)),
            *("--worker-class", options.worker_class),
            *("--threads", str(options.threads if options.worker_class == "gthread" else 1)),
            *("--log-level", "error"),
            "--no-control-socket",
        ]
        server = subprocess.Popen(
            command, cwd=ROOT, env=child_environment(), pass_fds=[listener.fileno()]
        )
    try:
        yield port
    finally:
        server.terminate()
        server.wait(30)


class LoadClient:
    """Connections that send requests in parallel. The responses contain the workers' CPU."""

    def __init__(self, port: int, connections: int) -> None:
        self._port = port
        self._connections = connections
        self._worker_cpu: dict[str, int] = {}

    def send(self, requests: list[WebhookRequest]) -> Turn:
        """Send all requests and wait for the answers."""
        todo: queue.SimpleQueue[WebhookRequest] = queue.SimpleQueue()
        for request in requests:
            todo.put(request)
        answers: list[tuple[int, float]] = []
        database, cpu_before = DatabaseClock(), dict(self._worker_cpu)
        start, database_before = time.perf_counter(), database.read()
        with ThreadPoolExecutor(self._connections) as pool:
            for _ in range(self._connections):
                pool.submit(self._send_until_empty, todo, answers)
        wall = time.perf_counter() - start
        latencies = [seconds for status, seconds in answers if status == 200]
        successes = max(len(latencies), 1)
        return Turn(
            wall / successes,
            self._cpu_since(cpu_before) / successes,
            (database.read() - database_before) / successes,
            latencies,
            len(requests) - len(latencies),
        )

    def _send_until_empty(
        self, todo: "queue.SimpleQueue[WebhookRequest]", answers: list[tuple[int, float]]
    ) -> None:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=30)
        with contextlib.closing(connection), contextlib.suppress(queue.Empty):
            while True:
                request = todo.get_nowait()
                start = time.perf_counter()
                status = self._post(connection, request)
                answers.append((status, time.perf_counter() - start))

    def _post(self, connection: http.client.HTTPConnection, request: WebhookRequest) -> int:
        """Return the status of the response, or 0 if there is none."""
        try:
            connection.request("POST", request.path, request.body, request.headers)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return 0
        pid, nanoseconds = response.headers["X-Worker-Cpu"].split()
        self._worker_cpu[pid] = max(int(nanoseconds), self._worker_cpu.get(pid, 0))
        return response.status

    def _cpu_since(self, before: dict[str, int]) -> float:
        """Return the CPU seconds that the workers in ``before`` have used since then."""
        return sum(self._worker_cpu[pid] - used for pid, used in before.items()) / 1e9


def _row(name: str, turns: dict[str, list[Turn]]) -> tuple[object, ...]:
    ours, bare = turns[name][1:], turns[BASE][1:]  # the first round warms up
    latencies = sorted(seconds * 1e3 for turn in ours for seconds in turn.latencies)
    successes = sum(len(turn.latencies) for turn in turns[name])
    return (
        name,
        f"{1 / statistics.median(turn.wall for turn in ours):.0f}",
        *(f"{latencies[int(len(latencies) * part)]:.1f}" for part in (0.5, 0.95)),
        *(microseconds(ours, attrgetter(of)) for of in ("worker_cpu", "database_cpu")),
        *(spread(ratios(ours, bare, attrgetter(of))) for of in ("wall", "cpu")),
        sum(turn.failures for turn in turns[name]),
        f"{KINDS[name].count_rows()} of {successes}",
    )


KINDS = {
    BASE: Kind(lambda count: [bare_request() for _ in range(count)], BareRow.objects.count),
    "status": Kind(new_status_requests, StatusEvent.objects.filter(source=Source.VONAGE).count),
    "inbound": Kind(
        lambda count: [inbound_request(f"4477008{n % 20:05}") for n in range(count)],
        Message.objects.inbound().count,
    ),
}

if __name__ == "__main__":
    main()
