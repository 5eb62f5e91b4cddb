"""Deletion of old data, with a rule for each kind of data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
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
from django_vonage_messages.services.db.transactions import primary

BATCH: Final = 1000
_TO_BE_SENT: Final = frozenset({Status.QUEUED, Status.SENDING})
_OPEN: Final = frozenset({Status.UNCONFIRMED, Status.ACCEPTED, Status.SUBMITTED})
_LONGEST_TIME_TO_LIVE: Final = timedelta(days=30)
"""Longest ``ttl`` that a channel allows (RCS, in the v1 OpenAPI document)."""
_ENDED: Final = frozenset(Status.values) - _TO_BE_SENT


@dataclass(frozen=True)
class RetentionRule:
    """Rule for one kind of old data."""

    name: str
    help: str
    # The rows from before a time.
    find: Callable[[datetime], "QuerySet[Any]"]
    # Deletes the rows, or empties some of their columns.
    remove: Callable[["QuerySet[Any]"], object]


def prune(rule: RetentionRule, age: timedelta, *, dry_run: bool = False) -> int:
    """Apply ``rule`` to rows older than ``age``, and return the number of rows.

    If ``dry_run`` is True, only count the rows.
    """
    found = rule.find(timezone.now() - age)
    if dry_run:
        return found.count()
    total = 0
    # Small batches hold locks only briefly.
    while pks := list(found.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic(using=found.db):
            rule.remove(primary(found.model).filter(pk__in=pks))
        total += len(pks)
    return total


def _delete(rows: "QuerySet[Any]") -> None:
    rows.delete()


def _delete_messages(rows: "QuerySet[Any]") -> None:
    workflows = list(rows.exclude(workflow=None).values_list("workflow_id", flat=True))
    rows.delete()
    left = primary(Message).filter(workflow=OuterRef("pk"))
    primary(Workflow).filter(~Exists(left), pk__in=workflows).delete()


def _webhooks(before: datetime) -> "QuerySet[Any]":
    return primary(UnprocessedWebhook).filter(received_at__lt=before)


def _signals(before: datetime) -> "QuerySet[Any]":
    return primary(SignalDispatch).filter(done_at__lt=before)


def _refusals(before: datetime) -> "QuerySet[Any]":
    return primary(WebhookRefusal).filter(last_at__lt=before)


def _workers(before: datetime) -> "QuerySet[Any]":
    return primary(Worker).filter(seen_at__lt=before)


def _event_payloads(before: datetime) -> "QuerySet[Any]":
    events = primary(StatusEvent).filter(received_at__lt=before, source=Source.VONAGE)
    return events.exclude(payload={})


def _message_payloads(before: datetime) -> "QuerySet[Any]":
    return primary(Message).filter(created_at__lt=before).exclude(payload={})


def _empty_payload(rows: "QuerySet[Any]") -> None:
    rows.update(payload={})


def _ended(before: datetime) -> "QuerySet[Any]":
    # Without messages that are still to be sent, or that a failover still needs.
    workflow_messages = primary(Message).filter(workflow=OuterRef("workflow"))
    to_be_sent = workflow_messages.filter(status__in=_TO_BE_SENT)
    may_be_rejected = Q(status__in=_OPEN, created_at__gte=timezone.now() - _LONGEST_TIME_TO_LIVE)
    standby = Q(status=Status.STANDBY)
    in_turn = (standby & Exists(workflow_messages.filter(may_be_rejected))) | (
        may_be_rejected & Exists(workflow_messages.filter(standby))
    )
    return primary(Message).filter(
        ~Exists(to_be_sent), ~in_turn, created_at__lt=before, status__in=_ENDED
    )


def _texts(before: datetime) -> "QuerySet[Any]":
    return _ended(before).exclude(text="", content={}, payload={})


def _empty_text(rows: "QuerySet[Any]") -> None:
    conversation_ids = list(rows.values_list("conversation_id", flat=True))
    rows.update(text="", content={}, payload={})
    newer = primary(Message).filter(conversation=OuterRef("pk")).exclude(text="", content={})
    primary(Conversation).filter(~Exists(newer), pk__in=conversation_ids).update(
        last_message_preview="", contact_name=""
    )


def _names(before: datetime) -> "QuerySet[Any]":
    named = primary(Conversation).exclude(contact_name="")
    return named.filter(last_inbound_at__lt=before)


def _empty_name(rows: "QuerySet[Any]") -> None:
    rows.update(contact_name="")


def _messages(before: datetime) -> "QuerySet[Any]":
    pending = primary(SignalDispatch).filter(message=OuterRef("pk"), done_at=None)
    return _ended(before).filter(~Exists(pending))


def _conversations(before: datetime) -> "QuerySet[Any]":
    messages = primary(Message).filter(conversation=OuterRef("pk"))
    old = Q(last_message_at__lt=before) | Q(last_message_at=None, created_at__lt=before)
    return primary(Conversation).filter(~Exists(messages), old)


RETENTION_RULES: Final = (
    RetentionRule("webhooks", "Webhooks that could not be applied on arrival.", _webhooks, _delete),
    RetentionRule("signals", "Failed signals whose retry succeeded.", _signals, _delete),
    RetentionRule("refusals", "Counters of refused webhooks.", _refusals, _delete),
    RetentionRule("workers", "Heartbeats of workers that have stopped.", _workers, _delete),
    RetentionRule("event-payloads", "Payloads of status events.", _event_payloads, _empty_payload),
    RetentionRule(
        "message-payloads", "Payloads of inbound messages.", _message_payloads, _empty_payload
    ),
    RetentionRule(
        "texts", "Texts and content of messages; the messages stay.", _texts, _empty_text
    ),
    RetentionRule(
        "names", "Names of customers who have not written in this time.", _names, _empty_name
    ),
    RetentionRule(
        "messages",
        "Messages and their events, except messages still to be sent.",
        _messages,
        _delete_messages,
    ),
    RetentionRule("conversations", "Conversations without messages.", _conversations, _delete),
)
