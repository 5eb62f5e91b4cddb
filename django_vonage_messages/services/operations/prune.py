"""Deletion of old data, with a rule for each kind of data."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connections
from django.db.models import Count, F, Model, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from django_vonage_messages.models import (
    Conversation,
    Message,
    SignalDispatch,
    Source,
    Status,
    StatusEvent,
    UnprocessedWebhook,
    WebhookRefusal,
    Worker,
    Workflow,
)
from django_vonage_messages.services.db.transactions import locked, primary, run_committed

BATCH: Final = 900
"""Length of the ranges of IDs. Small batches hold locks only briefly.

Old versions of SQLite take 999 parameters.
"""
_TO_BE_SENT: Final = frozenset({Status.QUEUED, Status.SENDING})
_OPEN: Final = frozenset({Status.UNCONFIRMED, Status.ACCEPTED, Status.SUBMITTED})
_LONGEST_TIME_TO_LIVE: Final = timedelta(days=30)
"""Longest ``ttl`` that a channel allows (RCS, in the v1 OpenAPI document)."""
_ENDED: Final = frozenset(Status.values) - _TO_BE_SENT

Rows = QuerySet[Any]


@dataclass(frozen=True)
class Removal:
    """Walk through a table, and removal of the rows that are old enough."""

    model: type[Model]
    # Returns the primary keys of those rows of a batch that are from before a time. A condition
    # on other tables belongs here and not into the walk, where it could cost a full scan.
    find: Callable[[Rows, datetime], Iterable[int]]
    # Deletes the rows, or empties some of their columns.
    remove: Callable[[Rows], object]
    # Column of the time that ``find`` compares, if the IDs follow it. The walk ends at new rows.
    time: str = ""


@dataclass(frozen=True)
class RetentionRule:
    """Rule for one kind of old data."""

    name: str
    help: str
    removal: Removal
    # Removal of data that is left over, also after an interrupted run. It is not counted.
    cleanup: Removal | None = None


def prune(rule: RetentionRule, age: timedelta, *, dry_run: bool = False) -> Iterator[int]:
    """Apply ``rule`` to rows older than ``age``, in batches.

    After each batch, yield the number of its rows. If ``dry_run`` is True, only count the rows.
    """
    before = timezone.now() - age
    for rows in _batches(rule.removal, before):
        if dry_run:
            yield len(list(rule.removal.find(rows, before)))
        else:
            yield _remove(rule.removal, rows, before)
    if rule.cleanup and not dry_run:
        for rows in _batches(rule.cleanup, before):
            _remove(rule.cleanup, rows, before)
            yield 0


def _batches(removal: Removal, before: datetime) -> Iterator[Rows]:
    """Yield the rows of a table in order, in ranges of IDs."""
    table = primary(removal.model).order_by("pk")
    start = 0
    columns = ["pk", removal.time] if removal.time else ["pk"]
    while first := table.filter(pk__gte=start).only(*columns).first():
        if removal.time and _only_new_rows_follow(removal, first, before):
            return
        start = first.pk + BATCH
        yield table.filter(pk__gte=first.pk, pk__lt=start)


def _only_new_rows_follow(removal: Removal, first: Model, before: datetime) -> bool:
    if getattr(first, removal.time) < before:
        return False
    # Many rows, because the clocks of two hosts differ, and one clock can be wrong for a time.
    following = primary(removal.model).filter(pk__gte=first.pk).order_by("pk")
    times = following.values_list(removal.time, flat=True)[:BATCH]
    return all(time >= before for time in times)


def _remove(removal: Removal, rows: Rows, before: datetime) -> int:
    def remove() -> int:
        # Locked: a row that changes at this moment may no longer fulfil the conditions.
        pks = list(removal.find(_locked(rows), before))
        if pks:
            removal.remove(rows.filter(pk__in=pks))
        return len(pks)

    return run_committed(remove)


def _locked(rows: Rows) -> Rows:
    if connections[rows.db].features.has_select_for_update:
        return locked(rows)
    # On SQLite, a write locks the whole database, also if it changes no row.
    rows.filter(id__lt=0).update(id=F("id"))
    return rows


def _pks(rows: Rows) -> Iterable[int]:
    return rows.values_list("pk", flat=True)


def _delete(rows: Rows) -> None:
    rows.delete()


def _webhooks(rows: Rows, before: datetime) -> Iterable[int]:
    # Without rows that are still retried: the retries end after seven days.
    return _pks(rows.filter(received_at__lt=before, next_try_at=None))


def _signals(rows: Rows, before: datetime) -> Iterable[int]:
    return _pks(rows.filter(done_at__lt=before))


def _refusals(rows: Rows, before: datetime) -> Iterable[int]:
    return _pks(rows.filter(last_at__lt=before))


def _workers(rows: Rows, before: datetime) -> Iterable[int]:
    return _pks(rows.filter(seen_at__lt=before))


def _event_payloads(rows: Rows, before: datetime) -> Iterable[int]:
    return _pks(rows.filter(received_at__lt=before, source=Source.VONAGE).exclude(payload={}))


def _message_payloads(rows: Rows, before: datetime) -> Iterable[int]:
    return _pks(rows.filter(created_at__lt=before).exclude(payload={}))


def _empty_payload(rows: Rows) -> None:
    rows.update(payload={})


def _texts(rows: Rows, before: datetime) -> Iterable[int]:
    return _ended(rows.exclude(text="", content={}, payload={}), before)


def _empty_text(rows: Rows) -> None:
    rows.update(text="", content={}, payload={})


def _previews(rows: Rows, _before: datetime) -> Iterable[int]:
    # Once for each run and not for each batch: a conversation can have messages in all batches.
    shown = list(_pks(rows.exclude(last_message_preview="", contact_name="")))
    texts = primary(Message).filter(conversation=OuterRef("pk")).exclude(text="", content={})
    # The newest text first: the older texts of a long conversation are empty.
    return _without(texts.order_by("-pk"), primary(Conversation).filter(pk__in=shown))


def _empty_preview(rows: Rows) -> None:
    rows.update(last_message_preview="", contact_name="")


def _names(rows: Rows, before: datetime) -> Iterable[int]:
    return _pks(rows.filter(last_inbound_at__lt=before).exclude(contact_name=""))


def _empty_name(rows: Rows) -> None:
    rows.update(contact_name="")


def _messages(rows: Rows, before: datetime) -> Iterable[int]:
    pks = _ended(rows, before)
    pending = primary(SignalDispatch).filter(message__in=pks, done_at=None)
    needed = set(pending.values_list("message_id", flat=True))
    return [pk for pk in pks if pk not in needed]


def _ended(rows: Rows, before: datetime) -> list[int]:
    # Without messages that are still to be sent, or that a failover still needs. The status is
    # compared here: with its index, a planner reads entries of rows outside the batch.
    old = rows.filter(created_at__lt=before).values_list("pk", "workflow_id", "status")
    found = [(pk, workflow) for pk, workflow, status in old if status in _ENDED]
    active = _active_workflows({workflow for _pk, workflow in found if workflow is not None})
    return [pk for pk, workflow in found if workflow not in active]


def _active_workflows(pks: set[int]) -> set[int]:
    """Return the workflows with a message that is still to be sent or may still be tried."""
    if not pks:
        return set()
    may_be_rejected = Q(status__in=_OPEN, created_at__gte=timezone.now() - _LONGEST_TIME_TO_LIVE)
    messages = primary(Message).filter(workflow__in=pks)
    counted = messages.values("workflow_id").annotate(
        to_be_sent=Count("pk", filter=Q(status__in=_TO_BE_SENT)),
        standby=Count("pk", filter=Q(status=Status.STANDBY)),
        may_be_rejected=Count("pk", filter=may_be_rejected),
    )
    active = counted.filter(Q(to_be_sent__gt=0) | Q(standby__gt=0, may_be_rejected__gt=0))
    return set(active.values_list("workflow_id", flat=True))


def _workflows(rows: Rows, before: datetime) -> Iterable[int]:
    messages = primary(Message).filter(workflow=OuterRef("pk"))
    return _without(messages, rows.filter(created_at__lt=before))


def _conversations(rows: Rows, before: datetime) -> Iterable[int]:
    old = Q(last_message_at__lt=before) | Q(last_message_at=None, created_at__lt=before)
    pks = list(_pks(rows.filter(old)))
    messages = primary(Message).filter(conversation=OuterRef("pk"))
    return _without(messages, primary(Conversation).filter(pk__in=pks))


def _without(related: Rows, rows: Rows) -> Iterable[int]:
    # No Exists(): a planner can turn it into a join that reads the whole table of messages.
    first = Subquery(related.values("pk")[:1])
    return _pks(rows.annotate(first=first).filter(first=None))


RETENTION_RULES: Final = (
    RetentionRule(
        "webhooks",
        "Webhooks that could not be applied on arrival.",
        Removal(UnprocessedWebhook, _webhooks, _delete, time="received_at"),
    ),
    RetentionRule(
        "signals",
        "Failed signals whose retry succeeded.",
        Removal(SignalDispatch, _signals, _delete),
    ),
    RetentionRule(
        "refusals",
        "Counters of refused webhooks.",
        Removal(WebhookRefusal, _refusals, _delete),
    ),
    RetentionRule(
        "workers",
        "Heartbeats of workers that have stopped.",
        Removal(Worker, _workers, _delete),
    ),
    RetentionRule(
        "event-payloads",
        "Payloads of status events.",
        Removal(StatusEvent, _event_payloads, _empty_payload, time="received_at"),
    ),
    RetentionRule(
        "message-payloads",
        "Payloads of inbound messages.",
        Removal(Message, _message_payloads, _empty_payload, time="created_at"),
    ),
    RetentionRule(
        "texts",
        "Texts and content of messages; the messages stay.",
        Removal(Message, _texts, _empty_text, time="created_at"),
        cleanup=Removal(Conversation, _previews, _empty_preview),
    ),
    RetentionRule(
        "names",
        "Names of customers who have not written in this time.",
        Removal(Conversation, _names, _empty_name),
    ),
    RetentionRule(
        "messages",
        "Messages and their events, except messages still to be sent.",
        Removal(Message, _messages, _delete, time="created_at"),
        cleanup=Removal(Workflow, _workflows, _delete, time="created_at"),
    ),
    RetentionRule(
        "conversations",
        "Conversations without messages.",
        Removal(Conversation, _conversations, _delete),
    ),
)
