"""What the simulated API answers: an acceptance, or a refusal in the API's error shape."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

INVALID_PARAMS: Final = "https://www.nexmo.com/messages/Errors#InvalidParams"
ERRORS: Final = "https://developer.vonage.com/api-errors"


@dataclass(frozen=True)
class Refusal:
    """One refusal of the API. ``type`` is the address of its explanation; ``more`` are members
    that only this kind of refusal has.
    """

    status: int
    type: str
    title: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def body(self) -> dict[str, Any]:
        """Return the error's JSON; ``instance`` is a new trace id of 32 hex digits."""
        return {
            "type": self.type,
            "title": self.title,
            "detail": self.detail,
            "instance": uuid.uuid4().hex,
            **self.more,
        }


class ApiError(Exception):
    """The request is answered with this refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.status} {refusal.title}")
        self.refusal = refusal


Manner = Literal["whole", "dripped", "never", "cut off"]


@dataclass(frozen=True)
class Answer:
    """One HTTP answer: its JSON (None: no body), and how and when it is written.

    It is held back for ``delay`` seconds, or until ``wait_for`` is set. ``drip`` is how many
    seconds a ``dripped`` answer takes. ``then`` happens once an answer is out that was not held
    back.
    """

    status: int
    body: Mapping[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = "whole"
    delay: float = 0.0
    drip: float = 0.0
    wait_for: threading.Event | None = None
    then: Callable[[], None] | None = None

    @property
    def is_immediate(self) -> bool:
        return self.manner == "whole" and not self.delay and self.wait_for is None


def invalid(detail: str) -> ApiError:
    """Return a 400 as v0.1 shows it, with a detail that names what is wrong."""
    return ApiError(Refusal(400, INVALID_PARAMS, "Invalid Parameters", detail))


def unauthorized(detail: str) -> Refusal:
    """Return a 401, whose type is misspelt as in Vonage's own API description."""
    return Refusal(401, f"{ERRORS}/#unathorized", "Unauthorized", detail)


def payment_required() -> Refusal:
    """Return the 402 of an account whose balance is used up."""
    return Refusal(402, f"{ERRORS}/#low-balance", "Low balance", "The balance is used up.")


def throttled(retry_after: int | None = None) -> Refusal:
    """Return the 429 of too many requests, with a Retry-After in seconds if one is given."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    detail = "Too many requests: wait, then send again."
    return Refusal(429, f"{ERRORS}/messages#1000", "Rate Limit Hit", detail, headers)


def server_error() -> Refusal:
    """Return the 500 of a fault in the platform."""
    detail = "The platform failed while it processed the request."
    return Refusal(500, f"{ERRORS}/messages#1000", "Internal error", detail)


def not_found() -> ApiError:
    """Return the 404 of any address but those that the simulator serves."""
    detail = "The simulator serves /v0.1/messages/ and /v1/messages, and nothing else."
    return ApiError(Refusal(404, f"{ERRORS}#not-found", "Not Found", detail))


def method_not_allowed(allowed: Literal["POST", "PATCH"]) -> ApiError:
    """Return the 405 of any method but the one that is allowed."""
    detail = "Messages are sent with POST and updated with PATCH."
    return ApiError(Refusal(405, ERRORS, "Method Not Allowed", detail, {"Allow": allowed}))
