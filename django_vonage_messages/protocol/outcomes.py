"""Outcome of a send from its HTTP response: accepted, not sent, or unconfirmed.

Only a 2xx with a ``message_uuid`` is an acceptance and only a 4xx a refusal. Everything else (5xx,
3xx, a 2xx without a uuid, a break after bytes had left) leaves it open whether Vonage took the
message: the API has no idempotency key, so that is called unconfirmed and never sent again by
itself.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

from django_vonage_messages.protocol.sanitize import sanitize_text
from django_vonage_messages.protocol.statuses import NO_ERROR, ErrorInfo
from django_vonage_messages.protocol.webhook_payloads import UUID_LENGTH, read_text

Reason = Literal["", "rejected", "throttled", "not_sent", "unsendable", "unconfirmed"]

_THROTTLED_CODE = "1000"
_DETAIL_LENGTH: Final = 2000


@dataclass(frozen=True)
class Outcome:
    """Result of one attempt: an instance of one of the classes below.

    ``error`` holds the API's own words, which may quote a number, and so is not in the ``repr``.
    ``retry_after`` is in seconds. ``reason`` is "" for an accepted message, and otherwise a value
    of ``FailureReason``.
    """

    reason: ClassVar[Reason]

    message_uuid: str = ""
    error: ErrorInfo = field(default=NO_ERROR, repr=False)
    retry_after: float | None = None
    workflow_id: str = field(default="", repr=False)

    @property
    def is_accepted(self) -> bool:
        return isinstance(self, Accepted)


class Accepted(Outcome):
    """Vonage, or a backend in its place, accepted the message, and its failover with it."""

    reason = ""

    def __init__(self, message_uuid: str = "", workflow_id: str = "") -> None:
        super().__init__(message_uuid, workflow_id=workflow_id)


class _NotAccepted(Outcome):
    """Base of the failures. Pass either ``title`` and ``detail``, or ``error``."""

    def __init__(
        self,
        title: str = "",
        detail: str = "",
        *,
        error: ErrorInfo | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(error=error or ErrorInfo("", title, detail), retry_after=retry_after)


class Rejected(_NotAccepted):
    """The API refused the message, for a reason that a retry would not change."""

    reason = "rejected"


class Throttled(_NotAccepted):
    """The API accepted nothing and asks to wait, for ``retry_after`` seconds if it gave a time."""

    reason = "throttled"


class NotSent(_NotAccepted):
    """No byte of the message left this process."""

    reason = "not_sent"


class Unsendable(_NotAccepted):
    """The message cannot be sent in this form, so nothing left and a retry would not help."""

    reason = "unsendable"


class Unconfirmed(_NotAccepted):
    """Nobody knows whether Vonage has the message."""

    reason = "unconfirmed"


def interpret(status_code: int, body: bytes, retry_after: str | None = None) -> Outcome:
    """Return the outcome of a send from its HTTP response."""
    data = _object(body)
    if 200 <= status_code < 300:
        uuid = sanitize_text(read_text(data, "message_uuid"))
        if uuid.strip() and len(uuid) <= UUID_LENGTH:
            return Accepted(uuid, sanitize_text(read_text(data, "workflow_id"), 64))
        return Unconfirmed("No message_uuid in the answer", f"HTTP {status_code}")
    if not 400 <= status_code < 500:
        return Unconfirmed(f"HTTP {status_code}", _error(data, status_code).title)
    error = _error(data, status_code)
    if status_code == 429 or error.code == _THROTTLED_CODE:
        return Throttled(error=error, retry_after=_seconds(retry_after))
    return Rejected(error=error)


def _error(data: dict[str, Any], status_code: int) -> ErrorInfo:
    """The API's error shape: type, title, detail, instance. The code is the type's fragment."""
    return ErrorInfo(
        code=sanitize_text(read_text(data, "type").partition("#")[2], 32),
        title=sanitize_text(read_text(data, "title"), 200) or f"HTTP {status_code}",
        detail=_detail(data),
        instance=sanitize_text(read_text(data, "instance"), 100),
    )


def _detail(data: dict[str, Any]) -> str:
    """What the API says, then which parameters were wrong, each of them whole or not at all.

    A reason may quote the message's text, which can be told and taken out only where it is whole.
    """
    text = read_text(data, "detail") or read_text(data, "details")  # the v1 document has both
    detail = sanitize_text(text, _DETAIL_LENGTH)
    for parameter in _invalid_parameters(data.get("invalid_parameters")):
        longer = f"{_sentence(detail)} {parameter}" if detail.strip() else parameter
        if len(longer) <= _DETAIL_LENGTH:
            detail = longer
    return detail


def _invalid_parameters(value: object) -> Iterator[str]:
    """Yield "name: reason." of each; v1 documents a list, and Vonage's Node SDK expects one."""
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
    """Retry-After in its form of whole seconds; the date form is not worth a guess at clocks."""
    text = (retry_after or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
