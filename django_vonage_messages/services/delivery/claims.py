"""Claim queued messages, so that only one process sends each message."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import connections
from django.db.models import F, Q, QuerySet

from django_vonage_messages.models import FailureReason, Message, Status, StatusEvent
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.db.clock import now
from django_vonage_messages.services.db.transactions import primary, run_committed
from django_vonage_messages.services.delivery.pauses import Sender, exclude_senders
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.history.suppressions import SUPPRESSED_TITLE, is_suppressed

LEASE: Final = timedelta(minutes=5)
"""Time after which another process can claim the message, by the database's clock."""


@dataclass(frozen=True)
class Claim:
    """The right of one process to send a message."""

    pk: int
    token: uuid.UUID
    sender: Sender


def claim(pk: int) -> uuid.UUID | None:
    """Claim a queued message, and return the token of the claim.

    Return None if the message is not due or is already claimed.
    """
    token = uuid.uuid4()
    due = _claimable().filter(pk=pk)
    return token if run_committed(partial(_claim, due, token)) else None


def claim_batch(limit: int, paused: Collection[Sender] = ()) -> list[Claim]:
    """Claim up to ``limit`` due messages whose sender is not in ``paused``."""
    token = uuid.uuid4()
    due = exclude_senders(_claimable(), paused).order_by("due_at", "id")
    if connections[due.db].features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
        count = run_committed(lambda: _claim_if_due(_first_pks(due, limit), token))
    else:
        # Two transactions: SQLite rejects one that reads first while another process writes.
        pks = run_committed(partial(_first_pks, due, limit))
        count = run_committed(partial(_claim_if_due, pks, token))
    return run_committed(partial(_claims_of, token)) if count else []


def release(claimed: Claim) -> None:
    """Give back the claim of a message whose sending has not begun."""
    row = primary(Message).filter(pk=claimed.pk, claim_token=claimed.token, status=Status.QUEUED)
    row.update(claim_token=None, claim_expires_at=None)


def start(pk: int, token: uuid.UUID) -> bool:
    """Set a claimed message to ``sending``, or return False if it must not be sent."""
    return run_committed(partial(_start, pk, token))


def _claimable() -> QuerySet[Message]:
    unclaimed = Q(claim_token=None) | Q(claim_expires_at__lt=now())
    return primary(Message).filter(unclaimed, status=Status.QUEUED, due_at__lte=now())


def _first_pks(due: QuerySet[Message], limit: int) -> list[int]:
    return list(due.values_list("pk", flat=True)[:limit])


def _claim_if_due(pks: list[int], token: uuid.UUID) -> int:
    return _claim(_claimable().filter(pk__in=pks), token) if pks else 0


def _claims_of(token: uuid.UUID) -> list[Claim]:
    rows = primary(Message).filter(claim_token=token).order_by("due_at", "id")
    return [
        Claim(pk, token, (account, our_address))
        for pk, account, our_address in rows.values_list("pk", "account", "our_address")
    ]


def _claim(messages: QuerySet[Message], token: uuid.UUID) -> int:
    return messages.update(claim_token=token, claim_expires_at=now() + LEASE)


def _start(pk: int, token: uuid.UUID) -> bool:
    message = lock_message(pk)
    if message.claim_token != token or message.status != Status.QUEUED:
        return False
    status, reason, title = _next_status(message)
    # Committed before the request to Vonage. No process can claim the message after that.
    if status == Status.SENDING:
        started = primary(Message).filter(pk=pk)
        started.update(started_at=now(), attempts=F("attempts") + 1)
    error = ErrorInfo(title=title)
    event = StatusEvent.local(message, status, "start", token.hex, reason=reason, error=error)
    return record_event(message, event) and status == Status.SENDING


def _next_status(message: Message) -> tuple[str, str, str]:
    if message.expires_at and _has_expired(message.pk):
        return Status.EXPIRED, FailureReason.EXPIRED, "Expired before it was sent"
    if is_suppressed(message.their_address, message.channel, message.our_address):
        return Status.FAILED, FailureReason.SUPPRESSED, SUPPRESSED_TITLE
    return Status.SENDING, "", ""


def _has_expired(pk: int) -> bool:
    return primary(Message).filter(pk=pk, expires_at__lte=now()).exists()
