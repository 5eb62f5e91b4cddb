"""From a message's stored outcome to the exception that says it."""

from collections.abc import Iterator
from typing import Final

from django_vonage_messages.exceptions import (
    ConnectionFailed,
    DeliveryUnconfirmed,
    MessageNotSent,
    MessageRejected,
    RateLimited,
    VonageMessagesError,
)
from django_vonage_messages.models import Message, Source, StatusEvent
from django_vonage_messages.protocol import statuses
from django_vonage_messages.protocol.redaction import remove_texts, strings_in
from django_vonage_messages.protocol.statuses import ErrorInfo

_OPEN_OR_FAILED: Final = frozenset({statuses.FAILED, statuses.UNCONFIRMED})


def failure_of(message: Message, using: str) -> VonageMessagesError | None:
    """Return the exception for a message whose attempt failed, else None.

    It is read from the database, so that a second call with the same idempotency key can raise
    what the first one raised.
    """
    if message.status not in _OPEN_OR_FAILED:
        return None
    events = message.events.using(using).filter(source=Source.LOCAL, status=message.status)
    event = events.last()
    if event is None:
        return None
    return _failure(message, event)


def _failure(message: Message, event: StatusEvent) -> VonageMessagesError:
    verdict = event.payload.get("verdict")
    error = ErrorInfo(
        event.error_code,
        event.error_title,
        event.error_detail,
        str(event.payload.get("instance") or ""),
    )
    said = ": ".join(part for part in (error.title, error.detail) if part)
    said = remove_texts(said, _said_after(message, event))
    if verdict == "rejected":
        return MessageRejected(f"The API refused the message. {said}", message=message, error=error)
    if verdict == "throttled":
        return RateLimited(
            f"The API asks to wait before sending again. {said}",
            message=message,
            error=error,
            retry_after=event.payload.get("retry_after"),
        )
    if verdict in {None, "unsendable"} and event.status == statuses.FAILED:
        return MessageNotSent(f"Nothing was sent. {said}", message=message, error=error)
    if verdict == "not_sent":
        return ConnectionFailed(f"Nothing was sent. {said}", message=message, error=error)
    return DeliveryUnconfirmed(
        f"It is not known whether the message was accepted, so do not send it again. {said}",
        message=message,
        error=error,
    )


def _said_after(message: Message, event: StatusEvent) -> Iterator[str]:
    """Yield what the messages of its failover say, which the API's words may quote too."""
    if message.workflow_id is None:
        return
    others = Message.objects.using(event._state.db).filter(workflow_id=message.workflow_id)
    for text, content in others.exclude(pk=message.pk).values_list("text", "content"):
        yield text
        yield from strings_in(content)
