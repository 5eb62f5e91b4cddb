"""Error codes of Vonage's Messages API."""

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

# Codes in status webhooks. Sources: the API reference (v0.1, "Errors"), v1's OpenAPI document.
ERROR_CODES: Mapping[str, ErrorCode] = MappingProxyType(
    {error.code: error for error in (*SUBMISSION_CODES, *DELIVERY_CODES, *V1_CODES)}
)
# Codes in HTTP responses to send requests. Some numbers are in both dicts, with different meanings.
# In a status webhook, 1120 means that the customer's country refuses the sender.
# In a response, 1120 means that the account is not allowed to use the sender.
HTTP_ERRORS: Mapping[str, ErrorCode] = MappingProxyType(
    {error.code: error for error in (*MESSAGE_ERRORS, *ACCOUNT_ERRORS)}
)


def get_error_code(code: str | int | None) -> ErrorCode | None:
    """Return the ErrorCode for a status webhook's code, or None for unknown codes."""
    if isinstance(code, int):
        return ERROR_CODES.get(str(code)) if 0 < code < 10_000 else None
    return ERROR_CODES.get(code.strip()) if code else None


def get_http_error(code: str | None) -> ErrorCode | None:
    """Return the ErrorCode for the code in an HTTP response's JSON, or None for unknown codes."""
    return HTTP_ERRORS.get(code.strip()) if code else None
