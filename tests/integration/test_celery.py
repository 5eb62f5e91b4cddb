"""A real Celery worker on a real Redis, with the settings of the page "Use Celery"."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from django_vonage_messages import deliver_due, queue_message
from django_vonage_messages.models import Message
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.simulator import Simulator, number_for
from django_vonage_messages.testing import fix_time
from tests.integration.celery_site import CelerySite, redis_server
from tests.races.conftest import times_accepted
from tests.time_limits import time_limit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SERVER = connection.vendor != "sqlite"
COUNT = 1000 if SERVER else 200  # SQLite has one writer at a time
POOLS = ["prefork", "threads"]


@pytest.fixture
def vonage(settings) -> Iterator[Simulator]:
    with Simulator(time_scale=0) as simulator:
        settings.VONAGE_MESSAGES = {"default": simulator.settings()}
        yield simulator


@pytest.fixture
def site(vonage, tmp_path: Path) -> Iterator[CelerySite]:
    with redis_server(tmp_path) as url:
        site = CelerySite(tmp_path, url)
        yield site
        site.close()


def left() -> int:
    return Message.objects.filter(status="queued").count()


@pytest.mark.parametrize("pool", POOLS)
def test_each_message_is_sent_once_by_a_stopped_worker_and_the_next(site, vonage, pool):
    site.queue(COUNT)
    assert (left(), vonage.accepted) == (COUNT, [])

    first = site.start_worker(pool)
    site.wait_until(lambda: len(vonage.accepted) >= COUNT // 10)
    site.stop(first)

    assert 0 < left() < COUNT, "the worker was not stopped in the middle"
    assert set(Message.objects.values_list("status", flat=True)) == {"queued", "accepted"}

    second = site.start_worker(pool)
    site.wait_until(lambda: left() == 0)
    site.stop(second)

    references = Message.objects.values_list("client_ref", flat=True)
    assert times_accepted(vonage) == dict.fromkeys(references, 1)
    assert len(references) == COUNT
    assert set(Message.objects.values_list("status", "attempts")) == {("accepted", 1)}


@pytest.mark.parametrize("pool", POOLS)
def test_vonage_worker_runs_in_a_task_and_restores_the_handlers(site, vonage, tmp_path, pool):
    queue_message("447700900000", "Hello")
    worker = site.start_worker(pool)
    report = tmp_path / "handlers"
    site.call("shop.tasks.run_worker", str(report))
    site.wait_until(report.exists)

    assert report.read_text() == "restored"
    assert (len(vonage.accepted), left()) == (1, 0)
    site.stop(worker)


def test_tasks_of_the_schedule_send_messages_and_end_interrupted_attempts(site, vonage):
    interrupted = queue_message("447700900000", "Interrupted")
    hour_ago = timezone.now() - timedelta(hours=1)
    Message.objects.update(status="sending", started_at=hour_ago, claim_expires_at=hour_ago)
    due = queue_message("447700900001", "Due")
    schedule = site.run(
        "-c", "import shop; print(*[e['task'] for e in shop.app.conf.beat_schedule.values()])"
    )

    worker = site.start_worker("prefork")
    for task in schedule.split():
        site.call(task)
    finished = ("accepted", "unconfirmed")
    site.wait_until(lambda: Message.objects.filter(status__in=finished).count() == 2)
    site.stop(worker)

    assert Message.objects.get(pk=due.pk).status == "accepted"
    assert Message.objects.get(pk=interrupted.pk).status == "unconfirmed"
    assert len(vonage.accepted) == 1


def test_a_soft_time_limit_leaves_the_message_unconfirmed(site, vonage):
    slow = queue_message(number_for("times_out"), "Slow")
    later = queue_message("447700900001", "Later")
    worker = site.start_worker("prefork")
    site.call("shop.tasks.deliver_messages", soft_time_limit=1)
    site.wait_until(lambda: Message.objects.filter(status="unconfirmed").exists())
    assert Message.objects.get(pk=later.pk).status == "queued"

    site.call("shop.tasks.deliver_messages")
    site.wait_until(lambda: Message.objects.get(pk=later.pk).status == "accepted")
    site.stop(worker)

    assert Message.objects.get(pk=slow.pk).status == "unconfirmed"
    assert len(vonage.accepted) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_time_limits_at_any_statement_lose_nothing_and_send_nothing_twice(vonage):
    messages = [queue_message(f"4477009{n:05}", f"Message {n}") for n in range(120)]
    chance = random.Random(7)
    raised = 0
    for _ in range(120):
        try:
            with time_limit(chance.uniform(0.001, 0.06)):
                deliver_due(limit=3)
        except Exception:  # noqa: BLE001 -- the limit can turn into an error of the driver
            raised += 1
    assert raised > 10

    for minutes in (10, 20, 30):  # later, when the leases and the pauses are over
        with fix_time(timezone.now() + timedelta(minutes=minutes)):
            reconcile()
            while deliver_due():
                pass
    counts = times_accepted(vonage)
    rows = Message.objects.values_list("client_ref", "status")
    assert set(counts.values()) == {1}
    assert {status for _reference, status in rows} == {"accepted", "unconfirmed"}
    assert {r for r, status in rows if status == "accepted"} <= set(counts)
    assert len(rows) == len(messages)
