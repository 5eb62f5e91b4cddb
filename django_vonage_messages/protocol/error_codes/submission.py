"""Error codes 1000 to 1170: Vonage refused the message before any carrier received it."""

from typing import Final

from django_vonage_messages.protocol.error_codes.error_code import ActionOwner, ErrorCode

SUBMISSION_CODES: Final = (
    ErrorCode(
        "1000",
        "Throttled",
        "The account sent messages faster than Vonage allows.",
        "Wait a moment, then send the message again. If this keeps happening, ask Vonage for a "
        "higher limit.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1010",
        "Missing params",
        "A value that Vonage requires was missing from the request.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1020",
        "Invalid params",
        "Vonage does not accept one of the values in the message.",
        "Check the number and the sender. If both are correct, tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1021",
        "Invalid tag",
        "Facebook does not know the message tag. A tag gives the reason for a message that is sent "
        "after the time limit for replies.",
        "Choose another tag. If you did not choose a tag, tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1022",
        "Invalid template",
        "The template does not exist, is not approved, or has wrong values.",
        "Ask the developers to compare the name, language and values in the message with the "
        "approved template.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1030",
        "Internal error",
        "Something went wrong inside Vonage.",
        "Wait a few minutes, then send the message again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1040",
        "Invalid message",
        "Vonage could not process the message. A common cause is an unknown country code in the "
        "number.",
        "Check the number, especially its country code, and send to the corrected number.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1050",
        "Number barred",
        "This number is on a list of blocked numbers.",
        "Do not write to this number again. Contact the customer in another way.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1060",
        "Partner account barred",
        "Vonage has blocked the account. The account cannot send messages.",
        "Nothing can be sent until the manager of the Vonage account resolves this with Vonage.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1070",
        "Partner quota exceeded",
        "The account has no credit left.",
        "Ask the manager of the Vonage account to add credit. Then send the message again.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1080",
        "Account not enabled for REST",
        "The Vonage account is not enabled for REST. This site sends messages through REST.",
        "Tell the manager of the Vonage account that Vonage must enable REST for the account.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1090",
        "Message too long",
        "The text is too long for this kind of message.",
        "Shorten or split the text, then send the message again.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1100",
        "Communication Failed",
        "Vonage could not send the message, because a connection failed.",
        "Wait a few minutes, then send the message again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1120",
        "Illegal Sender Address - rejected",
        "The customer's country does not allow this sender.",
        "Ask the developers to use a sender that the country allows.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1130",
        "Invalid TTL",
        "The time limit for delivery is outside the allowed range.",
        "Tell the developers: the time limit (TTL) must be corrected.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1140",
        "Facility not allowed",
        "The message uses a feature that is not enabled for the account.",
        "Tell the manager of the Vonage account that Vonage must enable this feature.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1150",
        "Invalid Message class",
        "The message class, a technical setting of the SMS, does not exist.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1160",
        "Non White-listed Destination",
        "The account can send to approved numbers only. This number is not approved.",
        "Ask the manager of the Vonage account to approve the number in the Vonage dashboard. "
        "Then send the message again.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1170",
        "Invalid or Missing Msisdn Param",
        "The customer's number is missing, or is not a phone number.",
        "Correct the number, and send to the corrected number.",
        ActionOwner.STAFF,
    ),
)
