"""Error codes of Vonage's Messages API.

Each code has Vonage's title, and from this package a meaning, an advice and an owner: the person
who has to act next.

``ERROR_CODES`` contains the codes in status webhooks. The codes and titles come from the API
reference (v0.1, "Errors") and from v1's OpenAPI document, which lists more codes. ``HTTP_ERRORS``
contains the codes in Vonage's HTTP responses to send requests.

Some numbers are in both dicts, with different meanings. In a status webhook, 1120 means that the
customer's country refuses the sender. In a response, 1120 means that the account is not allowed to
use the sender.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django_vonage_messages.protocol.error_codes.added_in_v1 import V1_CODES
from django_vonage_messages.protocol.error_codes.delivery import DELIVERY_CODES
from django_vonage_messages.protocol.error_codes.error_code import ActionOwner, ErrorCode
from django_vonage_messages.protocol.error_codes.http import ACCOUNT_ERRORS, MESSAGE_ERRORS
from django_vonage_messages.protocol.error_codes.submission import SUBMISSION_CODES

__all__ = [
    "ERROR_CODES",
    "HTTP_ERRORS",
    "ActionOwner",
    "ErrorCode",
    "get_error_code",
    "get_http_error",
]

ERROR_CODES: Mapping[str, ErrorCode] = MappingProxyType(
    {error.code: error for error in (*SUBMISSION_CODES, *DELIVERY_CODES, *V1_CODES)}
)
HTTP_ERRORS: Mapping[str, ErrorCode] = MappingProxyType(
    {error.code: error for error in (*MESSAGE_ERRORS, *ACCOUNT_ERRORS)}
)


def get_error_code(code: str | int | None) -> ErrorCode | None:
    """Return the ErrorCode for a code in a status webhook, or None if the code is unknown."""
    if isinstance(code, int):
        return ERROR_CODES.get(str(code)) if 0 < code < 10_000 else None
    return ERROR_CODES.get(code.strip()) if code else None


def get_http_error(code: str | None) -> ErrorCode | None:
    """Return the ErrorCode for a code in an HTTP response, or None if the code is unknown."""
    return HTTP_ERRORS.get(code.strip()) if code else None
