"""What a webhook and a send cost: statements, commits, and requests a second.

    make bench                                  # on SQLite, a file in the temporary directory
    DATABASE_URL=postgres://… make bench        # there

Each is measured beside the least that any app could do, in turns and in this one process: a bare
Django view that does one INSERT, and an INSERT with an UPDATE. What counts is the ratio.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from django_vonage_messages import send_message
from django_vonage_messages.backends.locmem import outbox
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.signatures import sign
from django_vonage_messages.signals import message_received, message_status_changed
from tests.counting import counted

Job = Callable[[], Any]
ROUNDS = 7


class Bare(models.Model):
    """A row such as an app would keep if it kept nothing but what came."""

    body = models.JSONField()
    status = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return self.status


@csrf_exempt
def bare_view(request: HttpRequest) -> HttpResponse:
    Bare.objects.create(body={"raw": request.body.decode()}, status="received")
    return HttpResponse("ok")


urlpatterns = [
    path("bare", bare_view),
    path("webhooks/", include("django_vonage_messages.urls")),
]


class Site:
    """The site in this process, with the middleware of the test suite."""

    def __init__(self) -> None:
        self._handler = BaseHandler()
        self._handler.load_middleware()
        self._factory = RequestFactory()
        self._second = 0

    def post(self, url: str, body: dict[str, Any]) -> Job:
        """Return a job that posts a signed body; signing it is not part of the job."""
        raw = json.dumps(body).encode()
        token = sign(raw, settings.SIGNATURE_SECRET, api_key="abcd1234")
        request = self._factory.post(
            url,
            raw,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

        def job() -> None:
            response = self._handler.get_response(request)
            assert response.status_code == 200, response.content
            response.close()

        return job

    def status(self, message: Message, status: str, **extra: Any) -> Job:
        self._second += 1
        body = {
            "message_uuid": message.message_uuid,
            "to": {"type": "sms", "number": message.their_address},
            "from": {"type": "sms", "number": message.our_address},
            "timestamp": f"2026-01-01T14:00:{self._second % 60:02}.000Z",
            "status": status,
            "client_ref": message.client_ref,
        }
        return self.post("/webhooks/message-status", body | extra)

    def inbound(self, number: int, from_: str) -> Job:
        body = {
            "message_uuid": f"inbound-{number}",
            "timestamp": "2026-01-01T14:00:00.000Z",
            "to": {"type": "sms", "number": "447700900001"},
            "from": {"type": "sms", "number": from_},
            "message": {"content": {"type": "text", "text": "Hello"}},
        }
        return self.post("/webhooks/inbound-message", body)


def send(number: int = 0) -> Message:
    return send_message(f"4477009{number % 100000:05}", "Your order is on its way.")


def bare_send() -> None:
    row = Bare.objects.create(body={"text": "Your order is on its way."}, status="sending")
    Bare.objects.filter(pk=row.pk).update(status="accepted")


def costs(site: Site) -> None:
    """Print what each path asks of the database."""
    other, message = send(), send()
    site.status(other, "submitted", timestamp="2026-01-01 UTC")()
    jobs: list[tuple[str, Job]] = [
        ("send_message()", send),
        ("send_message(), first to a number", lambda: send(77777)),
        ("status, which changes the message", site.status(message, "submitted")),
        ("status, the last one", site.status(message, "delivered")),
        ("status, late", site.status(message, "submitted")),
        ("status, duplicate", site.status(other, "submitted", timestamp="2026-01-01 UTC")),
        ("status, of nobody", site.status(message, "read", message_uuid="?", client_ref="?")),
        ("inbound, first of a number", site.inbound(1, "447700900777")),
        ("inbound", site.inbound(2, "447700900777")),
        ("bare view", site.post("/bare", {"status": "delivered"})),
    ]
    print(f"{'':36}{'statements':>11}{'savepoints':>11}{'commits':>9}")
    for name, job in jobs:
        with counted() as cost:
            job()
        print(f"{name:36}{len(cost.statements):11}{cost.savepoints:11}{cost.commits:9}")


def rate(jobs: Iterable[Job]) -> float:
    """Run jobs one after the other; return how many a second."""
    jobs = list(jobs)
    began = time.perf_counter()
    for job in jobs:
        job()
    return len(jobs) / (time.perf_counter() - began)


def compare(name: str, ours: Callable[[int], list[Job]], bare: Callable[[], list[Job]]) -> None:
    """Measure both in turns and print the medians and the ratio of each turn."""
    rates = [(rate(ours(number)), rate(bare())) for number in range(ROUNDS + 1)][1:]
    ratios = sorted(theirs / mine for mine, theirs in rates)
    mine, theirs = (statistics.median(side) for side in zip(*rates, strict=True))
    print(
        f"{name:24}{mine:8.0f}/s   bare {theirs:8.0f}/s   {statistics.median(ratios):5.2f} times "
        f"the bare time ({ratios[0]:.2f} to {ratios[-1]:.2f} in {ROUNDS} turns)"
    )


def rates(site: Site, count: int) -> None:
    def bare_requests() -> list[Job]:
        return [site.post("/bare", {"status": "delivered", "n": n}) for n in range(count)]

    def statuses(_turn: int) -> list[Job]:
        sent = [send(number) for number in range(count // 2)]
        outbox.clear()
        return [site.status(m, status) for status in ("submitted", "delivered") for m in sent]

    def inbounds(turn: int) -> list[Job]:
        numbers = range(turn * count, (turn + 1) * count)
        return [site.inbound(1000 + n, f"4477008{n % 50:05}") for n in numbers]

    compare("status webhook", statuses, bare_requests)
    compare("inbound webhook", inbounds, bare_requests)
    compare("send_message()", lambda _turn: [send] * count, lambda: [bare_send] * count)


def describe(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sqlite_version()" if connection.vendor == "sqlite" else "SELECT version()"
        )
        database = f"{connection.vendor} {cursor.fetchone()[0]}"[:60]
    print(
        f"Python {platform.python_version()}, Django {django.__version__}, {database}; "
        f"one process and thread; {count} a turn, receivers: none.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200, help="requests a turn (default: 200)")
    count = parser.parse_args().count
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    # The example site listens, and its work is not ours.
    message_received.receivers, message_status_changed.receivers = [], []
    try:
        with connection.schema_editor() as editor:
            editor.create_model(Bare)
        with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"]):
            site = Site()
            describe(count)
            costs(site)
            print()
            rates(site, count)
    finally:
        connection.creation.destroy_test_db(str(name), verbosity=0)


if __name__ == "__main__":
    main()
