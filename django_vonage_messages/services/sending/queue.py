"""``queue_message()`` and ``cancel_message()``."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.debug import sensitive_variables
from phonenumbers import PhoneNumber

from django_vonage_messages.content import Content
from django_vonage_messages.exceptions import InvalidMessage
from django_vonage_messages.failover import Failover, HasE164
from django_vonage_messages.models import Message, Status, StatusEvent
from django_vonage_messages.options import Options
from django_vonage_messages.services.db.transactions import run_committed, write_database
from django_vonage_messages.services.history.events import has_event, lock_message, record_event
from django_vonage_messages.services.history.suppressions import refuse_suppressed
from django_vonage_messages.services.sending.rows import (
    find_by_idempotency_key,
    insert_queued,
    new_message,
    require_same_message,
)
from django_vonage_messages.services.sending.validation import validate_message


@sensitive_variables("to", "content")
def queue_message(
    to: "str | PhoneNumber | HasE164",
    content: "str | Promise | Content",
    *,
    channel: str = "sms",
    sender: str | None = None,
    account: str = "default",
    options: Options | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: Any = None,
    send_at: datetime | None = None,
    expires_at: datetime | None = None,
    failover: Sequence[Failover] = (),
) -> Message:
    """Store a message as ``queued``, and return it.

    The command ``vonage_worker`` sends the message. The message is not sent before ``send_at`` and
    not after ``expires_at``. Both are datetimes with a time zone. The other arguments are those of
    ``send_message``.

    The worker tries again if no connection was made, or if a rate limit was reached. It makes up to
    12 attempts, with growing pauses. An unconfirmed message is not tried again.

    A second call with the same ``idempotency_key`` and the same message returns the row of the
    first call.

    Raises InvalidMessage if an argument is invalid. Raises IdempotencyConflict if the key belongs
    to a different message. Raises ImproperlyConfigured if the account does not exist. After these
    errors, the new message is not stored.
    """
    validated = validate_message(
        to,
        content,
        channel=channel,
        sender=sender,
        account=account,
        options=options,
        client_ref=client_ref,
        idempotency_key=idempotency_key,
        related=related,
        created_by=created_by,
        failover=failover,
    )
    _refuse_times(send_at, expires_at)
    if earlier := find_by_idempotency_key(validated):
        return require_same_message(earlier, validated)
    refuse_suppressed(validated.recipients)
    message = new_message(validated, Status.QUEUED)
    message.due_at, message.expires_at, message.is_retried = send_at, expires_at, True
    try:
        insert_queued(message, validated)
    except IntegrityError:
        if earlier := find_by_idempotency_key(validated):
            return require_same_message(earlier, validated)
        raise
    return message


def can_be_cancelled(message: Message) -> bool:
    """Return whether ``cancel_message()`` can cancel a message."""
    # started_at: the message was passed to Vonage.
    is_standby = message.status == Status.STANDBY and message.started_at is None
    return message.status == Status.QUEUED or is_standby


def cancel_message(message: Message) -> bool:
    """Cancel a message that is ``queued``, or ``standby`` and not yet passed to Vonage.

    Return False if it is too late. ``message`` is refreshed from the database.
    """
    key = "cancel", uuid.uuid4().hex
    cancelled = run_committed(
        partial(_cancel, message.pk, key),
        is_committed=partial(has_event, message.pk, StatusEvent.local_key(message, *key)),
    )
    message.refresh_from_db(using=write_database())
    return cancelled


def _cancel(pk: int, key: tuple[str, str]) -> bool:
    message = lock_message(pk)
    if not can_be_cancelled(message):
        return False
    return record_event(message, StatusEvent.local(message, Status.CANCELLED, *key))


def _refuse_times(send_at: datetime | None, expires_at: datetime | None) -> None:
    problems: dict[str, list[str]] = {}
    for name, moment in (("send_at", send_at), ("expires_at", expires_at)):
        if moment is not None and not _is_valid_time(moment):
            problems[name] = ["This must be a datetime with a time zone."]
    if not problems and expires_at is not None and expires_at <= (send_at or timezone.now()):
        problems["expires_at"] = ["This must be later than send_at, and in the future."]
    if problems:
        raise InvalidMessage(problems)


def _is_valid_time(moment: object) -> bool:
    if not isinstance(moment, datetime) or timezone.is_naive(moment):
        return False
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return False
    return True
