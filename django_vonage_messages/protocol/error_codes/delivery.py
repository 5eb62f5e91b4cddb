"""Error codes 1180 to 1382: errors in the delivery of a message."""

from typing import Final

from django_vonage_messages.protocol.error_codes.error_code import ActionOwner, ErrorCode

DELIVERY_CODES: Final = (
    ErrorCode(
        "1180",
        "Absent Subscriber Temporary",
        "The phone could not be reached. Perhaps it is switched off or out of coverage.",
        "Send the message again later.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1190",
        "Absent Subscriber Permanent",
        "The number is no longer in use.",
        "Stop using this number. Ask the customer in another way for the new number.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1200",
        "Portability Error",
        "The customer changed carrier, and the number was not transferred correctly.",
        "Only the customer can resolve this. The customer must ask the new carrier.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1210",
        "Anti-Spam Rejection",
        "The carrier treated the message as spam. The cause is the text, a link or the sender.",
        "Reword the message, remove links, and send it again. If the new message fails too, change "
        "the sender.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1220",
        "Handset Busy",
        "The phone was busy and could not receive the message.",
        "If the status of the message is “Sent to carrier”, do nothing: the carrier keeps trying "
        "for a day or two. Otherwise, send the message again later.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1230",
        "Network Error",
        "A network failed while the message was on its way.",
        "Wait a while, then send the message again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1240",
        "Illegal Number",
        "The customer has opted out of our messages by sending STOP.",
        "Do not write again unless the customer opts back in, usually by sending START.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1241",
        "Too many send requests",
        "Too many messages were sent in a short time.",
        "Wait about a day, then send the message again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1250",
        "Unroutable",
        "Vonage has no route from this sender to this number. Possible causes: Vonage does not "
        "support the network, or the number accepts no messages from this sender.",
        "Try another sender or channel, or ask the manager of the Vonage account to contact Vonage "
        "support.",
        ActionOwner.VONAGE,
    ),
    ErrorCode(
        "1260",
        "Destination unreachable",
        "The message could not be delivered to this number. On Viber, a possible cause is that the "
        "account is not enabled for the customer's country.",
        "Check the number, or use another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1270",
        "Subscriber Age Restriction",
        "The carrier's age settings for this customer do not allow the message.",
        "Reword the message, or contact the customer in another way.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1280",
        "Number Blocked by Carrier",
        "The customer's carrier blocked the message. Perhaps the customer's phone contract does "
        "not include SMS, or the number is suspended.",
        "Only the customer can resolve this with the carrier. Meanwhile, use another channel.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1290",
        "Pre-Paid - Insufficient funds",
        "The customer's prepaid phone has too little credit to receive the message.",
        "The customer must add credit first. Meanwhile, use another channel.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1300",
        "Not part of the provider network",
        "The customer does not use this channel, or uses it with another number or ID.",
        "Use another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1310",
        "Not suitable device",
        "The customer's device cannot show this kind of message.",
        "Send plain text, or use another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1320",
        "Message already sent",
        "The same message was already sent.",
        "Do not send the message again: the customer would get it twice.",
        ActionOwner.NOTHING,
    ),
    ErrorCode(
        "1330",
        "Unknown",
        "The carrier gave no reason for the failure. Perhaps the carrier does not know the number.",
        "Check the number. If it is correct, send the message once more later, or use another "
        "channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1331",
        "Provider error",
        "The provider of this channel does not respond, or cannot process the message now.",
        "Wait a few minutes, then send the message again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1340",
        "Outside of the allowed window",
        "The customer's last message is too old for an ordinary reply on this channel.",
        "Use an approved WhatsApp template, a Messenger tag or SMS. Or wait until the customer "
        "writes.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1350",
        "Phone matching fee not paid",
        "Facebook charges a fee for finding people by phone number. This fee is not paid for our "
        "page.",
        "Ask the manager of the Vonage account to arrange payment of the fee.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1360",
        "TTL was activated",
        "The time limit for delivery passed. The message was dropped and costs nothing.",
        "If the message still matters, send it again.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1370",
        "Expired access Token",
        "Vonage's permission to send messages for the Facebook page has expired.",
        "Ask the manager of the Vonage account to connect the page to Vonage again. Then send the "
        "message again.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1380",
        "Invalid resource",
        "Vonage could not fetch the file. The link is wrong or not public.",
        "Check that the link opens without signing in. If you did not choose the file, tell the "
        "developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1381",
        "Resource size is too large",
        "The file is larger than the channel allows.",
        "Send a smaller file.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1382",
        "Resource type is invalid",
        "The channel does not accept this kind of file, or the file is damaged.",
        "Check whether you can open the file. If you can, send it in another format.",
        ActionOwner.STAFF,
    ),
)
