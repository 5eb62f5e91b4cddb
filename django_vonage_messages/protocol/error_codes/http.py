"""Errors of the HTTP responses to a send: the code is the end of the error's ``type``.

Codes and titles are those of the examples in v1's OpenAPI document, misspelling and all. 1010 is
what Vonage's PHP and Java SDKs expect of a 429; ``InvalidParams`` is v0.1's. The last four account
errors are at https://developer.vonage.com/en/api-errors, for all of Vonage's APIs.
"""

from dataclasses import replace
from typing import Final

from django_vonage_messages.protocol.error_codes.error_code import ActionOwner, ErrorCode

_THROTTLED: Final = ErrorCode(
    "1000",
    "Rate Limit Hit",
    "This site sent messages faster than Vonage takes them from it.",
    "Wait a minute and send it again. If this keeps happening, ask Vonage for a higher limit.",
    ActionOwner.WAIT,
)
_PARAMETERS: Final = ErrorCode(
    "1150",
    "Invalid params",
    "Part of the message is missing, too long, or of a kind that Vonage does not take.",
    "If it is the number or the text, correct that. If not, pass this on to the developers.",
    ActionOwner.DEVELOPER,
)

MESSAGE_ERRORS: Final = (
    _THROTTLED,
    replace(_THROTTLED, code="1010"),
    ErrorCode(
        "1060",
        "Invalid client reference",
        "The reference under which this site keeps the message is longer than Vonage allows.",
        "Sending it again will not help. Pass this message on to the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1100",
        "Unsupported channel",
        "Vonage does not carry messages on the channel that was chosen.",
        "Write on another channel, and pass this on to the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1110",
        "Invalid channel parameters",
        "Something that was set for this channel alone has a value that Vonage does not take.",
        "Sending it again will not help. Pass this message on to the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1120",
        "Invalid sender",
        "The account may not send from this address on this channel.",
        "Have our address for the channel looked up in the Vonage dashboard and corrected here.",
        ActionOwner.DEVELOPER,
    ),
    # So in the document, though its neighbours suggest 1130.
    ErrorCode(
        "110",
        "Invalid recipient",
        "The number or ID that was written to is not one that this channel reaches.",
        "Check the number, its country code above all, and write to the corrected one.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1140",
        "Invalid message type",
        "The channel does not carry this kind of content, such as a file where only words go.",
        "Send it in another form, or on another channel.",
        ActionOwner.STAFF,
    ),
    _PARAMETERS,
    replace(_PARAMETERS, code="InvalidParams", title="Invalid Parameters"),
    ErrorCode(
        "invalid-json",
        "The request body did not contain valid JSON",
        "What this site sent could not be read, which is a fault in its software.",
        "Sending it again will not help. Pass this message on to the developers.",
        ActionOwner.DEVELOPER,
    ),
)

_UNAUTHORIZED: Final = ErrorCode(
    "unauthorized",
    "You did not provide correct credentials",
    "Vonage does not accept the key or the token with which this site signs in.",
    "Nothing goes out until this site's Vonage credentials are right. Tell the developers.",
    ActionOwner.DEVELOPER,
)

ACCOUNT_ERRORS: Final = (
    _UNAUTHORIZED,
    replace(_UNAUTHORIZED, code="unathorized"),
    ErrorCode(
        "unprovisioned",
        "The credentials provided do not have access to the requested product",
        "The Vonage account that this site uses is not set up to send messages.",
        "Have the account's manager check it, and ask Vonage to enable it for messages.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "low-balance",
        "Low balance",
        "The Vonage account has too little money left for this message.",
        "Have the account topped up, then send the message again.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "not-found",
        "Not Found",
        "This site asked Vonage for something that does not exist, or not for its account.",
        "Pass this on to the developers: the address of the API may be set wrongly.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "forbidden",
        "Your account does not have permission to perform this action",
        "The Vonage account may not do what was asked of it.",
        "Have the account's manager see whether the feature is switched on for it.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "account-suspended",
        "This account has been suspended",
        "Vonage takes no messages from the account for the time being.",
        "Nothing will go out until the account's manager has settled it with Vonage.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "jwt-expired",
        "The JWT provided has expired",
        "The token with which this site signs in had run out when Vonage read it.",
        "Pass this on to the developers: the clock of the server may be wrong.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "jwt-revoked",
        "The JWT provided has been revoked",
        "Vonage has withdrawn the token with which this site signs in.",
        "Pass this on to the developers: the site has to sign in anew with its private key.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "invalid-api-key",
        "The API key provided does not exist in our system, or you do not have access",
        "Vonage does not know the API key in this site's settings.",
        "Nothing goes out until this site's Vonage credentials are right. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
)
