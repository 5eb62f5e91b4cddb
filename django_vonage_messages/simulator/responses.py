"""Responses of the simulated API."""

import re
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django_vonage_messages.simulator.json_rules import Problem

INVALID_PARAMS: Final = "https://www.nexmo.com/messages/Errors#InvalidParams"
ERRORS: Final = "https://developer.vonage.com/api-errors"

WriteMode = Literal["whole", "dripped", "never", "cut off"]
"""Ways of writing a response to the connection."""


@dataclass(frozen=True)
class ApiResponse:
    """One HTTP response of the simulated API."""

    status: int
    body: Mapping[str, Any] | None  # JSON; None: the response has no body
    headers: Mapping[str, str] = field(default_factory=dict)
    write_mode: WriteMode = "whole"  # "dripped" writes the body byte by byte
    delay: float = 0.0  # seconds
    drip_seconds: float = 0.0  # time to write a "dripped" body
    wait_for: threading.Event | None = None  # replaces ``delay``
    after_write: Callable[[], None] | None = None  # called after the response has been written

    @property
    def is_immediate(self) -> bool:
        return self.write_mode == "whole" and not self.delay and self.wait_for is None


@dataclass(frozen=True)
class ErrorResponse:
    """An error response of the API."""

    status: int
    type: str  # URL of the error's documentation
    title: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)  # members of the body

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the response."""
        return {
            "type": self.type,
            "title": self.title,
            "detail": self.detail,
            "instance": uuid.uuid4().hex,  # a trace id
            **self.extra,
        }


class ApiError(Exception):
    """Raised to answer a request with an error response."""

    def __init__(self, response: ErrorResponse) -> None:
        super().__init__(f"{response.status} {response.title}")
        self.response = response


def unauthorized(detail: str) -> ErrorResponse:
    # The spelling error "unathorized" is in the v1 OpenAPI document.
    return ErrorResponse(401, f"{ERRORS}/#unathorized", "Unauthorized", detail)


def payment_required() -> ErrorResponse:
    """Return the 402 for an account without balance."""
    return ErrorResponse(402, f"{ERRORS}/#low-balance", "Low balance", "The balance is used up.")


def throttled(retry_after: int | None = None) -> ErrorResponse:
    """Return the 429 for too many requests."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    detail = "Too many requests: wait, then send again."
    return ErrorResponse(429, f"{ERRORS}/messages#1000", "Rate Limit Hit", detail, headers)


def server_error() -> ErrorResponse:
    """Return the 500 for an internal error."""
    detail = "An internal error occurred."
    return ErrorResponse(500, f"{ERRORS}/messages#1000", "Internal error", detail)


def not_found() -> ApiError:
    """Return the 404 for an unknown path."""
    detail = "The simulator serves only /v0.1/messages/ and /v1/messages."
    return ApiError(ErrorResponse(404, f"{ERRORS}#not-found", "Not Found", detail))


def unknown_message() -> ApiError:
    """Return the 404 for an unknown message_uuid."""
    detail = "There is no message with this message_uuid."
    return ApiError(ErrorResponse(404, f"{ERRORS}#not-found", "Not Found", detail))


def method_not_allowed(allowed: Literal["POST", "PATCH"]) -> ApiError:
    """Return the 405 for a wrong method."""
    detail = "Use POST to send a message, and PATCH to update one."
    return ApiError(ErrorResponse(405, ERRORS, "Method Not Allowed", detail, {"Allow": allowed}))


def invalid(detail: str) -> ApiError:
    """Return the 400 of v0.1 for an invalid request."""
    return ApiError(ErrorResponse(400, INVALID_PARAMS, "Invalid Parameters", detail))


def not_json(detail: str) -> ApiError:
    """Return the 422 of v1 for a body that is not JSON."""
    title = "The request body did not contain valid JSON"
    return ApiError(ErrorResponse(422, f"{ERRORS}#invalid-json", title, detail))


def unsupported_update(detail: str) -> ApiError:
    """Return the 422 of v1 for an update that the message does not support."""
    # The document gives no ``type`` for this error.
    return ApiError(ErrorResponse(422, "", "Operation not supported", detail))


def invalid_parameters(problems: Sequence[Problem]) -> ApiError:
    """Return the 422 of v1 that lists ``problems``."""
    # The title names the group of errors, such as "Invalid sender", if all problems have the same
    # group. (Source: the ``Error…`` schemas of the v1 OpenAPI document.)
    groups = {_group(problem) for problem in problems}
    fragment, title = groups.pop() if len(groups) == 1 else _PARAMS
    listed = [{"name": problem.name, "reason": problem.reason} for problem in problems]
    detail = "The value of one or more parameters is invalid."
    extra = {"invalid_parameters": listed}
    return ApiError(ErrorResponse(422, f"{ERRORS}/messages#{fragment}", title, detail, extra=extra))


# Numbers and titles of groups. In a status webhook, the same number can mean a different error.
_PARAMS: Final = ("1150", "Invalid params")
_CHANNEL_PARAMS: Final = ("1110", "Invalid channel parameters")
_OPTIONS: Final = ("sms", "mms", "rcs", "whatsapp", "messenger", "viber_service")
_GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "client_ref": ("1060", "Invalid client reference"),
    "channel": ("1100", "Unsupported channel"),
    "from": ("1120", "Invalid sender"),
    "to": ("110", "Invalid recipient"),  # three digits, as in the document
    "message_type": ("1140", "Invalid message type"),
    **dict.fromkeys(_OPTIONS, _CHANNEL_PARAMS),
}
_FAILOVER: Final = re.compile(r"failover\[[0-9]+\]\.")


def _group(problem: Problem) -> tuple[str, str]:
    name = _FAILOVER.sub("", problem.name, count=1)
    return _GROUPS.get(re.split(r"[.\[]", name)[0], _PARAMS)
