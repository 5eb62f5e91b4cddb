"""Claim queued messages, so that only one process sends each message."""

import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import connections
from django.db.models import Q, QuerySet

from django_vonage_messages.models import (
    FailureReason,
    HeldReason,
    Message,
    Priority,
    Status,
    StatusEvent,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.db.transactions import (
    locked,
    now,
    primary,
    run_committed,
    write_database,
)
from django_vonage_messages.services.delivery.destinations import NOT_ALLOWED_TITLE, Destination
from django_vonage_messages.services.delivery.pauses import Sender, exclude_senders
from django_vonage_messages.services.history.events import has_event, lock_message, record_event
from django_vonage_messages.services.history.suppressions import SUPPRESSED_TITLE, is_suppressed

LEASE: Final = timedelta(minutes=5)
"""Time after which another process can claim the message, by the database's clock."""

_WAIT_FOR_CLAIM: Final = 30.0
"""Seconds to find out whether an interrupted commit of a claim succeeded."""
_Row = tuple[int, str, str]
"""Primary key, account and our address of a message."""


@dataclass(frozen=True)
class Claim:
    """The right of one process to send a message, for the time of the lease."""

    pk: int
    token: uuid.UUID
    sender: Sender
    expires_at: float  # by time.monotonic()


def claim(pk: int, *, wait_if_unknown: float = 0.0) -> uuid.UUID | None:
    """Claim a queued message, and return the token of the claim.

    Return None if the message is not due or is already claimed.
    """
    token = uuid.uuid4()
    claimed = run_committed(
        partial(_claim, _claimable().filter(pk=pk), token),
        is_committed=partial(_is_claimed, [pk], token),
        wait_if_unknown=wait_if_unknown,
    )
    return token if claimed else None


def claim_batch(limit: int, paused: Collection[Sender] = ()) -> list[Claim]:
    """Claim up to ``limit`` due messages whose sender is not in ``paused``."""
    token = uuid.uuid4()
    expires_at = time.monotonic() + LEASE.total_seconds()
    found: list[_Row] = []

    def work() -> list[_Row]:
        found[:] = _first_due(limit, paused, lock=True)
        _claim(primary(Message).filter(pk__in=_pks(found)), token)
        return found

    if connections[write_database()].features.has_select_for_update_skip_locked:
        rows = run_committed(
            work,
            is_committed=lambda: _is_claimed(_pks(found), token),
            wait_if_unknown=_WAIT_FOR_CLAIM,
        )
    else:
        # Not one transaction: SQLite rejects one that reads first while another process writes.
        rows = run_committed(partial(_first_due, limit, paused, lock=False))
        rows = _claim_if_due(rows, token)
    return [Claim(pk, token, (alias, address), expires_at) for pk, alias, address in rows]


def release(claimed: Claim) -> None:
    """Give back the claim of a message whose sending has not begun."""
    row = primary(Message).filter(pk=claimed.pk, claim_token=claimed.token, status=Status.QUEUED)
    run_committed(partial(row.update, claim_token=None, claim_expires_at=None))


def start(
    pk: int,
    token: uuid.UUID,
    destination: Destination | None,
    *,
    wait: float = 0.0,
    wait_if_unknown: float = 0.0,
) -> Message | None:
    """Set a claimed message to ``sending``, and return it. Return None if it must not be sent.

    If ``destination`` is None, hold the message.
    """
    return run_committed(
        partial(_start, pk, token, destination),
        is_committed=partial(_is_started, pk, token),
        wait=wait,
        wait_if_unknown=wait_if_unknown,
    )


def _claimable() -> QuerySet[Message]:
    unclaimed = Q(claim_token=None) | Q(claim_expires_at__lt=now())
    return primary(Message).filter(
        unclaimed, status=Status.QUEUED, held_reason="", due_at__lte=now()
    )


def _first_due(limit: int, paused: Collection[Sender], *, lock: bool) -> list[_Row]:
    due = exclude_senders(_claimable(), paused).order_by("due_at", "id")
    if lock:
        due = due.select_for_update(skip_locked=True)
    rows: list[_Row] = []
    # A query for each priority: in one query, messages for later would be read too.
    for priority in sorted(Priority):
        if len(rows) < limit:
            of_priority = due.filter(priority=priority).values_list("pk", "account", "our_address")
            rows += of_priority[: limit - len(rows)]
    return rows


def _claim_if_due(rows: list[_Row], token: uuid.UUID) -> list[_Row]:
    if not rows:
        return []
    due = _claimable().filter(pk__in=_pks(rows))
    run_committed(partial(_claim, due, token), is_committed=partial(_is_claimed, _pks(rows), token))
    claimed = primary(Message).filter(pk__in=_pks(rows), claim_token=token)
    pks = set(claimed.values_list("pk", flat=True))
    return [row for row in rows if row[0] in pks]


def _pks(rows: list[_Row]) -> list[int]:
    return [pk for pk, _account, _address in rows]


def _claim(messages: QuerySet[Message], token: uuid.UUID) -> int:
    return messages.update(claim_token=token, claim_expires_at=now() + LEASE)


def _is_claimed(pks: list[int], token: uuid.UUID) -> bool:
    messages = locked(primary(Message).filter(pk__in=pks).order_by("pk"))
    return token in messages.values_list("claim_token", flat=True)


def _start(pk: int, token: uuid.UUID, destination: Destination | None) -> Message | None:
    message = lock_message(pk)
    if message.claim_token != token or message.status != Status.QUEUED:
        return None
    if message.held_reason:  # since the claim
        primary(Message).filter(pk=pk).update(claim_token=None, claim_expires_at=None)
        return None
    status, reason, title = _next_status(message)
    if status == Status.SENDING:
        if destination is None:
            _hold(message, token)
            return None
        # Committed before the request to Vonage. No process can claim the message after that.
        message.attempts += 1
        message.redirected_to = destination.redirected_to
        primary(Message).filter(pk=pk).update(
            started_at=now(), attempts=message.attempts, redirected_to=message.redirected_to
        )
    error = ErrorInfo(title=title)
    event = StatusEvent.local(message, status, "start", token.hex, reason=reason, error=error)
    return message if record_event(message, event) and status == Status.SENDING else None


def _hold(message: Message, token: uuid.UUID) -> None:
    event = StatusEvent.local(
        message,
        Status.QUEUED,
        "hold",
        token.hex,
        reason=FailureReason.NOT_ALLOWED,
        error=ErrorInfo(title=NOT_ALLOWED_TITLE),
    )
    record_event(message, event)
    primary(Message).filter(pk=message.pk).update(
        held_reason=HeldReason.NOT_ALLOWED,
        redirected_to="",  # of an earlier attempt
        claim_token=None,
        claim_expires_at=None,
    )


def _is_started(pk: int, token: uuid.UUID) -> bool:
    message = lock_message(pk)
    key = StatusEvent.local_key(message, "start", token.hex)
    # An unconfirmed message must not be sent: its lease has expired.
    return message.status != Status.UNCONFIRMED and has_event(pk, key)


def _next_status(message: Message) -> tuple[str, str, str]:
    if message.expires_at and _has_expired(message.pk):
        return Status.EXPIRED, FailureReason.EXPIRED, "Expired before it was sent"
    if is_suppressed(message.their_address, message.channel, message.our_address):
        return Status.FAILED, FailureReason.SUPPRESSED, SUPPRESSED_TITLE
    return Status.SENDING, "", ""


def _has_expired(pk: int) -> bool:
    return primary(Message).filter(pk=pk, expires_at__lte=now()).exists()
