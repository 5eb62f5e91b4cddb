"""Build exceptions from the stored failures of messages."""

from collections.abc import Iterator, Mapping
from typing import Final

from django_vonage_messages.exceptions import (
    ConnectionFailed,
    DeliveryUnconfirmed,
    MessageNotSent,
    MessageRejected,
    RateLimited,
    RecipientNotAllowed,
    VonageMessagesError,
)
from django_vonage_messages.models import FailureReason, Message, Source, Status, StatusEvent
from django_vonage_messages.protocol.redaction import remove_texts, strings_in
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.db.transactions import primary

_NOTHING_SENT: Final = "Nothing was sent."
_NOT_SENT: Final = (MessageNotSent, _NOTHING_SENT)
_UNKNOWN: Final = (
    DeliveryUnconfirmed,
    "It is not known whether the message was accepted, so do not send it again.",
)
_EXCEPTIONS: Final[Mapping[str, tuple[type[VonageMessagesError], str]]] = {
    FailureReason.REJECTED: (MessageRejected, "The API rejected the message."),
    FailureReason.THROTTLED: (
        RateLimited,
        "The API's rate limit was reached: wait before you send again.",
    ),
    FailureReason.NOT_SENT: (ConnectionFailed, _NOTHING_SENT),
    FailureReason.NOT_ALLOWED: (
        RecipientNotAllowed,
        "Nothing was sent. Add the recipient to ALLOWED_RECIPIENTS, or set REDIRECT_TO.",
    ),
}
"""Exception class and its first sentence, by reason. For other reasons see ``_exception()``."""


def exception_of(message: Message) -> VonageMessagesError | None:
    """Return the exception for a failed or unconfirmed message, or else None."""
    if message.status not in (Status.FAILED, Status.UNCONFIRMED):
        return None
    # A second send_message() with the same idempotency key must raise the same exception.
    events = primary(StatusEvent).filter(message_id=message.pk, source=Source.LOCAL)
    event = events.filter(status=message.status).order_by("id").last()
    return None if event is None else _exception(message, event)


def _exception(message: Message, event: StatusEvent) -> VonageMessagesError:
    error = ErrorInfo(
        event.error_code,
        event.error_title,
        event.error_detail,
        str(event.payload.get("instance") or ""),
    )
    default = _NOT_SENT if event.status == Status.FAILED else _UNKNOWN
    exception_class, sentence = _EXCEPTIONS.get(event.reason, default)
    text = error.text
    if message.workflow_id is not None:
        # Vonage's error can quote the other messages of the workflow.
        text = remove_texts(text, _texts_of_workflow(message))
    return exception_class(
        f"{sentence} {text}",
        message=message,
        error=error,
        reason=event.reason,
        retry_after=event.retry_after,
    )


def _texts_of_workflow(message: Message) -> Iterator[str]:
    others = primary(Message).filter(workflow_id=message.workflow_id or 0).exclude(pk=message.pk)
    for text, content in others.values_list("text", "content"):
        yield text
        yield from strings_in(content)
