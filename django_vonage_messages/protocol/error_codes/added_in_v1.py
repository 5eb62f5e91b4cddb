"""Codes added in API v1, 1251 to 1484: a status of either version may have them."""

from typing import Final

from django_vonage_messages.protocol.error_codes.error_code import ActionOwner, ErrorCode

V1_CODES: Final = (
    ErrorCode(
        "1251",
        "Unable to route traffic to a destination",
        "Vonage has no route to the customer's network.",
        "Ask Vonage support which routes the account has to that country and network.",
        ActionOwner.VONAGE,
    ),
    ErrorCode(
        "1282",
        "Message blocked by provider",
        "WhatsApp, Viber or another provider blocked the message.",
        "Reword it, or use another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1400",
        "Unsupported channel",
        "Vonage does not support the requested channel.",
        "Sending it again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1410",
        "Invalid channel parameters",
        "An option for this channel has a value that Vonage does not accept.",
        "Sending it again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1420",
        "Invalid sender",
        "Our address cannot be used on this channel.",
        "Ask the developers to compare our address with the Vonage dashboard and to correct it "
        "here.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1430",
        "Invalid recipient",
        "The customer's number or ID is not valid on this channel.",
        "Check the number, and send to the corrected number.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1440",
        "Invalid message type",
        "This channel does not accept this kind of content, such as a file on a text-only channel.",
        "Send it in another form, or on another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1450",
        "Invalid client reference",
        "This site's reference for the message is too long for Vonage.",
        "Sending it again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1451",
        "Invalid context",
        "The quoted message is unknown or no longer available.",
        "Send it as a new message, without quoting the earlier one.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1460",
        "Daily message limit exceeded",
        "Our number has reached the carriers' limit of messages for today.",
        "Send it again tomorrow. If this keeps happening, ask for a higher limit (10DLC).",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1461",
        "Auto-limiting of messages by Provider",
        "WhatsApp limits marketing messages to each customer. This customer has recently had many.",
        "Wait a day or more, then send it again, or write something that is not marketing.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1470",
        "Fraud Defender Traffic Rule",
        "The Vonage account is set to block all numbers that begin like this one.",
        "If the customer is real, ask the manager of the Vonage account to change the Fraud "
        "Defender rule.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1472",
        "Fraud Defender SMS Burst Protection",
        "Unusually many texts were sent in a short time, so Vonage holds back further texts.",
        "Check first whether so many texts were intended. Wait an hour or more, then send it "
        "again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1473",
        "AIT Protection",
        "Vonage treated the message as artificial traffic, a way for fraudsters to earn money.",
        "If the customer is real, ask the manager of the Vonage account to allow the number in "
        "Fraud Defender.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1480",
        "Entity Filter",
        "The country requires the entity ID of a registered sender. It was missing or wrong.",
        "Sending it again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1481",
        "Header Filter",
        "The country accepts texts from registered senders only. Ours was missing or wrong.",
        "Ask the developers to register the sender for that country and to correct it here.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1482",
        "Content Filter",
        "The country requires the ID of a registered text. It was missing or wrong.",
        "Sending it again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1483",
        "Consent Filter",
        "The country's register shows no consent of this customer for such messages.",
        "Do not write again until the customer has agreed.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1484",
        "Regulation Error",
        "A rule of the country stopped the message. Vonage does not name the rule.",
        "Ask Vonage support, and give them the message's UUID.",
        ActionOwner.VONAGE,
    ),
)
