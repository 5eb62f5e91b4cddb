"""Exceptions of this package. All are subclasses of VonageMessagesError."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from django_vonage_messages.protocol.redaction import (
    MAX_LENGTH,
    one_line,
    redact,
    remove_texts,
    strings_in,
)
from django_vonage_messages.protocol.statuses import NO_ERROR, ErrorInfo

if TYPE_CHECKING:
    from django_vonage_messages.models import Message


class VonageMessagesError(Exception):
    """Base class of this package's errors.

    - ``message``: the stored Message, or None.
    - ``reason``: a value of ``FailureReason``, or "".
    - ``retryable``: True if a new call can succeed and cannot send the message twice.
    - ``retry_after``: seconds to wait, or None if the API gave no time.
    - ``title``, ``detail``, ``code``, ``instance``: values from the API's error response.
      ``title`` and ``detail`` can contain the recipient's number or the message's text. ``str()``
      of the exception contains neither.
    """

    retryable: bool = False
    reason: str = ""
    _max_length: int = MAX_LENGTH

    def __init__(
        self,
        text: str,
        *,
        message: "Message | None" = None,
        error: ErrorInfo = NO_ERROR,
        reason: str = "",
        retry_after: float | None = None,
    ) -> None:
        # Not super(): ValidationError comes next in InvalidMessage, and expects other arguments.
        text = remove_texts(text, _texts_of(message))
        # One line: words of the API must not look like another line of a log.
        Exception.__init__(self, redact(one_line(text), self._max_length))
        self.message: Message | None = message
        self.reason = reason or self.reason
        self.retry_after = retry_after
        self.title = error.title
        self.detail = error.detail
        self.code = error.code
        self.instance = error.instance


class InvalidMessage(VonageMessagesError, ValidationError):  # type: ignore[misc]  # see __hash__
    """The message is invalid. Nothing was stored or sent.

    This error is also a Django ValidationError. ``message_dict`` has the problems of each argument.
    """

    _max_length = 4000  # room for all problems; their texts come from this package

    def __init__(self, problems: Mapping[str, Sequence[str]]) -> None:
        listed = {field: list(texts) for field, texts in problems.items()}
        ValidationError.__init__(self, listed)
        text = " ".join(f"{field}: {' '.join(texts)}" for field, texts in listed.items())
        VonageMessagesError.__init__(self, f"Nothing was sent. {text}")

    def for_fields(self, **fields: str) -> ValidationError:
        """Return a ValidationError for a form whose fields have other names than the arguments.

        ``fields`` maps arguments to fields: ``exc.for_fields(to="phone", content="text")``. The
        problems of all other arguments belong to the whole form, under the key ``__all__``.
        """
        found: dict[str, list[str]] = {}
        for argument, texts in self.message_dict.items():
            found.setdefault(fields.get(argument, NON_FIELD_ERRORS), []).extend(texts)
        return ValidationError(found)

    # ValidationError compares ``message`` and ``code``, which have other meanings here.
    __eq__ = Exception.__eq__
    __hash__ = Exception.__hash__

    def __str__(self) -> str:
        return str(self.args[0])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.args[0]!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message_dict,))


class RecipientSuppressed(InvalidMessage):
    """A Suppression of the recipient forbids this message. Nothing was stored or sent."""

    reason = "suppressed"


class IdempotencyConflict(VonageMessagesError):
    """The idempotency key belongs to a stored message. ``message`` is that message.

    The stored message is different, has another ``send_at``, or is cancelled or expired.
    """


class NotResendable(VonageMessagesError):
    """The message cannot be resent. For example, it arrived or can still arrive."""


class NotUpdatable(VonageMessagesError):
    """The message cannot be marked as read, or cannot be revoked. No request was sent to Vonage."""


class UpdateFailed(VonageMessagesError):
    """Vonage did not mark the message as read, or did not revoke it.

    ``reason`` is ``rejected`` (the API refused the update), ``throttled`` (too many requests)
    or ``not_sent`` (no connection). The stored message is unchanged.
    """

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__(text, **kwargs)
        self.retryable = self.reason in {"throttled", "not_sent"}


class UpdateUnconfirmed(VonageMessagesError):
    """It is not known whether Vonage marked the message as read, or revoked it.

    It is safe to repeat the call.
    """

    retryable = True


class MessageNotSent(VonageMessagesError):
    """Vonage certainly did not accept the message."""


class MessageRejected(MessageNotSent):
    """The API refused the message. ``title`` and ``detail`` are the API's reasons."""

    reason = "rejected"


class RecipientNotAllowed(MessageNotSent):
    """ALLOWED_RECIPIENTS does not contain the recipient, and REDIRECT_TO has no address."""

    reason = "not_allowed"


class RateLimited(MessageNotSent):
    """The API asks this site to wait (HTTP 429 or error code 1000).

    ``retry_after`` is the number of seconds to wait, or None if the API gave no time.
    """

    reason = "throttled"
    retryable = True


class ConnectionFailed(MessageNotSent, ConnectionError):
    """The connection failed before any part of the message was sent."""

    reason = "not_sent"
    retryable = True


class DeliveryUnconfirmed(VonageMessagesError):
    """It is not known whether Vonage accepted the message.

    Do not send the message again. The customer could get the message twice. A status webhook can
    still show the outcome.
    """

    reason = "unconfirmed"


def _texts_of(message: "Message | None") -> Iterator[str]:
    if message is not None:
        yield message.text
        yield from strings_in([message.content, message.options])
