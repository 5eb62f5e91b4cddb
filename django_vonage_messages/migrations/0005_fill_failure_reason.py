"""Fill ``reason``, ``retry_after`` and ``settled_by`` from the payloads and titles of before.

In batches, and outside a transaction: it can be stopped and run again.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import migrations

BATCH = 500  # old versions of SQLite take 999 parameters
REASONS = {"rejected", "throttled", "not_sent", "unsendable", "unconfirmed"}
TITLES = {
    "Not sent before it expired": "expired",
    "The recipient must not be messaged: a suppression is in force": "suppressed",
    "The attempt was interrupted": "interrupted",
    "Not needed: a message before it arrived": "workflow_stopped",
    "Not tried: the first message was not sent": "workflow_stopped",
    "Not tried: the message before it was stopped": "workflow_stopped",
    "Not tried: only a rejection is followed by the next": "workflow_stopped",
}
OWN_STATUSES = ("queued", "unconfirmed", "failed", "expired", "cancelled")


def fill(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    events = apps.get_model("vonage_messages", "StatusEvent").objects.using(alias)
    messages = apps.get_model("vonage_messages", "Message").objects.using(alias)
    columns = ("reason", "retry_after", "settled_by", "payload")
    for batch in batches(events.filter(source="local")):
        changed = [event for event in batch if move_to_columns(event)]
        # Nearly all of them are acceptances, and one UPDATE is enough for all of these.
        emptied = [event.pk for event in changed if not event.reason and not event.payload]
        events.filter(pk__in=emptied).update(payload={})
        others = [event for event in changed if event.reason or event.payload]
        events.bulk_update(others, columns, batch_size=BATCH // 4)
    for batch in batches(messages.filter(direction="outbound", status__in=OWN_STATUSES)):
        last: dict[tuple[int, str], str] = {}
        found = events.filter(source="local", message__in=[message.pk for message in batch])
        for pk, status, reason in found.order_by("id").values_list("message", "status", "reason"):
            last[pk, status] = reason
        for message in batch:
            message.reason = last.get((message.pk, message.status), "")
        messages.bulk_update([m for m in batch if m.reason], ("reason",), batch_size=BATCH // 4)


def move_to_columns(event: Any) -> bool:
    """Fill an event's columns from its payload and title; return whether anything changed."""
    before = event.payload, event.reason
    payload = dict(event.payload)
    verdict = payload.pop("verdict", "")
    if "settled_by" in payload:
        event.reason = "settled"
        event.settled_by_id = value_or_none(event, "settled_by", payload.pop("settled_by"))
    elif verdict in REASONS:
        event.reason = verdict
        event.retry_after = value_or_none(event, "retry_after", payload.pop("retry_after", None))
    elif event.error_title in TITLES:
        event.reason = TITLES[event.error_title]
    payload.pop("retry_after", None)
    if not payload.get("instance"):
        payload.pop("instance", None)
    event.payload = payload
    return before != (event.payload, event.reason)


def value_or_none(event: Any, column: str, value: Any) -> Any:
    """Return a value for a column; None for one that it cannot hold.

    Anything with a ``pk`` could settle a message, and the user model may be another by now.
    """
    field = event._meta.get_field(column)
    try:
        return getattr(field, "target_field", field).to_python(value)
    except ValidationError:
        return None


def empty(apps: Any, schema_editor: Any) -> None:
    """Write the columns back into the payloads, where the code before them looks."""
    alias = schema_editor.connection.alias
    events = apps.get_model("vonage_messages", "StatusEvent").objects.using(alias)
    for batch in batches(events.filter(source="local").exclude(reason="")):
        for event in batch:
            if event.reason == "settled":
                pk = event.settled_by_id
                event.payload["settled_by"] = None if pk is None else str(pk)
            elif event.reason in REASONS:
                event.payload |= {"verdict": event.reason, "retry_after": event.retry_after}
        events.bulk_update(batch, ("payload",), batch_size=BATCH // 4)


def batches(rows: Any) -> Iterator[list[Any]]:
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("vonage_messages", "0004_failure_reason")]

    operations = [migrations.RunPython(fill, empty)]
