"""send_message(): one attempt, now."""

import uuid
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.db.models.functions import Now
from django.utils import timezone

from django_vonage_messages.backends import BaseBackend, get_backend
from django_vonage_messages.content import Content
from django_vonage_messages.exceptions import DeliveryUnconfirmed, IdempotencyConflict
from django_vonage_messages.models import Direction, Message
from django_vonage_messages.protocol import statuses
from django_vonage_messages.services.claims import LEASE
from django_vonage_messages.services.consent import refuse_suppressed
from django_vonage_messages.services.deliver import attempt, deliver_after_commit
from django_vonage_messages.services.failures import failure_of
from django_vonage_messages.services.prepare import Prepared, prepare
from django_vonage_messages.services.threads import file_outbound
from django_vonage_messages.services.transactions import (
    in_callers_transaction,
    run_committed,
    write_database,
)


def send_message(
    to: str,
    content: "str | Content",
    *,
    channel: str = "sms",
    sender: str | None = None,
    account: str = "default",
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: Any = None,
) -> Message:
    """Send one message now, in one attempt, and return its row.

    ``to`` is a phone number: digits that do not begin with 0 are E.164, a leading 0 is read in the
    account's REGION. ``content`` is a str or a content value. ``sender`` defaults to the first of
    the account's SENDERS for the channel. ``client_ref`` (at most 40 characters on v0.1) comes back
    in every status; by default it is the row's ``reference``. The same ``idempotency_key`` with the
    same message returns the first row (and raises its stored failure again) and sends nothing.
    ``related`` is any saved object, ``created_by`` the user who writes; a message with one is a
    person's, one without is automatic.

    Inside a transaction of the caller the row is returned as ``queued`` and delivered after the
    commit: a failure is then the message's status and its signal, not an exception.

    Raises InvalidMessage (nothing stored, nothing sent), MessageRejected, RateLimited,
    ConnectionFailed, DeliveryUnconfirmed (never send again), IdempotencyConflict, and
    ImproperlyConfigured for an account that is not usable.
    """
    prepared = prepare(
        to,
        content,
        channel=channel,
        sender=sender,
        account=account,
        client_ref=client_ref,
        idempotency_key=idempotency_key,
        related=related,
        created_by=created_by,
    )
    using = write_database()
    if earlier := _find_earlier(prepared, using):
        return _answer_again(earlier, prepared, using)
    refuse_suppressed(prepared, using)
    backend = get_backend(prepared.account)
    try:
        if in_callers_transaction(using):
            return _defer(prepared, using)
        return _send_now(prepared, backend, using)
    except IntegrityError:
        if earlier := _find_earlier(prepared, using):
            return _answer_again(earlier, prepared, using)
        raise


def _defer(prepared: Prepared, using: str) -> Message:
    message = _new_message(prepared)
    message.status = statuses.QUEUED
    message.due_at = message.created_at
    _insert(message, using)
    hook = partial(deliver_after_commit, message.pk)
    transaction.on_commit(hook, using=using, robust=True)
    return message


def _send_now(prepared: Prepared, backend: BaseBackend, using: str) -> Message:
    """Commit the row already claimed and started, make the attempt, commit the outcome."""
    message = _new_message(prepared)
    message.status = statuses.SENDING
    message.claim_token = uuid.uuid4()
    message.started_at = message.created_at
    message.attempts = 1
    _insert(message, using, leased=True)
    try:
        attempt(message, backend, using)
    except Exception as exc:
        raise DeliveryUnconfirmed(
            "The attempt broke off, so it is not known whether the message was accepted: do not "
            f"send it again ({type(exc).__name__}).",
            message=message,
        ) from exc
    if failure := failure_of(message, using):
        raise failure
    return message


def _new_message(prepared: Prepared) -> Message:
    now = timezone.now()
    reference = uuid.uuid4()
    message = Message(
        reference=reference,
        direction=Direction.OUTBOUND,
        account=prepared.account.alias,
        channel=prepared.channel.name,
        our_address=prepared.sender,
        their_address=prepared.to,
        client_ref=prepared.client_ref or reference.hex,
        content_type=prepared.content.content_type,
        text=prepared.content.preview,
        content=prepared.content.as_json(),
        created_by=prepared.created_by,
        idempotency_key=prepared.stored_idempotency_key,
        idempotency_digest=prepared.digest if prepared.idempotency_key else "",
        created_at=now,
    )
    if prepared.related is not None:
        message.related_type = ContentType.objects.get_for_model(prepared.related)
        message.related_id = str(prepared.related.pk)
    return message


def _insert(message: Message, using: str, *, leased: bool = False) -> None:
    def work() -> None:
        file_outbound(message, using)
        message.pk = None
        message.save(using=using, force_insert=True)
        if leased:
            row = Message.objects.using(using).filter(pk=message.pk)
            row.update(claim_expires_at=Now() + LEASE)

    run_committed(work, using)


def _find_earlier(prepared: Prepared, using: str) -> Message | None:
    key = prepared.stored_idempotency_key
    return Message.objects.using(using).filter(idempotency_key=key).first() if key else None


def _answer_again(earlier: Message, prepared: Prepared, using: str) -> Message:
    if earlier.idempotency_digest != prepared.digest:
        raise IdempotencyConflict(
            "This idempotency key belongs to another message; use another key.", message=earlier
        )
    if failure := failure_of(earlier, using):
        raise failure
    return earlier
