"""Outcomes of a send: accepted, not accepted, or unconfirmed.

A 2xx response with a ``message_uuid`` means accepted. A 4xx response means not accepted. Any other
response means unconfirmed. A connection that breaks after bytes were sent means unconfirmed. This
app never retries an unconfirmed message automatically.
"""

# A retry could send an unconfirmed message twice: the API has no idempotency key.

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

from django_vonage_messages.protocol.error_codes import HTTP_ERRORS
from django_vonage_messages.protocol.sanitize import sanitize_text
from django_vonage_messages.protocol.statuses import NO_ERROR, ErrorInfo
from django_vonage_messages.protocol.webhook_payloads import UUID_LENGTH, read_text

Reason = Literal[
    "", "rejected", "throttled", "not_sent", "unsendable", "not_allowed", "unconfirmed"
]

_THROTTLED_CODE = "1000"
_DETAIL_LENGTH: Final = 2000


@dataclass(frozen=True)
class Outcome:
    """Base class of the outcomes of one attempt to send a message.

    ``error`` is the API's error. ``retry_after`` is the time in seconds that the API asks this
    site to wait, or None. ``reason`` is a value of ``FailureReason``. For an accepted message,
    ``reason`` is "".
    """

    reason: ClassVar[Reason]

    message_uuid: str = ""
    # not in the repr: an error can quote a phone number
    error: ErrorInfo = field(default=NO_ERROR, repr=False)
    retry_after: float | None = None
    workflow_id: str = field(default="", repr=False)

    @property
    def is_accepted(self) -> bool:
        return isinstance(self, Accepted)


class Accepted(Outcome):
    """Vonage accepted the message and its failover messages."""

    reason = ""

    def __init__(self, message_uuid: str = "", workflow_id: str = "") -> None:
        super().__init__(message_uuid, workflow_id=workflow_id)


class _WithError(Outcome):
    def __init__(
        self,
        title: str = "",
        detail: str = "",
        *,
        error: ErrorInfo | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(error=error or ErrorInfo("", title, detail), retry_after=retry_after)


class Rejected(_WithError):
    """Vonage refused the message. A retry would not help."""

    reason = "rejected"


class Throttled(_WithError):
    """Vonage did not accept the message and asks this site to wait."""

    reason = "throttled"


class NotSent(_WithError):
    """This site did not send any byte of the message."""

    reason = "not_sent"


class Unsendable(_WithError):
    """This site cannot send the message. A retry would not help.

    For example, the account's API version does not support the content.
    """

    reason = "unsendable"


class NotAllowed(_WithError):
    """The settings of the account exclude the recipient."""

    reason = "not_allowed"


class Unconfirmed(_WithError):
    """It is not known whether Vonage accepted the message."""

    reason = "unconfirmed"


def interpret(status_code: int, body: bytes, retry_after: str | None = None) -> Outcome:
    """Return the outcome that an HTTP response means."""
    data = _object(body)
    if 200 <= status_code < 300:
        uuid = sanitize_text(read_text(data, "message_uuid"))
        if uuid.strip() and len(uuid) <= UUID_LENGTH:
            return Accepted(uuid, sanitize_text(read_text(data, "workflow_id"), 64))
        return Unconfirmed("No message_uuid in the response", f"HTTP {status_code}")
    error = _error(data, status_code)
    if not 400 <= status_code < 500:
        return Unconfirmed(error=error)
    if status_code == 429 or error.code == _THROTTLED_CODE:
        return Throttled(error=error, retry_after=_seconds(retry_after))
    return Rejected(error=error)


def _error(data: dict[str, Any], status_code: int) -> ErrorInfo:
    code = sanitize_text(read_text(data, "type").partition("#")[2], 32)
    return ErrorInfo(
        code=code or (str(status_code) if str(status_code) in HTTP_ERRORS else ""),
        title=sanitize_text(read_text(data, "title"), 200) or f"HTTP {status_code}",
        detail=_detail(data),
        instance=sanitize_text(read_text(data, "instance"), 100),
    )


def _detail(data: dict[str, Any]) -> str:
    text = read_text(data, "detail") or read_text(data, "details")  # the v1 document has both
    detail = sanitize_text(text, _DETAIL_LENGTH)
    for parameter in _invalid_parameters(data.get("invalid_parameters")):
        longer = f"{_sentence(detail)} {parameter}" if detail.strip() else parameter
        # A parameter is never cut: remove_texts() finds only complete texts of a message.
        if len(longer) <= _DETAIL_LENGTH:
            detail = longer
    return detail


def _invalid_parameters(value: object) -> Iterator[str]:
    # a list in the v1 document, a single object in Vonage's Node SDK
    for parameter in value if isinstance(value, list) else [value]:
        texts = (sanitize_text(read_text(parameter, key)).strip() for key in ("name", "reason"))
        if problem := ": ".join(text for text in texts if text):
            yield _sentence(problem)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _seconds(retry_after: str | None) -> float | None:
    # A date is ignored, because Vonage's clock and this site's clock can differ.
    text = (retry_after or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
