"""Claim and start: who may attempt a message, and the moment from which nobody else ever may.

A claim is a lease, on the database's clock, that another process may take over once it has expired.
Start is a committed conditional change immediately before the POST: what has started is never
claimed again, so no length of pause sends twice.
"""

import uuid
from datetime import timedelta
from functools import partial
from typing import Final

from django.db.models import F, Q
from django.db.models.functions import Now

from django_vonage_messages.models import Message, Source, StatusEvent
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import statuses
from django_vonage_messages.services.events import lock_message, record_event
from django_vonage_messages.services.transactions import run_committed

LEASE: Final = timedelta(minutes=5)


def claim(pk: int, using: str) -> uuid.UUID | None:
    """Claim one queued message; return the claim's token, or None if it is not to be had."""
    token = uuid.uuid4()
    free = Q(claim_token=None) | Q(claim_expires_at__lt=Now())
    queued = Message.objects.using(using).filter(free, pk=pk, status=statuses.QUEUED)
    return token if queued.update(claim_token=token, claim_expires_at=Now() + LEASE) else None


def start(pk: int, token: uuid.UUID, using: str) -> bool:
    """Commit the start of a claimed message, with its event and signal; False if it was lost."""
    return run_committed(partial(_start, pk, token, using), using)


def _start(pk: int, token: uuid.UUID, using: str) -> bool:
    message = lock_message(pk, using)
    if message.claim_token != token or message.status != statuses.QUEUED:
        return False
    started = Message.objects.using(using).filter(pk=pk)
    started.update(started_at=Now(), attempts=F("attempts") + 1)
    event = StatusEvent(
        source=Source.LOCAL,
        status=statuses.SENDING,
        dedupe_key=key_of("start", message.reference.hex, token.hex),
    )
    return record_event(message, event, using)
