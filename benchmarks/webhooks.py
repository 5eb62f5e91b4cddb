"""Compare webhooks in this process with a bare view: statements, wall time and CPU.

The bare view stores the body with one INSERT; the empty view makes no query. All requests pass the
same middleware. Signing is not measured. served.py measures webhooks through a server.
"""

import io
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from benchmarks.common.measuring import (
    CPU,
    DATABASE_CPU,
    TOTAL_CPU,
    WALL,
    Job,
    Sample,
    Side,
    StatementCounts,
    interleave,
    microseconds,
    print_table,
    ratios,
    spread,
    statement_counts,
)
from benchmarks.common.runtime import command_line, print_heading, temporary_database
from benchmarks.common.webhook_requests import (
    WebhookRequest,
    bare_request,
    inbound_request,
    new_status_requests,
    unknown_status_request,
)
from django_vonage_messages.signals import message_received, message_status_changed

BASE = "bare view, one INSERT"
CUSTOMERS = [f"4477008{number:05}" for number in range(20)]
HEADER = (
    "request",
    "statements",
    "savepoints",
    "commits",
    "wall µs",
    "CPU µs",
    "database CPU µs",
    "× bare, wall",
    "× bare, CPU",
)


def main() -> None:
    parser = command_line(__doc__, rounds=5)
    parser.add_argument("--count", type=int, default=60, help="requests a round (%(default)s)")
    options = parser.parse_args()
    with temporary_database():
        print_heading(f"one process and thread, {options.count} requests a round")
        sides = _sides(options.count)
        counts = {name: statement_counts(side) for name, side in sides.items()}
        samples = interleave(sides, options.rounds)
        print_table(HEADER, (_row(name, counts[name], samples) for name in sides))


def _sides(count: int) -> dict[str, Side]:
    site = Site()

    def jobs(make_request: Callable[[], WebhookRequest]) -> Callable[[], list[Job]]:
        return lambda: [site.job(make_request()) for _ in range(count)]

    return {
        BASE: Side(jobs(bare_request)),
        "empty view": Side(jobs(lambda: bare_request("empty"))),
        "status": Side(lambda: site.statuses(count)),
        "status, 1 receiver": Side(lambda: site.statuses(count), receivers),
        "status, duplicate": Side(lambda: site.duplicates(count)),
        "status, unknown message": Side(jobs(unknown_status_request)),
        "inbound": Side(lambda: site.inbounds(count)),
        "inbound, 1 receiver": Side(lambda: site.inbounds(count), receivers),
    }


def _row(
    name: str, counts: StatementCounts, samples: Mapping[str, list[Sample]]
) -> tuple[object, ...]:
    ours, bare = samples[name], samples[BASE]
    return (
        name,
        *counts,
        *(microseconds(ours, of) for of in (WALL, CPU, DATABASE_CPU)),
        *(spread(ratios(ours, bare, of)) for of in (WALL, TOTAL_CPU)),
    )


@contextmanager
def receivers() -> Iterator[None]:
    """Connect one receiver, which does nothing, to each signal."""

    def receive(**_kwargs: Any) -> None:
        pass

    signals = (message_received, message_status_changed)
    for each in signals:
        each.connect(receive)
    try:
        yield
    finally:
        for each in signals:
            each.disconnect(receive)


class Site:
    """The measured site behind its WSGI handler."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()
        self._factory = RequestFactory()
        self._customers = itertools.cycle(CUSTOMERS)
        for customer in CUSTOMERS:  # so that no measured request creates a conversation
            self.job(inbound_request(customer))()

    def job(self, request: WebhookRequest) -> Job:
        """Return a job that sends the request once. It raises AssertionError for a refusal."""
        environ = self._factory.post(
            request.path, b"", content_type="application/json", headers=request.headers
        ).environ
        environ |= {
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.input": io.BytesIO(request.body),
        }

        def run() -> None:
            statuses: list[str] = []
            response = self._handler(environ, lambda status, _headers: statuses.append(status))
            content = b"".join(response)
            response.close()
            assert statuses[0].startswith("200"), (statuses, content)

        return run

    def statuses(self, count: int) -> list[Job]:
        """Return jobs that each change one message."""
        return [self.job(request) for request in new_status_requests(count)]

    def duplicates(self, count: int) -> list[Job]:
        """Return jobs that repeat statuses which the site has already applied."""
        requests = new_status_requests(count)
        for request in requests:
            self.job(request)()
        return [self.job(request) for request in requests]

    def inbounds(self, count: int) -> list[Job]:
        """Return jobs that deliver new messages from known customers."""
        customers = itertools.islice(self._customers, count)
        return [self.job(inbound_request(customer)) for customer in customers]


if __name__ == "__main__":
    main()
