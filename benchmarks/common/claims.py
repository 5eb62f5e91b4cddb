"""Times of a claim in message tables of different sizes, in one PostgreSQL database.

Each table has a schema of its own, and ``search_path`` selects the table. Of 20 messages, two are
due, two are scheduled, one is held, and the others are delivered.
"""

import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection

from benchmarks.common.filled_tables import TEXT
from benchmarks.common.measuring import settle_garbage
from django_vonage_messages import queue_message
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.claims import claim_batch, release

BATCH: Final = 50

_TABLE: Final = Message._meta.db_table
_KEY: Final = "md5(n::text) || md5(n::text)"
_IS_QUEUED: Final = "n % 4 = 0"
_VALUES: Final = {
    "id": "n",
    "reference": "gen_random_uuid()",
    "conversation_id": "n / 10",
    "client_ref": "md5(n::text)",
    "their_address": "'4479' || lpad((n / 10)::text, 8, '0')",
    "message_uuid": f"CASE WHEN {_IS_QUEUED} THEN NULL ELSE {_KEY} END",
    "status": f"CASE WHEN {_IS_QUEUED} THEN 'queued' ELSE 'delivered' END",
    "held_reason": "CASE WHEN n % 20 = 8 THEN 'restored' ELSE '' END",
    "priority": "CASE WHEN n % 20 = 16 THEN 10 ELSE 20 END",
    "due_at": "now() + interval '1 hour' * CASE WHEN n % 20 >= 12 THEN 1 ELSE -1 END",
}


def claim_times(sizes: Sequence[int], rounds: int) -> Mapping[int, list[float]]:
    """Return the seconds of each claim, by the number of messages. The sizes take turns."""
    template = queue_message("447700900101", TEXT)
    for size in sizes:
        _fill(size, template)
    times: dict[int, list[float]] = {size: [] for size in sizes}
    for number in range(rounds + 1):
        settle_garbage()
        for size in sizes:
            seconds = _time_claim(size)
            if number:  # the first round is a warm-up
                times[size].append(seconds)
    _select_schema("public")
    return times


def growth(times: Mapping[int, list[float]]) -> float:
    """Return the median at the largest size divided by the median at the smallest size."""
    return statistics.median(times[max(times)]) / statistics.median(times[min(times)])


def _time_claim(size: int) -> float:
    _select_schema(f"{_schema(size)}, public")
    start = time.perf_counter()
    claimed = claim_batch(BATCH)
    seconds = time.perf_counter() - start
    assert len(claimed) == BATCH
    for each in claimed:
        release(each)
    return seconds


def _fill(size: int, template: Message) -> None:
    columns = [field.column for field in Message._meta.concrete_fields]
    names = ", ".join(columns)
    values = ", ".join(_VALUES.get(name, f"t.{name}") for name in columns)
    schema = _schema(size)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {schema}")
        cursor.execute(f"CREATE TABLE {schema}.{_TABLE} (LIKE public.{_TABLE})")
        cursor.execute(
            f"INSERT INTO {schema}.{_TABLE} ({names}) SELECT {values} "
            f"FROM public.{_TABLE} AS t, generate_series(1, {size}) AS n WHERE t.id = {template.pk}"
        )
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = %s AND schemaname = 'public'",
            [_TABLE],
        )
        for (definition,) in cursor.fetchall():
            cursor.execute(definition.replace(" ON public.", f" ON {schema}."))
        cursor.execute(f"VACUUM ANALYZE {schema}.{_TABLE}")


def _select_schema(path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path = {path}")


def _schema(size: int) -> str:
    return f"messages_{size}"
