"""Error codes that Vonage added in Messages API v1."""

from typing import Final

from django_vonage_messages.protocol.error_codes.error_code import ActionOwner, ErrorCode

# Status webhooks of v0.1 can contain these codes too.
V1_CODES: Final = (
    ErrorCode(
        "1251",
        "Unable to route traffic to a destination",
        "Vonage has no route to the customer's network.",
        "Ask Vonage support which routes the account has to the customer's country and network.",
        ActionOwner.VONAGE,
    ),
    ErrorCode(
        "1282",
        "Message blocked by provider",
        "WhatsApp, Viber or another provider blocked the message.",
        "Reword the message, or use another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1400",
        "Unsupported channel",
        "Vonage does not support the requested channel.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1410",
        "Invalid channel parameters",
        "An option for this channel has a value that Vonage does not accept.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1420",
        "Invalid sender",
        "Our number or name cannot be used on this channel.",
        "Ask the developers to compare our number or name with the Vonage dashboard, and to "
        "correct this site's settings.",
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
        "This channel does not accept this kind of content. For example, SMS accepts no files.",
        "Send another kind of content, or use another channel.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1450",
        "Invalid client reference",
        "This site's reference for the message is too long for Vonage.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1451",
        "Invalid context",
        "The quoted message is unknown or no longer available.",
        "Send the text as a new message, without a quoted message.",
        ActionOwner.STAFF,
    ),
    ErrorCode(
        "1460",
        "Daily message limit exceeded",
        "Our number has sent as many messages as the carriers allow in a day.",
        "Send the message again tomorrow. If this keeps happening, tell the manager of the Vonage "
        "account that the number needs a higher limit (10DLC).",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1461",
        "Auto-limiting of messages by Provider",
        "WhatsApp limits marketing messages to each customer. This customer recently got many such "
        "messages.",
        "Wait a day or more, then send the message again. For a message that is not marketing, you "
        "need not wait.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1470",
        "Fraud Defender Traffic Rule",
        "A rule in the Vonage account blocks all numbers that begin with the same digits as this "
        "number.",
        "If you know that the customer is genuine, ask the manager of the Vonage account to change "
        "the Fraud Defender rule.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1472",
        "Fraud Defender SMS Burst Protection",
        "Unusually many texts were sent in a short time. Vonage blocks further texts for now.",
        "First make sure that this site does not send texts by mistake. Then wait an hour or more, "
        "and send the message again.",
        ActionOwner.WAIT,
    ),
    ErrorCode(
        "1473",
        "AIT Protection",
        "Vonage suspects artificial traffic. Fraudsters create such traffic to earn money.",
        "If you know that the customer is genuine, ask the manager of the Vonage account to allow "
        "the number in Fraud Defender.",
        ActionOwner.ACCOUNT_OWNER,
    ),
    ErrorCode(
        "1480",
        "Entity Filter",
        "The country allows only registered senders. The sender's entity ID was missing or wrong.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1481",
        "Header Filter",
        "The country accepts texts from registered senders only. Our sender is not registered "
        "there.",
        "Ask the developers to register the sender for that country, and to correct this site's "
        "settings.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1482",
        "Content Filter",
        "The country allows only registered texts. The text's content ID was missing or wrong.",
        "Sending the message again will not help. Tell the developers.",
        ActionOwner.DEVELOPER,
    ),
    ErrorCode(
        "1483",
        "Consent Filter",
        "The country's register shows that the customer has not agreed to messages of this kind.",
        "Do not write again until the customer has agreed.",
        ActionOwner.CUSTOMER,
    ),
    ErrorCode(
        "1484",
        "Regulation Error",
        "A law or rule of the country stopped the message. Vonage does not name the rule.",
        "Ask Vonage support, and give the UUID of the message.",
        ActionOwner.VONAGE,
    ),
)
