"""What the answer to a send says of the message: the end of an HTTP error's ``type``.

Codes and titles are those of the examples in v1's OpenAPI document. 1010 is what Vonage's PHP and
Java SDKs expect of a 429; ``InvalidParams`` is v0.1's.
"""

from dataclasses import replace
from typing import Final

from django_vonage_messages.protocol.error_codes.model import ErrorCode, Move

_THROTTLED: Final = ErrorCode(
    "1000",
    "Rate Limit Hit",
    "This site sent messages faster than Vonage takes them from it.",
    "Wait a minute and send it again. If this keeps happening, ask Vonage for a higher limit.",
    temporary=True,
    whose_move=Move.WAIT,
)
_PARAMETERS: Final = ErrorCode(
    "1150",
    "Invalid params",
    "Part of the message is missing, too long, or of a kind that Vonage does not take.",
    "If it is the number or the text, correct that. If not, pass this on to the developers.",
    temporary=False,
    whose_move=Move.DEVELOPER,
)

MESSAGE_ERRORS: Final = (
    _THROTTLED,
    replace(_THROTTLED, code="1010"),
    ErrorCode(
        "1060",
        "Invalid client reference",
        "The reference under which this site keeps the message is longer than Vonage allows.",
        "Sending it again will not help. Pass this message on to the developers.",
        temporary=False,
        whose_move=Move.DEVELOPER,
    ),
    ErrorCode(
        "1100",
        "Unsupported channel",
        "Vonage does not carry messages on the channel that was chosen.",
        "Write on another channel, and pass this on to the developers.",
        temporary=False,
        whose_move=Move.DEVELOPER,
    ),
    ErrorCode(
        "1110",
        "Invalid channel parameters",
        "Something that was set for this channel alone has a value that Vonage does not take.",
        "Sending it again will not help. Pass this message on to the developers.",
        temporary=False,
        whose_move=Move.DEVELOPER,
    ),
    ErrorCode(
        "1120",
        "Invalid sender",
        "The account may not send from this address on this channel.",
        "Have our address for the channel looked up in the Vonage dashboard and corrected here.",
        temporary=False,
        whose_move=Move.DEVELOPER,
    ),
    # So in the document, though its neighbours suggest 1130.
    ErrorCode(
        "110",
        "Invalid recipient",
        "The number or ID that was written to is not one that this channel reaches.",
        "Check the number, its country code above all, and write to the corrected one.",
        temporary=False,
        whose_move=Move.STAFF,
    ),
    ErrorCode(
        "1140",
        "Invalid message type",
        "The channel does not carry this kind of content, such as a file where only words go.",
        "Send it in another form, or on another channel.",
        temporary=False,
        whose_move=Move.STAFF,
    ),
    _PARAMETERS,
    replace(_PARAMETERS, code="InvalidParams", title="Invalid Parameters"),
    ErrorCode(
        "invalid-json",
        "The request body did not contain valid JSON",
        "What this site sent could not be read, which is a fault in its software.",
        "Sending it again will not help. Pass this message on to the developers.",
        temporary=False,
        whose_move=Move.DEVELOPER,
    ),
)
