"""Many rows in the tables of this package, as copies of rows that the public API created.

A copy has new unique values. All other columns are unchanged, so that a new column needs no change
here. PostgreSQL makes the copies itself.
"""

from datetime import timedelta
from typing import Final

from django.apps import apps
from django.db import connection, models
from django.db.models import DateTimeField
from django.utils import timezone

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import (
    Message,
    SignalDispatch,
    Suppression,
    UnprocessedWebhook,
    Workflow,
)
from django_vonage_messages.testing import simulate_inbound, simulate_status

TEMPLATES: Final = 5
"""Rows in each table, at most, that are copied."""

_KEY: Final = "md5(random()::text) || md5(random()::text)"
PAST: Final = "now() - interval '1 hour'"
FUTURE: Final = "now() + interval '30 days'"
_CREATED: Final = "now() - interval '100 days'"
_OF_SOURCE: Final = {
    "conversation_id": "source.id",
    "their_address": "source.their_address",
    "created_at": "source.created_at",
}
_NOT_ACCEPTED: Final[list[dict[str, str]]] = [
    {"status": "'queued'", "due_at": PAST},
    {"status": "'queued'", "due_at": FUTURE},
    # An answer by a person comes first in the order of priorities.
    {"status": "'queued'", "due_at": FUTURE, "priority": "10"},
    {"status": "'queued'", "due_at": PAST, "held_reason": "'restored'"},
    {"status": "'failed'"},
    {"status": "'unconfirmed'", "started_at": "source.created_at"},
]
_WEBHOOKS: Final[list[dict[str, str]]] = [
    {"processed_at": "source.created_at", "next_try_at": "NULL"},
    {"attempts": "99", "next_try_at": "NULL"},
    {"attempts": "1", "next_try_at": FUTURE},
    {"reason": "'failed'", "attempts": "99", "next_try_at": "NULL"},
    {"reason": "'failed'", "attempts": "1", "next_try_at": FUTURE},
]
_SIGNALS: Final[list[dict[str, str]]] = [
    {"done_at": "source.created_at", "next_try_at": "NULL"},
    {"attempts": "99", "next_try_at": "NULL"},
    {"attempts": "99", "next_try_at": FUTURE},
]


class Tables:
    """Tables that grow.

    Each conversation has 12 messages: three delivered messages with three events each, an inbound
    message, two messages of a workflow, and the messages of ``_NOT_ACCEPTED``. There are five
    stored webhooks, three failed signals and a suppression for each conversation.
    """

    def __init__(self, unknown_webhook: UnprocessedWebhook) -> None:
        self.size = 0
        self.webhook = unknown_webhook
        self.delivered = send_message("447700900100", "Hello")
        simulate_status(self.delivered, "submitted")
        simulate_status(self.delivered, "delivered")
        self.inbound = simulate_inbound("447700900100", "Where is my order?")
        self.queued = queue_message("447700900100", "Hello")
        self.signal = SignalDispatch.objects.create(
            signal="message_received", message=self.inbound, error="ValueError"
        )
        self.workflow = Workflow.objects.create(account="default", failover_by="local")
        self.suppression = Suppression.objects.create(address="447700900109", evidence="STOP")

    def grow(self, conversations: int) -> None:
        """Add rows until there are this many conversations, and refresh the statistics."""
        numbers = f"generate_series({self.size}, {conversations - 1}) AS n"
        self.size = conversations
        threads = copy(
            self.delivered.conversation,
            numbers,
            key=_KEY,
            their_address="'4479' || lpad(n::text, 8, '0')",
            created_at=_CREATED,
            last_message_at=_CREATED,
            last_inbound_at=_CREATED,
        )
        self._add_messages(threads)
        for values in _WEBHOOKS:
            unique = {"body_key": _KEY, "message_uuid": _KEY, "received_at": "source.created_at"}
            copy(self.webhook, threads, **unique | values)
        copy(self.suppression, threads, address="source.their_address", address_key=_KEY)
        analyze()

    def _add_messages(self, threads: str) -> None:
        delivered = copy_messages(self.delivered, threads, times=3)
        for event in self.delivered.events.all():
            copy(event, delivered, message_id="source.id", dedupe_key=_KEY)
        inbound = copy_messages(self.inbound, threads)
        for values in _SIGNALS:
            copy(self.signal, inbound, message_id="source.id", **values)
        for values in _NOT_ACCEPTED:
            copy_messages(self.queued, threads, **values)
        workflows = copy(self.workflow, threads, created_at="source.created_at")
        offset = f"{workflows.rpartition(' ')[2]} - {threads.rpartition(' ')[2]}"
        for position, status in enumerate(("delivered", "cancelled"), start=1):
            copy_messages(
                self.delivered,
                threads,
                status=f"'{status}'",
                workflow_id=f"source.id + {offset}",
                workflow_position=str(position),
            )


def copy_messages(template: Message, source: str, times: int = 1, **values: str) -> str:
    """Copy a message for each row of a source of conversations, as ``copy()`` does."""
    unique = {"reference": "gen_random_uuid()", "client_ref": "left(md5(random()::text), 32)"}
    for name in ("message_uuid", "inbound_key"):
        if getattr(template, name):
            unique[name] = _KEY
    return copy(template, f"generate_series(1, {times}), {source}", **_OF_SOURCE | unique | values)


def copy(template: models.Model, source: str, **values: str) -> str:
    """Copy a row for each row of an SQL source. ``values`` are SQL expressions for columns.

    Return an SQL source of the copies.
    """
    table, pk = template._meta.db_table, template._meta.pk.column
    columns = [each.column for each in template._meta.concrete_fields if not each.primary_key]
    selected = ", ".join(values.get(name, f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    source, _, condition = source.partition(" WHERE ")
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT max("{pk}") FROM "{table}"')
        (last,) = cursor.fetchone()
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {selected} FROM "{table}" AS t, {source} '
            f'WHERE t."{pk}" = {template.pk} AND {condition or "true"}'
        )
        assert cursor.rowcount, table
    return f'"{table}" AS source WHERE source.id > {last}'


def make_oldest_old(days: int, rows: int = 20) -> None:
    """Set the times of the oldest rows of each table, except the templates."""
    for model in _models():
        times = [each.name for each in model._meta.fields if isinstance(each, DateTimeField)]
        oldest = model.objects.order_by("pk")[TEMPLATES : TEMPLATES + rows]
        for name in times:
            filled = model.objects.filter(pk__in=oldest.values("pk")).exclude(**{name: None})
            filled.update(**{name: timezone.now() - timedelta(days=days)})


def analyze() -> None:
    """Refresh the statistics of the planner."""
    tables = ", ".join(model._meta.db_table for model in _models())
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {tables}")


def _models() -> list[type[models.Model]]:
    return list(apps.get_app_config("vonage_messages").get_models())
