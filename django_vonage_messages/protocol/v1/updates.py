"""What can be asked of a message that exists: the bodies, and what an answer to them means.

(Source: Messages API v1, "Update a Message"; the typing indicator is in Vonage's SDKs for .NET and
Node.)
"""

from typing import Any, Final

from django_vonage_messages.protocol.outcomes import Accepted, Outcome, Unconfirmed, interpret

READ: Final[dict[str, Any]] = {"status": "read"}
REVOKED: Final[dict[str, Any]] = {"status": "revoked"}
TYPING: Final[dict[str, Any]] = READ | {"replying_indicator": {"show": True, "type": "text"}}
"""The customer is shown that the message was read and that a text is being written."""

_DONE: Final = 202


def interpret_update(status_code: int, body: bytes, retry_after: str | None = None) -> Outcome:
    """Return what an HTTP answer to an update means: only 202 says that it was taken."""
    if status_code == _DONE:
        return Accepted()
    if 200 <= status_code < 300:
        return Unconfirmed(f"HTTP {status_code}")
    return interpret(status_code, body, retry_after)
