"""What the answer to a send says of the account: the end of an HTTP error's ``type``.

The first six are those of the examples in v1's OpenAPI document, misspelling and all; the others,
which any of Vonage's APIs may answer with, are described at
https://developer.vonage.com/en/api-errors.
"""

from dataclasses import replace
from typing import Final

from django_vonage_messages.protocol.error_codes.model import ErrorCode, Move

_UNAUTHORIZED: Final = ErrorCode(
    "unauthorized",
    "You did not provide correct credentials",
    "Vonage does not accept the key or the token with which this site signs in.",
    "Nothing goes out until this site's Vonage credentials are right. Tell the developers.",
    temporary=False,
    whose_move=Move.DEVELOPER,
)

ACCOUNT_ERRORS: Final = (
    _UNAUTHORIZED,
    replace(_UNAUTHORIZED, code="unathorized"),
    ErrorCode(
        "unprovisioned",
        "The credentials provided do not have access to the requested product",
        "The Vonage account that this site uses is not set up to send messages.",
        "Have the account's manager check it, and ask Vonage to enable it for messages.",
        temporary=False,
        whose_move=Move.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "low-balance",
        "Low balance",
        "The Vonage account has too little money left for this message.",
        "Have the account topped up, then send the message again.",
        temporary=False,
        whose_move=Move.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "not-found",
        "Not Found",
        "This site asked Vonage for something that does not exist, or not for its account.",
        "Pass this on to the developers: the address of the API may be set wrongly.",
        temporary=False,
        whose_move=Move.DEVELOPER,
    ),
    ErrorCode(
        "forbidden",
        "Your account does not have permission to perform this action",
        "The Vonage account may not do what was asked of it.",
        "Have the account's manager see whether the feature is switched on for it.",
        temporary=False,
        whose_move=Move.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "account-suspended",
        "This account has been suspended",
        "Vonage takes no messages from the account for the time being.",
        "Nothing will go out until the account's manager has settled it with Vonage.",
        temporary=False,
        whose_move=Move.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "jwt-expired",
        "The JWT provided has expired",
        "The token with which this site signs in had run out when Vonage read it.",
        "Pass this on to the developers: the clock of the server may be wrong.",
        temporary=False,
        whose_move=Move.DEVELOPER,
    ),
    ErrorCode(
        "jwt-revoked",
        "The JWT provided has been revoked",
        "Vonage has withdrawn the token with which this site signs in.",
        "Pass this on to the developers: the site has to sign in anew with its private key.",
        temporary=False,
        whose_move=Move.DEVELOPER,
    ),
    ErrorCode(
        "invalid-api-key",
        "The API key provided does not exist in our system, or you do not have access",
        "Vonage does not know the API key in this site's settings.",
        "Nothing goes out until this site's Vonage credentials are right. Tell the developers.",
        temporary=False,
        whose_move=Move.DEVELOPER,
    ),
)
