"""Idempotency keys: find the message with a key, and compare it with a new message."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from django_vonage_messages.exceptions import IdempotencyConflict
from django_vonage_messages.models import Message, Status
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.models.message import STOPPED
from django_vonage_messages.services.db.transactions import primary
from django_vonage_messages.services.delivery.stored_failures import exception_of
from django_vonage_messages.services.sending.validation import ValidatedMessage

_VERSION_2: Final = "2:"  # begins the digests of messages that are compared with send_at


def find_by_idempotency_key(validated: ValidatedMessage) -> Message | None:
    """Return the stored message with the idempotency key of ``validated``, or None."""
    return primary(Message).filter(idempotency_key=_stored_key(validated)).first()


def set_idempotency_key(message: Message, validated: ValidatedMessage) -> None:
    """Set the columns of an unsaved message whose caller passed an idempotency key."""
    message.idempotency_key = _stored_key(validated)
    message.idempotency_digest = _version_2(_digest(validated))


def require_same_message(
    earlier: Message, validated: ValidatedMessage, send_at: datetime | None = None
) -> Message:
    """Return ``earlier``, or raise IdempotencyConflict.

    The conflict is a different message, another ``send_at``, or a cancelled or expired message.
    """
    if problem := _conflict(earlier, validated, send_at):
        raise IdempotencyConflict(problem, message=earlier)
    return earlier


def repeat_result(earlier: Message, validated: ValidatedMessage) -> Message:
    """Return ``earlier``, or raise the exception that the earlier call raised."""
    require_same_message(earlier, validated)
    if failure := exception_of(earlier):
        failure.retryable = False  # each call with this key raises the same exception
        raise failure
    return earlier


def _conflict(earlier: Message, validated: ValidatedMessage, send_at: datetime | None) -> str:
    is_stopped = earlier.status in STOPPED
    release = "call cancel_message(exc.message, release_key=True)"
    if not _has_same_digest(earlier, validated):
        text = "A different message has this idempotency key: use a new key."
        hint = f" That message is {earlier.status}: to free its key, {release}."
        return text + hint if is_stopped else text
    if is_stopped:
        return (
            f"The message with this idempotency key is {earlier.status}, and nothing was queued or "
            "sent. To send that message, call reschedule_message(exc.message, send_at=...). To use "
            f"the key for a new message, {release} first."
        )
    if not _has_same_time(earlier, send_at):
        move = (
            "To move it, call reschedule_message(exc.message, send_at=...)."
            if earlier.status == Status.QUEUED
            else "It can no longer be moved: use a new key for another message."
        )
        return (
            f"The message with this idempotency key has another send_at. {move} To repeat a call, "
            "pass the same send_at: a fixed time, not now() plus a time."
        )
    return ""


def _stored_key(validated: ValidatedMessage) -> str:
    return key_of(validated.account.alias, validated.idempotency_key)


def _has_same_digest(earlier: Message, validated: ValidatedMessage) -> bool:
    digest = _digest(validated)
    return earlier.idempotency_digest == (_version_2(digest) if _is_version_2(earlier) else digest)


def _has_same_time(earlier: Message, send_at: datetime | None) -> bool:
    if not _is_version_2(earlier):
        return True  # send_at was not stored
    # In UTC: times in different time zones are never equal in the hour of a clock change.
    return earlier.send_at == (send_at and send_at.astimezone(UTC))


def _is_version_2(message: Message) -> bool:
    return message.idempotency_digest.startswith(_VERSION_2)


def _version_2(digest: str) -> str:
    return _VERSION_2 + digest[: -len(_VERSION_2)]


def _digest(message: ValidatedMessage) -> str:
    content = message.content
    parts = [
        message.channel.name,
        message.to,
        message.sender,
        key_of(content.content_type, *map(_as_text, content.as_json().values())),
        message.client_ref,
    ]
    if message.options:
        parts.append(_as_text(message.options.as_json()))
    return key_of(*parts, *map(_digest, message.failover))


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
