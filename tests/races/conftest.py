"""Fixtures of the race tests: simultaneous starts, processes on the test database, a simulator."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
from django.db import connection, connections

from django_vonage_messages.models import Message
from django_vonage_messages.simulator import Simulator
from tests.settings import SIGNATURE_SECRET
from tests.webhooks.tokens import bearer

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = connection.vendor != "sqlite"
"""True if two transactions can write at the same time and wait for each other."""


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """Run ``work(0)`` to ``work(count - 1)`` on threads that start at the same moment."""
    barrier = threading.Barrier(count)

    def run(number: int) -> T:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture(autouse=True)
def _nothing_is_logged_as_an_error(caplog) -> Iterator[None]:
    """Fail on logged errors: work that is abandoned instead of repeated is logged."""
    yield
    errors = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert not errors, errors


@pytest.fixture
def vonage(transactional_db, settings) -> Iterator[Simulator]:
    """A simulator for the site's requests that sends no webhooks."""
    with Simulator(time_scale=0, signature_secret=SIGNATURE_SECRET) as simulator:
        settings.VONAGE_MESSAGES = {"default": simulator.settings()}
        yield simulator


@pytest.fixture
def post(live_server) -> Callable[[str, bytes], requests.Response]:
    """POST a signed webhook over HTTP, with retries after a 503 as Vonage makes them."""

    def post(path: str, body: bytes) -> requests.Response:
        for _ in range(20):
            response = requests.post(
                f"{live_server.url}/webhooks/{path}",
                data=body,
                headers={"Content-Type": "application/json", **bearer(body, api_key=None)},
                timeout=60,
            )
            if response.status_code != 503:
                break
        return response

    return post


@pytest.fixture
def spawn(settings) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Run a module of these tests in its own process, on the test database."""
    running: list[subprocess.Popen[str]] = []

    def spawn(module: str, *arguments: str, stdin: int | None = None) -> subprocess.Popen[str]:
        names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
        database = {name: connection.settings_dict[name] for name in names}
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.races.process_settings",
            "PYTHONPATH": str(ROOT),
            "RACES_DATABASE": json.dumps(database, default=str),
            "RACES_ACCOUNTS": json.dumps(settings.VONAGE_MESSAGES),
        }
        command = [sys.executable, "-m", module, *arguments]
        running.append(subprocess.Popen(command, env=environment, text=True, stdin=stdin))
        return running[-1]

    yield spawn
    for process in running:
        process.kill()
        process.wait()


def times_accepted(simulator: Simulator) -> dict[str, int]:
    """Return the number of times that the simulator accepted each client_ref."""
    counts: dict[str, int] = {}
    for accepted in simulator.accepted:
        reference = accepted.client_ref or ""
        counts[reference] = counts.get(reference, 0) + 1
    return counts


def statuses_of(messages: Any) -> list[str]:
    """Return the distinct sequences of events of the messages, one line each."""
    rows = Message.objects.filter(pk__in=[message.pk for message in messages])
    return sorted({" ".join(e.status for e in m.events.all()) for m in rows})
