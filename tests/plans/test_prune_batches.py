"""Rows that prune visits in each batch, in the statistics of PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Final

import pytest
from django.core.management import call_command
from django.db import connection

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import Message, StatusEvent
from django_vonage_messages.services.operations.prune import RETENTION_RULES, prune
from django_vonage_messages.testing import simulate_status
from tests.plans.filling import copy, copy_messages

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL counts the rows."),
]

BATCH: Final = 100
SIZE: Final = 10_000
"""Number of messages. In smaller tables, PostgreSQL prefers sequential scans."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr("django_vonage_messages.services.operations.prune.BATCH", BATCH)


def visited_and_deleted() -> tuple[int, int]:
    """Return the numbers of rows that this transaction has visited and deleted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(seq_tup_read) + sum(coalesce(idx_tup_fetch, 0)), sum(n_tup_del) "
            "FROM pg_stat_xact_user_tables WHERE relname LIKE 'vonage_messages_%'"
        )
        visited, deleted = cursor.fetchone()
    return int(visited), int(deleted)


def add_messages(template: Message) -> None:
    """Add old copies of a message and of its events."""
    thread = template.conversation
    source = f'"{thread._meta.db_table}" AS source WHERE source.id = {thread.pk}'
    copies = copy_messages(template, source, times=SIZE, created_at="now() - interval '99 days'")
    for event in StatusEvent.objects.filter(message=template):
        key = "md5(random()::text) || md5(random()::text)"
        copy(event, copies, message_id="source.id", dedupe_key=key)
    template.delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def add_ended_messages() -> None:
    """Add messages with two events each."""
    message = send_message("447700900100", "Hello")
    simulate_status(message, "delivered")
    add_messages(message)


def test_kept_messages_are_visited_once_for_each_run():
    add_messages(queue_message("447700900100", "Hello"))
    add_ended_messages()
    visited_before, deleted_before = visited_and_deleted()

    out = StringIO()
    call_command("vonage_prune", "--messages=30", stdout=out)

    assert out.getvalue().replace(",", "") == f"messages: {SIZE} removed\n"
    visited, deleted = visited_and_deleted()
    assert deleted - deleted_before == 3 * SIZE
    assert visited - visited_before <= 3 * (deleted - deleted_before) + 2 * SIZE


def test_each_batch_visits_at_most_three_times_the_rows_that_it_removes():
    add_ended_messages()
    ratios = list(batch_ratios())

    assert len(ratios) == SIZE // BATCH
    assert max(ratios) <= 3
    assert ratios[-1] <= ratios[0] * 1.05


def batch_ratios() -> Iterator[float]:
    (rule,) = (each for each in RETENTION_RULES if each.name == "messages")
    before = visited_and_deleted()
    for _ in prune(rule, timedelta(days=30)):
        visited, deleted = after = visited_and_deleted()
        yield (visited - before[0]) / (deleted - before[1])
        before = after
