"""The errors that Vonage gives for a message, and what to do about each: two tables.

A status webhook's error code is one of ``ERROR_CODES``. Its codes and titles are those of the API
reference (v0.1, "Errors") and of v1's OpenAPI document, which lists more. The answer to a send
names its error at the end of ``type``: one of ``HTTP_ERRORS``. The advice is ours in both.

They use the same numbers for other things: 1120 is a sender that the customer's country refuses in
a status, and one that the account may not use in an answer. So a code is looked up by where it came
from, never in one table after the other.
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
    """Return what is known of a status's error code, or None for no code or one not listed."""
    if isinstance(code, int):
        return ERROR_CODES.get(str(code)) if 0 < code < 10_000 else None
    return ERROR_CODES.get(code.strip()) if code else None


def get_http_error(code: str | None) -> ErrorCode | None:
    """Return what is known of an HTTP error's code, or None for no code or one not listed."""
    return HTTP_ERRORS.get(code.strip()) if code else None
