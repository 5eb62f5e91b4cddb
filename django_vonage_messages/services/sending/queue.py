"""``queue_message()``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import Model
from django.utils.functional import Promise
from django.views.decorators.debug import sensitive_variables
from phonenumbers import PhoneNumber

from django_vonage_messages.content import Content
from django_vonage_messages.failover import Failover, HasE164
from django_vonage_messages.models import Message, Status
from django_vonage_messages.options import Options
from django_vonage_messages.services.history.executor import schedule_on_commit
from django_vonage_messages.services.history.suppressions import refuse_suppressed
from django_vonage_messages.services.sending.idempotency import (
    find_by_idempotency_key,
    require_same_message,
)
from django_vonage_messages.services.sending.rows import insert_queued, new_message
from django_vonage_messages.services.sending.validation import validate_message, validate_times


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

    A second call with the same ``idempotency_key``, the same message and the same ``send_at``
    returns the row of the first call. To move the message, call ``reschedule_message``.

    Raises InvalidMessage if an argument is invalid. Raises IdempotencyConflict if the key belongs
    to a different message, to a message with another ``send_at``, or to one that is cancelled or
    expired. Raises ImproperlyConfigured if the account does not exist. After these errors, the new
    message is not stored.
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
    validate_times(send_at, expires_at)
    if idempotency_key and (earlier := find_by_idempotency_key(validated)):
        return require_same_message(earlier, validated, send_at)
    refuse_suppressed(validated.recipients)
    message = new_message(validated, Status.QUEUED)
    message.send_at, message.expires_at, message.is_retried = send_at, expires_at, True
    try:
        insert_queued(message, validated)
    except IntegrityError:
        if earlier := find_by_idempotency_key(validated):
            return require_same_message(earlier, validated, send_at)
        raise
    schedule_on_commit(message, send_at)
    return message
