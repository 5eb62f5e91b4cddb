"""SMS and MMS. (Source: the v1 OpenAPI document; ``pool_id`` and ``trusted_recipient``, which are
newer: the Java and .NET SDKs, of which one has them in ``sms`` and one beside it.)
"""

from typing import Final

from django_vonage_messages.simulator.v1.kinds import (
    LONGEST_CAPTION,
    NUMBER,
    NUMBER_OR_SHORT_CODE,
    SMS_SENDER,
    ChannelRules,
    Kind,
    media,
    options,
    text,
)
from django_vonage_messages.simulator.v1.rules import (
    an_array,
    an_object,
    boolean,
    integer,
    one_of,
    string,
    url,
)

LONGEST_SMS: Final = 1000
_FILES: Final = ("image", "vcard", "audio", "video", "file")

_SMS_OPTIONS: Final = options(
    encoding_type=one_of("text", "unicode", "auto"),
    content_id=string(),
    entity_id=string(),
    pool_id=string(),
    trusted_recipient=boolean,
)
SMS_RULES: Final = ChannelRules(
    NUMBER,
    SMS_SENDER,
    {
        "text": Kind(
            {"text": text(LONGEST_SMS)},
            {"ttl": integer(1), "pool_id": string(), "sms": _SMS_OPTIONS},
        )
    },
)

_CAPTION: Final = string(1, LONGEST_CAPTION)
_ATTACHMENT: Final = an_object({"type": one_of(*_FILES), "url": url()}, {"caption": _CAPTION})
_MMS_COMMON: Final = {"ttl": integer(300, 259_200), "mms": options()}
MMS_RULES: Final = ChannelRules(
    NUMBER,
    NUMBER_OR_SHORT_CODE,
    {
        "text": Kind({"text": string(1)}, _MMS_COMMON),
        **{kind: Kind({kind: media(caption=_CAPTION)}, _MMS_COMMON) for kind in _FILES},
        "content": Kind({"content": an_array(_ATTACHMENT, 1)}, _MMS_COMMON),
    },
)
