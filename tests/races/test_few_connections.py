"""Workers whose database has few connections: a pool, or a limit of the server."""

import subprocess
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message
from tests.races.conftest import times_accepted

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="Pools are PostgreSQL's."),
]
ROLE = "vonage_two_connections"
THREADS = 3


def queue(size: int) -> dict[str, int]:
    """Queue messages, and return how often each must be accepted."""
    messages = [queue_message(f"4477009{n:05}", f"Message {n}") for n in range(size)]
    return {message.reference.hex: 1 for message in messages}


def assert_idle_worker_has_no_connection() -> None:
    deadline = time.monotonic() + 20
    while Message.objects.filter(status__in=("queued", "sending")).exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    # The loop connects for a moment at each poll.
    counts = []
    while 0 not in counts[-3:] or len(counts) < 3:
        assert time.monotonic() < deadline, counts
        time.sleep(0.15)
        counts.append(connections_of_the_worker())


def connections_of_the_worker() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'limited_worker'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("pool", range(1, THREADS + 2))
def test_worker_sends_all_messages_with_any_size_of_the_pool(vonage, spawn, pool):
    expected = queue(15)
    worker = spawn("tests.races.limited_worker", str(THREADS), str(pool))
    assert worker.wait(timeout=60) == 0
    assert times_accepted(vonage) == expected
    assert set(Message.objects.values_list("status", "attempts")) == {("accepted", 1)}


@pytest.fixture
def limited_role(monkeypatch) -> Iterator[None]:
    """A role with two connections."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS {ROLE}")
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN CONNECTION LIMIT 2 IN ROLE pg_read_all_data")
        cursor.execute(f"GRANT pg_write_all_data TO {ROLE}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    monkeypatch.setenv("RACES_ROLE", ROLE)
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


def test_no_message_waits_for_its_lease_if_the_server_has_no_connection_left(
    vonage, spawn, limited_role
):
    expected = queue(30)
    worker = spawn("tests.races.limited_worker", "8", "0")
    assert worker.wait(timeout=120) == 0
    assert times_accepted(vonage) == expected
    assert set(Message.objects.values_list("status", "attempts")) == {("accepted", 1)}


def test_idle_worker_holds_no_connection(vonage, spawn):
    expected = queue(6)
    worker = spawn("tests.races.limited_worker", str(THREADS), "0", "watch", stdin=subprocess.PIPE)
    assert_idle_worker_has_no_connection()
    worker.stdin.close()
    assert worker.wait(timeout=30) == 0
    assert times_accepted(vonage) == expected
