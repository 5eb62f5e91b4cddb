"""queue_message(): record now, deliver when due, try again where nothing was accepted."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import Model
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_vonage_messages.content import Content
from django_vonage_messages.exceptions import InvalidMessage
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message, Source, StatusEvent
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.options import Options
from django_vonage_messages.protocol import statuses
from django_vonage_messages.services.db.transactions import run_committed, write_database
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.sending.rows import (
    find_earlier,
    insert_queued,
    new_message,
    same_or_conflict,
)
from django_vonage_messages.services.sending.validation import prepare, refuse_suppressed


@sensitive_variables("to", "content")
def queue_message(
    to: str,
    content: "str | Content",
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
    """Record a message and return it as ``queued``; a ``vonage_worker`` delivers it.

    ``send_at`` and ``expires_at`` are aware datetimes: not before, and not after. Where Vonage has
    certainly accepted nothing (no connection, a rate limit) it is tried again with growing pauses,
    12 times in all; an unconfirmed message never is. The other arguments are those of
    ``send_message``. The same ``idempotency_key`` with the same message returns the first row.

    Raises InvalidMessage (nothing stored), IdempotencyConflict, and ImproperlyConfigured for an
    account that does not exist.
    """
    prepared = prepare(
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
    using = write_database()
    if earlier := find_earlier(prepared, using):
        return same_or_conflict(earlier, prepared)
    refuse_suppressed(prepared, using)
    message = new_message(prepared, statuses.QUEUED)
    message.due_at, message.expires_at, message.is_retried = send_at, expires_at, True
    try:
        insert_queued(message, prepared, using)
    except IntegrityError:
        if earlier := find_earlier(prepared, using):
            return same_or_conflict(earlier, prepared)
        raise
    return message


def cancel_message(message: Message) -> bool:
    """Cancel a message that has not been started; return False if it is too late for that.

    ``message`` is refreshed.
    """
    using = write_database()

    def work() -> bool:
        row = lock_message(message.pk, using)
        waits = row.status == statuses.STANDBY and row.started_at is None
        if row.status != statuses.QUEUED and not waits:
            return False
        event = StatusEvent(
            source=Source.LOCAL,
            status=statuses.CANCELLED,
            dedupe_key=key_of("cancel", row.reference.hex),
        )
        return record_event(row, event, using)

    cancelled = run_committed(work, using)
    message.refresh_from_db(using=using)
    return cancelled


def _refuse_times(send_at: datetime | None, expires_at: datetime | None) -> None:
    problems: dict[str, list[str]] = {}
    for name, moment in (("send_at", send_at), ("expires_at", expires_at)):
        if moment is not None and not _is_storable(moment):
            problems[name] = ["This must be an aware datetime: give it a time zone."]
    if not problems and expires_at is not None and expires_at <= (send_at or timezone.now()):
        problems["expires_at"] = ["The message would expire before it is due."]
    if problems:
        raise InvalidMessage(problems)


def _is_storable(moment: object) -> bool:
    if not isinstance(moment, datetime) or timezone.is_naive(moment):
        return False
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return False
    return True
