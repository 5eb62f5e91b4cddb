"""The error codes that a message's status can carry, and what to do about each.

Codes and titles are those of the API reference (v0.1, "Errors") and of v1's OpenAPI document, which
lists more; the advice is ours. The number at
the end of an HTTP error's ``type`` comes from another series and is not to be looked up here: 1120,
1140 and 1150 mean other things there.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django_vonage_messages.protocol.error_codes.delivery import DELIVERY_CODES
from django_vonage_messages.protocol.error_codes.model import ErrorCode, Move
from django_vonage_messages.protocol.error_codes.submission import SUBMISSION_CODES
from django_vonage_messages.protocol.error_codes.v1 import V1_CODES

__all__ = ["ERROR_CODES", "ErrorCode", "Move", "find_error_code"]

ERROR_CODES: Mapping[str, ErrorCode] = MappingProxyType(
    {error.code: error for error in (*SUBMISSION_CODES, *DELIVERY_CODES, *V1_CODES)}
)


def find_error_code(code: str | int | None) -> ErrorCode | None:
    """Return what is known of a status's error code, or None for no code or one not listed."""
    if isinstance(code, int):
        return ERROR_CODES.get(str(code)) if 0 < code < 10_000 else None
    return ERROR_CODES.get(code.strip()) if code else None
