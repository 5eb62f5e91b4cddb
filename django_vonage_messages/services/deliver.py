"""Claim, start, attempt, outcome: the one path by which a message leaves.

A claim is a lease that another process may take over when it has expired. Start is a committed
conditional UPDATE immediately before the POST: what has started is never claimed again, so no
length of pause sends twice.
"""

import logging
import uuid
from datetime import timedelta
from functools import partial
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db.models import F, Q
from django.db.models.functions import Now

from django_vonage_messages.backends import BaseBackend, OutgoingMessage, get_backend
from django_vonage_messages.conf import get_account
from django_vonage_messages.content import Text
from django_vonage_messages.models import Message, Source, StatusEvent
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import statuses, v0_1
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.protocol.outcomes import Outcome, not_sent, unconfirmed
from django_vonage_messages.services.errors import describe
from django_vonage_messages.services.events import lock_message, record_event
from django_vonage_messages.services.failures import failure_of
from django_vonage_messages.services.transactions import run_committed, write_database
from django_vonage_messages.services.unprocessed import adopt_unprocessed

logger = logging.getLogger("django_vonage_messages")

LEASE: Final = timedelta(minutes=5)

_LOCAL_STATUS: Final = {
    "accepted": statuses.ACCEPTED,
    "unconfirmed": statuses.UNCONFIRMED,
    "rejected": statuses.FAILED,
    "throttled": statuses.FAILED,
    "not_sent": statuses.FAILED,
}


def deliver(pk: int) -> None:
    """Deliver a queued message if nobody else does; return quietly if somebody does.

    Its failure is the message's status, its signal and one log line.
    """
    using = write_database()
    token = uuid.uuid4()
    if not _claim(pk, token, using) or not _start(pk, token, using):
        return
    message = Message.objects.using(using).get(pk=pk)
    try:
        backend = get_backend(get_account(message.account))
    except ImproperlyConfigured as exc:
        record_outcome(message, not_sent("The account is not usable", describe(exc)), using)
    else:
        attempt(message, backend, using)
    if failure := failure_of(message, using):
        logger.warning("Message %s was not delivered: %s", message.reference, failure)


def deliver_after_commit(pk: int) -> None:
    """Deliver from an ``on_commit`` hook, where nothing can be raised to anyone."""
    try:
        deliver(pk)
    except Exception as exc:  # noqa: BLE001 -- whatever it is, its place is the log
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Delivering message %s after the commit failed: %s", pk, describe(exc)
        )


def attempt(message: Message, backend: BaseBackend, using: str) -> None:
    """Make the one attempt of a started message, and record its outcome.

    ``message`` is refreshed. Raises DeliveryUnconfirmed if the outcome could not be recorded.
    """
    try:
        outcome = backend.send(_outgoing(message))
    except Exception as exc:
        record_outcome(message, unconfirmed("The backend failed", type(exc).__name__), using)
        raise
    record_outcome(message, outcome, using)


def record_outcome(message: Message, outcome: Outcome, using: str) -> None:
    """Record what is known after an attempt, and refresh ``message``."""
    run_committed(partial(_record, message.pk, outcome, using), using)
    message.refresh_from_db(using=using)
    if outcome.message_uuid:
        adopt_unprocessed(message, using)


def encode(message: Message) -> dict[str, object]:
    """Return the body that sends a stored message."""
    return v0_1.encode(
        CHANNELS[message.channel],
        to=message.their_address,
        sender=message.our_address,
        content=Text(message.text),
        client_ref=message.client_ref,
    )


def _claim(pk: int, token: uuid.UUID, using: str) -> bool:
    free = Q(claim_token=None) | Q(claim_expires_at__lt=Now())
    queued = Message.objects.using(using).filter(free, pk=pk, status=statuses.QUEUED)
    return bool(queued.update(claim_token=token, claim_expires_at=Now() + LEASE))


def _start(pk: int, token: uuid.UUID, using: str) -> bool:
    """Commit the start of a claimed message, with its event and signal."""

    def work() -> bool:
        message = lock_message(pk, using)
        if message.claim_token != token or message.status != statuses.QUEUED:
            return False
        Message.objects.using(using).filter(pk=pk).update(
            started_at=Now(), attempts=F("attempts") + 1
        )
        event = StatusEvent(
            source=Source.LOCAL,
            status=statuses.SENDING,
            dedupe_key=key_of("local", "start", str(token)),
        )
        return record_event(message, event, using)

    return run_committed(work, using)


def _outgoing(message: Message) -> OutgoingMessage:
    return OutgoingMessage(
        reference=message.reference.hex,
        channel=message.channel,
        to=message.their_address,
        sender=message.our_address,
        text=message.text,
        body=encode(message),
    )


def _record(pk: int, outcome: Outcome, using: str) -> None:
    message = lock_message(pk, using)
    if outcome.message_uuid:
        message.message_uuid = outcome.message_uuid
    event = StatusEvent(
        source=Source.LOCAL,
        status=_LOCAL_STATUS[outcome.verdict],
        error_code=outcome.error.code,
        error_title=outcome.error.title,
        error_detail=outcome.error.detail,
        payload={
            "verdict": outcome.verdict,
            "retry_after": outcome.retry_after,
            "instance": outcome.error.instance,
        },
        dedupe_key=key_of("local", "outcome", str(message.claim_token), message.reference.hex),
    )
    record_event(message, event, using)
