"""Codes 1180 to 1382: the message did not get through, or not as it was meant to."""

from typing import Final

from django_vonage_messages.protocol.error_codes.error_code import ActionOwner, ErrorCode

DELIVERY_CODES: Final = (
    ErrorCode(
        "1180",
        "Absent Subscriber Temporary",
        "The phone could not be reached: switched off, perhaps, or out of coverage.",
        "Send it again later.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1190",
        "Absent Subscriber Permanent",
        "The number is no longer in use.",
        "Remove the number, and ask the customer for a new one in another way.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1200",
        "Portability Error",
        "The customer changed carrier, and something went wrong with moving the number.",
        "Only the customer can have it put right, by asking the new carrier.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1210",
        "Anti-Spam Rejection",
        "The carrier took the message for spam, because of its words, its links or its sender.",
        "Reword it, leave out links, and send it again. If that fails too, change the sender.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1220",
        "Handset Busy",
        "The phone was busy and could not take the message.",
        "If the message was rejected, send it again later. If it is still submitted, do nothing: "
        "the carrier keeps trying for a day or two.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1230",
        "Network Error",
        "A network failed while the message was on its way.",
        "Wait a while and send it again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1240",
        "Illegal Number",
        "The customer has opted out of your messages by answering STOP.",
        "Do not write again unless the customer opts back in, usually by sending START.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1241",
        "Too many send requests",
        "Phone numbers were sent too many messages in a short time.",
        "Wait a good while, a day rather than an hour, before you send it again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1250",
        "Unroutable",
        "Vonage has no way to this number from this sender: its network is not supported, or it "
        "takes no messages from this sender.",
        "Try another sender or channel, or have the account's manager ask Vonage support.",
        ActionOwner.VONAGE,
    ),
    ErrorCode(
        "1260",
        "Destination unreachable",
        "The message could not be delivered to this number. On Viber, the account may not be "
        "enabled for the customer's country.",
        "Check the number, or reach the customer on another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1270",
        "Subscriber Age Restriction",
        "The carrier found the message unsuitable for the customer's age setting.",
        "Reword the message, or reach the customer in another way.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1280",
        "Number Blocked by Carrier",
        "The customer's carrier blocked the message: the plan may have no SMS, or the line may be "
        "suspended.",
        "Only the customer can sort it out with the carrier. Meanwhile use another channel.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1290",
        "Pre-Paid - Insufficient funds",
        "The customer's prepaid phone has too little credit to receive the message.",
        "The customer has to top up first. Meanwhile use another channel.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1300",
        "Not part of the provider network",
        "The customer does not use this channel, or not with this number or id.",
        "Reach the customer on another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1310",
        "Not suitable device",
        "The customer's device cannot show this kind of message.",
        "Send it as plain text, or on another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1320",
        "Message already sent",
        "This very message had been sent before.",
        "Do not send it again: the customer would get it twice.",
        ActionOwner.NOTHING,
    ),
    ErrorCode(
        "1330",
        "Unknown",
        "The carrier failed and did not say why. It may not know the number.",
        "Check the number. If it is right, try once more later or on another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1331",
        "Provider error",
        "The provider of the channel does not respond or cannot process the message now.",
        "Wait a few minutes and send it again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1340",
        "Outside of the allowed window",
        "Too much time has passed since the customer last wrote to answer freely on this channel.",
        "Use an approved template or a message tag, use SMS, or wait until the customer writes.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1350",
        "Phone matching fee not paid",
        "Facebook charges for finding people by phone number, and the page has not paid for that.",
        "Have the manager of the Facebook page pay the fee.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1360",
        "TTL was activated",
        "The message was not delivered within its time to live and was given up. It costs nothing.",
        "If it still matters, send it again as a new message.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1370",
        "Expired access Token",
        "Vonage's permission to write for the Facebook page has run out.",
        "Have the page connected to Vonage again, then send the message again.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1380",
        "Invalid resource",
        "Vonage could not fetch the file: its address is wrong or not open to everybody.",
        "Check that the link opens without signing in. If you did not choose it, tell the "
        "developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1381",
        "Resource size is too large",
        "The file is larger than the channel allows.",
        "Send a smaller one.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1382",
        "Resource type is invalid",
        "The channel does not take this kind of file, or the file is damaged.",
        "Check that the file opens, or send it in another format.",
        ActionOwner.STAFF,
    ),
)
