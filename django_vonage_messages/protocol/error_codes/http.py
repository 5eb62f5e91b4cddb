"""Errors in Vonage's HTTP responses to requests that send a message.

In the JSON of the response, ``type`` is a URL. The code is the part after the ``#``.
"""

from dataclasses import replace
from typing import Final

from django_vonage_messages.protocol.error_codes.error_code import ActionOwner, ErrorCode

# Source, except where a comment names another: the examples in v1's OpenAPI document.
_THROTTLED: Final = ErrorCode(
    "1000",
    "Rate Limit Hit",
    "This site sent messages faster than Vonage allows.",
    "Wait a minute, then send the message again. If this keeps happening, ask Vonage for a higher "
    "limit.",
    ActionOwner.WAIT,
)
_PARAMETERS: Final = ErrorCode(
    "1150",
    "Invalid params",
    "Part of the message is missing, is too long, or has a type that Vonage does not accept.",
    "If the number or the text is wrong, correct it. Otherwise, tell the developers.",
    ActionOwner.DEVELOPER,
)

MESSAGE_ERRORS: Final = (
    _THROTTLED,
    # HTTP status 429. Source: Vonage's PHP and Java SDKs.
    replace(_THROTTLED, code="1010"),
    ErrorCode(
        "1060",
        "Invalid client reference",
        "This site's reference for the message is longer than Vonage allows.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1100",
        "Unsupported channel",
        "Vonage does not support the chosen channel.",
        "Use another channel, and tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1110",
        "Invalid channel parameters",
        "An option for this channel has a value that Vonage does not accept.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1120",
        "Invalid sender",
        "The Vonage account is not allowed to send from our number or name on this channel.",
        "Ask the developers to compare our number or name with the Vonage dashboard, and to "
        "correct this site's settings.",
        ActionOwner.DEVELOPER,
    ),
    # The document has 110, although the codes around it suggest 1130.
    ErrorCode(
        "110",
        "Invalid recipient",
        "Messages on this channel cannot reach the customer's number or ID.",
        "Check the number, especially its country code, and send to the corrected number.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1140",
        "Invalid message type",
        "This channel does not accept this kind of content. For example, SMS accepts no files.",
        "Send another kind of content, or use another channel.",
        ActionOwner.STAFF,
    ),
    _PARAMETERS,
    # Source: v0.1's OpenAPI document.
    replace(_PARAMETERS, code="InvalidParams", title="Invalid Parameters"),
    ErrorCode(
        "invalid-json",
        "The request body did not contain valid JSON",
        "Vonage could not read the request. This site's software has an error.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
)

_UNAUTHORIZED: Final = ErrorCode(
    "unauthorized",
    "You did not provide correct credentials",
    "Vonage does not accept this site's key or token.",
    "Nothing can be sent until this site's Vonage credentials are correct. Tell the developers.",
    ActionOwner.DEVELOPER,
)

_LOW_BALANCE: Final = ErrorCode(
    "low-balance",
    "Low balance",
    "The Vonage account has too little credit for this message.",
    "Ask the manager of the Vonage account to add credit. Then send the message again.",
    ActionOwner.ACCOUNT_OWNER,
)
_NOT_FOUND: Final = ErrorCode(
    "not-found",
    "Not Found",
    "This site requested something that does not exist or belongs to another account.",
    "Tell the developers: perhaps the API address in the settings is wrong.",
    ActionOwner.DEVELOPER,
)

ACCOUNT_ERRORS: Final = (
    _UNAUTHORIZED,
    # The misspelling is in v1's OpenAPI document.
    replace(_UNAUTHORIZED, code="unathorized"),
    # HTTP statuses, for responses without a code.
    replace(_UNAUTHORIZED, code="401"),
    replace(_LOW_BALANCE, code="402"),
    replace(_NOT_FOUND, code="404"),
    ErrorCode(
        "unprovisioned",
        "The credentials provided do not have access to the requested product",
        "The Vonage account of this site is not set up to send messages.",
        "Tell the manager of the Vonage account that Vonage must enable messages for the account.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    _LOW_BALANCE,
    _NOT_FOUND,
    ErrorCode(
        "forbidden",
        "Your account does not have permission to perform this action",
        "The Vonage account has no permission to send this message.",
        "Ask the manager of the Vonage account to check whether messages of this kind are enabled.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    # Source of the errors below: https://developer.vonage.com/en/api-errors (for all Vonage APIs).
    ErrorCode(
        "account-suspended",
        "This account has been suspended",
        "Vonage has suspended the account and accepts no messages from it.",
        "Nothing can be sent until the manager of the Vonage account resolves this with Vonage.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "jwt-expired",
        "The JWT provided has expired",
        "This site's token had expired when Vonage read it.",
        "Tell the developers: perhaps the clock of the server is wrong.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "jwt-revoked",
        "The JWT provided has been revoked",
        "Vonage has revoked this site's token.",
        "Ask the developers to restart the site. The site then creates a new token.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "invalid-api-key",
        "The API key provided does not exist in our system, or you do not have access",
        "Vonage does not know the API key in this site's settings.",
        "Nothing can be sent until this site's Vonage credentials are correct. Tell the "
        "developers.",
        ActionOwner.DEVELOPER,
    ),
)
