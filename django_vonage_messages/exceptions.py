"""Everything that this package raises on purpose. All of it is a VonageMessagesError."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from django_vonage_messages.protocol.redaction import LIMIT, redact, strings_in, without
from django_vonage_messages.protocol.statuses import NO_ERROR, ErrorInfo

if TYPE_CHECKING:
    from django_vonage_messages.models import Message


class VonageMessagesError(Exception):
    """The root of this package's errors.

    ``message`` is the stored row, where one exists. ``reason`` is a value of ``FailureReason``, or
    "". ``retryable`` says whether calling again can help and cannot send twice, ``retry_after``
    after how many seconds, if the API gave a time. ``title``, ``detail``, ``code`` and ``instance``
    are the API's own words, as received: they may quote the number or the text, which ``str()``
    never does.
    """

    retryable: bool = False
    reason: str = ""
    _longest: int = LIMIT

    def __init__(
        self,
        text: str,
        *,
        message: "Message | None" = None,
        error: ErrorInfo = NO_ERROR,
        reason: str = "",
        retry_after: float | None = None,
    ) -> None:
        # Not super(): the next class in line may be ValidationError, which would take the text for
        # a problem of its own.
        Exception.__init__(self, redact(without(text, _texts_of(message)), self._longest))
        self.message: Message | None = message
        self.reason = reason or self.reason
        self.retry_after = retry_after
        self.title = error.title
        self.detail = error.detail
        self.code = error.code
        self.instance = error.instance


class InvalidMessage(VonageMessagesError, ValidationError):  # type: ignore[misc]  # see __hash__
    """The message cannot be sent as asked: nothing was stored, nothing was sent.

    It is also Django's ValidationError: ``message_dict`` lists every problem by field.
    """

    _longest = 4000  # every problem, and all of it our own words

    def __init__(self, problems: Mapping[str, Sequence[str]]) -> None:
        listed = {field: list(texts) for field, texts in problems.items()}
        ValidationError.__init__(self, listed)
        text = " ".join(f"{field}: {' '.join(texts)}" for field, texts in listed.items())
        VonageMessagesError.__init__(self, f"Nothing was sent. {text}")

    # ValidationError compares by the ``message`` and ``code`` of a single error, which mean other
    # things here.
    __eq__ = Exception.__eq__
    __hash__ = Exception.__hash__

    def __str__(self) -> str:
        return str(self.args[0])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.args[0]!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message_dict,))


class RecipientSuppressed(InvalidMessage):
    """The recipient must not be messaged: see Suppression. Nothing was stored, nothing was sent."""

    reason = "suppressed"


class IdempotencyConflict(VonageMessagesError):
    """The idempotency key belongs to another message; ``message`` is that one."""


class NotResendable(VonageMessagesError):
    """The message arrived, may have arrived or may still arrive, so it is not sent again."""


class NotUpdatable(VonageMessagesError):
    """A message of this kind, or of this account, cannot be marked as read or revoked; nothing was
    asked of Vonage.
    """


class UpdateFailed(VonageMessagesError):
    """Vonage has certainly not marked the message as read, or revoked it.

    ``reason`` says why: ``rejected`` by the API, ``throttled`` (``retry_after`` is in seconds,
    where it said so) or ``not_sent``, where no connection could be made. It says nothing of the
    message itself, which is where it was.
    """

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__(text, **kwargs)
        self.retryable = self.reason in {"throttled", "not_sent"}


class UpdateUnconfirmed(VonageMessagesError):
    """Whether Vonage marked the message as read, or revoked it, is not known.

    Asking again is safe: done twice, either is the same as done once.
    """

    retryable = True


class MessageNotSent(VonageMessagesError):
    """Vonage has accepted nothing, and that is certain."""


class MessageRejected(MessageNotSent):
    """The API refused the message; ``title`` and ``detail`` are its reasons."""

    reason = "rejected"


class RateLimited(MessageNotSent):
    """The API asks to wait (429 or code 1000); ``retry_after`` is in seconds, where it said so."""

    reason = "throttled"
    retryable = True


class ConnectionFailed(MessageNotSent, ConnectionError):
    """No connection could be made, so that no byte of the message left this process."""

    reason = "not_sent"
    retryable = True


class DeliveryUnconfirmed(VonageMessagesError):
    """Whether Vonage accepted the message is not known, so sending again could send it twice.

    A status webhook may still settle it. Never retry on this error by itself.
    """

    reason = "unconfirmed"


def _texts_of(message: "Message | None") -> Iterator[str]:
    """Yield every text of a message, from each of its parts."""
    if message is not None:
        yield message.text
        yield from strings_in([message.content, message.options])
