"""Claim and start: who may attempt a message, and the moment from which nobody else ever may.

A claim is a lease, on the database's clock, that another process may take over once it has expired.
Start is a committed conditional change immediately before the POST: what has started is never
claimed again, so no length of pause sends twice.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import connections
from django.db.models import F, Q
from django.utils import timezone

from django_vonage_messages.models import Message, MessageQuerySet, Source, StatusEvent
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import statuses
from django_vonage_messages.services.db.clock import DatabaseNow
from django_vonage_messages.services.db.transactions import run_committed
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.history.suppressions import is_suppressed

LEASE: Final = timedelta(minutes=5)

Sender = tuple[str, str]
"""An account's alias and one of its addresses."""


@dataclass(frozen=True)
class Claim:
    """A message that this process may start until the lease runs out."""

    pk: int
    token: uuid.UUID
    sender: Sender


def claim(pk: int, using: str) -> uuid.UUID | None:
    """Claim one due message; return the claim's token, or None if it is not to be had."""
    token = uuid.uuid4()
    it = _claimable(using).filter(pk=pk)
    return token if run_committed(partial(_take, it, token), using) else None


def claim_batch(limit: int, using: str, paused: Collection[Sender] = ()) -> list[Claim]:
    """Claim up to ``limit`` due messages of senders that are not paused, the longest due first."""
    token = uuid.uuid4()
    due = _claimable(using).order_by("due_at", "id")
    for account, our_address in paused:
        due = due.exclude(account=account, our_address=our_address)
    if connections[using].features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
        taken = run_committed(partial(_take_of, due, limit, token, using), using)
    else:
        taken = _take_of(due, limit, token, using)
    if not taken:
        return []
    mine = Message.objects.using(using).filter(claim_token=token).order_by("due_at", "id")
    return [
        Claim(pk, token, (account, our_address))
        for pk, account, our_address in mine.values_list("pk", "account", "our_address")
    ]


def release(claimed: Claim, using: str) -> None:
    """Give up a claim that was not started."""
    mine = Message.objects.using(using).filter(
        pk=claimed.pk, claim_token=claimed.token, status=statuses.QUEUED
    )
    mine.update(claim_token=None, claim_expires_at=None)


def start(pk: int, token: uuid.UUID, using: str) -> bool:
    """Commit the start of a claimed message, with its event and signal; False if it was lost, or
    if it must not be sent any more: expired, or to somebody who is suppressed by now.
    """
    return run_committed(partial(_start, pk, token, using), using)


def _claimable(using: str) -> MessageQuerySet:
    free = Q(claim_token=None) | Q(claim_expires_at__lt=DatabaseNow())
    return Message.objects.using(using).filter(
        free, status=statuses.QUEUED, due_at__lte=DatabaseNow()
    )


def _take_of(due: MessageQuerySet, limit: int, token: uuid.UUID, using: str) -> int:
    """Take the first of ``due``; the UPDATE asks again, for databases that could not lock them."""
    pks = list(due.values_list("pk", flat=True)[:limit])
    return _take(_claimable(using).filter(pk__in=pks), token) if pks else 0


def _take(messages: MessageQuerySet, token: uuid.UUID) -> int:
    return messages.update(claim_token=token, claim_expires_at=DatabaseNow() + LEASE)


def _start(pk: int, token: uuid.UUID, using: str) -> bool:
    message = lock_message(pk, using)
    if message.claim_token != token or message.status != statuses.QUEUED:
        return False
    status, title = _verdict(message, using)
    if status == statuses.SENDING:
        started = Message.objects.using(using).filter(pk=pk)
        started.update(started_at=DatabaseNow(), attempts=F("attempts") + 1)
    event = StatusEvent(
        source=Source.LOCAL,
        status=status,
        error_title=title,
        dedupe_key=key_of("start", message.reference.hex, token.hex),
    )
    return record_event(message, event, using) and status == statuses.SENDING


def _verdict(message: Message, using: str) -> tuple[str, str]:
    if message.expires_at and message.expires_at <= timezone.now():
        return statuses.EXPIRED, "Not sent before it expired"
    if is_suppressed(message.their_address, message.channel, message.our_address, using):
        return statuses.FAILED, "The recipient must not be messaged: a suppression is in force"
    return statuses.SENDING, ""
