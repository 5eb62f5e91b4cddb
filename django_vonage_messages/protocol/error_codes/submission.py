"""Codes 1000 to 1170: the message was refused before any carrier saw it."""

from typing import Final

from django_vonage_messages.protocol.error_codes.error_code import ActionOwner, ErrorCode

SUBMISSION_CODES: Final = (
    ErrorCode(
        "1000",
        "Throttled",
        "The account sent messages faster than it may.",
        "Wait a moment and send it again. If this keeps happening, ask Vonage for a higher rate.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1010",
        "Missing params",
        "Something that Vonage needs was left out of the request.",
        "Sending it again will not help. Pass this message on to the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1020",
        "Invalid params",
        "Something in the request has a value that Vonage does not take.",
        "Check the number and the sender. If both look right, pass this on to the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1021",
        "Invalid tag",
        "The label that says why a Messenger message comes late is not one that Facebook knows.",
        "Choose another tag. If you did not choose one, pass this on to the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1022",
        "Invalid template",
        "The template does not exist, is not approved, or was filled in with the wrong values.",
        "Compare its name, language and values with the approved template.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1030",
        "Internal error",
        "Something went wrong inside Vonage.",
        "Wait a few minutes and send it again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1040",
        "Invalid message",
        "Vonage could not process the message, often because the number begins in a way that no "
        "country uses.",
        "Check the number, its country code above all, and send to the corrected one.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1050",
        "Number barred",
        "This number is on a list of numbers that may not be messaged.",
        "Do not try again. Reach the customer in another way.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1060",
        "Partner account barred",
        "Vonage has stopped the account from sending.",
        "Nothing will go out until the account's manager has settled it with Vonage.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1070",
        "Partner quota exceeded",
        "The account has no credit left.",
        "Have the account topped up, then send the message again.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1080",
        "Account not enabled for REST",
        "The account is not set up to send through this kind of connection.",
        "Have the account's manager ask Vonage to enable it.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1090",
        "Message too long",
        "The message is longer than one message of its kind may be.",
        "Shorten it, or split it, and send it again.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1100",
        "Communication Failed",
        "The connection broke on the way, and the message was not submitted.",
        "Wait a few minutes and send it again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1120",
        "Illegal Sender Address - rejected",
        "The customer's country does not allow the sender that was used.",
        "Have the site send from a number or a registered sender that the country accepts.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1130",
        "Invalid TTL",
        "The time for which delivery should be attempted is outside the allowed limits.",
        "Pass this on to the developers: the message's time to live has to change.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1140",
        "Facility not allowed",
        "The message uses something that the account is not allowed to use.",
        "Have the account's manager ask Vonage to enable it.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1150",
        "Invalid Message class",
        "A technical setting of the SMS, its message class, is not one that exists.",
        "Pass this on to the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1160",
        "Non White-listed Destination",
        "The account may message approved numbers only, and this is not one of them.",
        "Have the number added to the approved ones in the Vonage dashboard, then send it again.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1170",
        "Invalid or Missing Msisdn Param",
        "The customer's number is missing, or is not a phone number.",
        "Correct the number and send to the corrected one.",
        ActionOwner.STAFF,
    ),
)
