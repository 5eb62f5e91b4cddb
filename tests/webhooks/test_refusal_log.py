"""Refusals are logged once per reason in five minutes, and counted."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from django_vonage_messages.models import WebhookRefusal
from django_vonage_messages.webhooks import refusal_counters
from tests.webhooks.reference_bodies import INBOUND

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(refusal_counters.time, "monotonic", lambda: now[0])
    return now


class Timer:
    """A timer that the test runs. ``waiting`` holds the timers that were started."""

    waiting: ClassVar[list["Timer"]] = []

    def __init__(self, interval, function, args):
        self.interval, self.run = interval, lambda: function(*args)

    def start(self):
        self.waiting.append(self)

    def cancel(self): ...


@pytest.fixture
def timers(monkeypatch):
    """Count as a live site does, with timers that the test runs."""
    monkeypatch.setattr(refusal_counters, "is_test_run", lambda: False)
    monkeypatch.setattr(refusal_counters.threading, "Timer", Timer)
    yield Timer.waiting
    Timer.waiting.clear()


@pytest.fixture
def exit_process(monkeypatch, timers):
    """Return a function that runs the functions which a live process runs at its end."""
    functions = []
    monkeypatch.setattr(refusal_counters.atexit, "register", functions.append)
    monkeypatch.setattr(
        refusal_counters.atexit, "unregister", lambda f: f in functions and functions.remove(f)
    )

    def end():
        for function in reversed(functions):
            function()

    return end


@pytest.fixture
def lines(caplog):
    """Return the logged errors, and check that Django logs none of its own."""

    def read():
        assert not [record for record in caplog.records if record.name == "django.request"]
        records = [record for record in caplog.records if record.levelname == "ERROR"]
        return [record.getMessage() for record in records]

    return read


def test_each_reason_is_logged_and_written_once_in_five_minutes(post_webhook, clock, lines):
    for _ in range(40):
        assert post_webhook("inbound-message", INBOUND, secret=None).status_code == 503
        assert (
            post_webhook("inbound-message", INBOUND, api_key="else", secret="x").status_code == 401
        )
    first, second = lines()
    assert first.startswith("Refused 1 webhook(s) with HTTP 503: ")
    assert second.startswith("Refused 1 webhook(s) with HTTP 401: ")
    assert set(WebhookRefusal.objects.values_list("count", flat=True)) == {1}

    clock[0] += 299
    post_webhook("inbound-message", INBOUND, secret=None)
    assert len(lines()) == 2

    clock[0] += 1
    post_webhook("inbound-message", INBOUND, secret=None)
    assert lines()[2].startswith("Refused 41 webhook(s) with HTTP 503: ")
    row = WebhookRefusal.objects.get(reason="missing_token")
    assert row.count == 42
    assert row.first_at < row.last_at


def test_log_line_names_the_remedy(post_webhook, lines):
    post_webhook("inbound-message", INBOUND, secret="wrong")
    assert lines() == [
        "Refused 1 webhook(s) with HTTP 503: The token names an account of this site, but no "
        "configured secret matches. Compare SIGNATURE_SECRETS with the signature secret in the "
        "Vonage dashboard."
    ]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_refusal_needs_no_database(post_webhook, lines, error):
    def down(*args):
        raise error("447700900000 Where is my order?")

    with connection.execute_wrapper(down):
        response = post_webhook("inbound-message", INBOUND, secret=None)
    assert response.status_code == 503
    assert len(lines()) == 1


def test_many_failures_without_a_database_are_one_line(post_webhook, clock, lines):
    def down(*args):
        raise InterfaceError("447700900000 Where is my order?")

    with connection.execute_wrapper(down):
        for _ in range(10):
            assert post_webhook("inbound-message", INBOUND).status_code == 503
    assert len(lines()) == 1


def test_wrong_method_is_not_counted_as_a_refusal(client):
    assert client.delete("/webhooks/inbound-message").status_code == 405
    assert not WebhookRefusal.objects.exists()


def counts():
    return dict(WebhookRefusal.objects.values_list("reason", "count"))


def test_count_is_written_when_due_without_another_request(post_webhook, clock, timers, lines):
    for _ in range(40):
        post_webhook("inbound-message", INBOUND, secret=None)
        post_webhook("inbound-message", INBOUND, api_key="else", secret="x")
    assert counts() == {"missing_token": 1, "not_vonage": 1}
    assert [timer.interval for timer in timers] == [300.0, 300.0]

    clock[0] += 300
    for timer in list(timers):
        timer.run()
    assert counts() == {"missing_token": 40, "not_vonage": 40}
    assert [line[:21] for line in lines()] == ["Refused 1 webhook(s) "] * 2 + [
        "Refused 39 webhook(s)"
    ] * 2


def test_refusal_that_is_due_first_leaves_the_timer_nothing(post_webhook, clock, timers, lines):
    for seconds in (0, 0, 300, 0):
        clock[0] += seconds
        post_webhook("inbound-message", INBOUND, secret=None)
    timers[0].run()
    assert len(lines()) == 2
    assert counts() == {"missing_token": 3}
    clock[0] += 300
    timers[1].run()
    assert counts() == {"missing_token": 4}


def test_count_is_written_at_the_end_of_the_process(post_webhook, clock, exit_process, lines):
    for _ in range(7):
        post_webhook("inbound-message", INBOUND, secret=None)
        post_webhook("inbound-message", INBOUND, api_key="else", secret="x")
    exit_process()
    assert counts() == {"missing_token": 7, "not_vonage": 7}
    assert len(lines()) == 2


@pytest.mark.django_db(transaction=True)
def test_count_outlives_a_database_failure(post_webhook, clock, timers, lines):
    def down(*args):
        raise OperationalError

    with connection.execute_wrapper(down):
        post_webhook("inbound-message", INBOUND, secret=None)
    assert counts() == {}
    clock[0] += 300
    timers[0].run()
    assert counts() == {"missing_token": 1}
    assert len(lines()) == 1
    post_webhook("inbound-message", INBOUND, secret=None)
    assert len(lines()) == 2


def test_time_of_the_last_refusal_does_not_go_back(post_webhook):
    later = timezone.now() + timedelta(hours=1)
    WebhookRefusal.objects.create(reason="missing_token", count=2, last_at=later)
    post_webhook("inbound-message", INBOUND, secret=None)
    row = WebhookRefusal.objects.get()
    assert (row.count, row.last_at) == (3, later)


def test_test_run_starts_no_timer(post_webhook, monkeypatch):
    """At the end of a test run, the settings name the site's own database again."""
    monkeypatch.setattr(refusal_counters.threading, "Timer", None)
    monkeypatch.setattr(refusal_counters.atexit, "register", None)
    for _ in range(3):
        assert post_webhook("inbound-message", INBOUND, secret=None).status_code == 503


PROCESS = """
import json, sys, time
import django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.core.management import call_command
from django.test import Client
from django_vonage_messages.models import WebhookRefusal
from django_vonage_messages.webhooks import refusal_counters
refusal_counters.FLUSH_INTERVAL = float(sys.argv[1])
call_command("migrate", verbosity=0)
client = Client()
for _ in range(5300):
    assert client.post("/webhooks/inbound-message").status_code == 503
time.sleep(float(sys.argv[2]))
print(json.dumps(list(WebhookRefusal.objects.values_list("reason", "count"))))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("interval", "pause", "shown"), [("3", "5", 5300), ("300", "0", 1)], ids=["due", "end"]
)
def test_process_stores_5300_refusals(tmp_path, interval, pause, shown):
    database = tmp_path / "counts.sqlite3"
    done = subprocess.run(
        [sys.executable, "-c", PROCESS, interval, pause],
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{database}",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == [["missing_token", shown]]
    with closing(sqlite3.connect(database)) as rows:
        stored = rows.execute("SELECT count FROM vonage_messages_webhookrefusal").fetchall()
    assert stored == [(5300,)]
