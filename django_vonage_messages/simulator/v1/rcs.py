"""RCS. (Source: the v1 OpenAPI document; cards and carousels, which are newer:
developer.vonage.com, "How to Send Rich Cards and Carousels".)
"""

import re
from typing import Final

from django_vonage_messages.simulator.v1.kinds import (
    NUMBER,
    ChannelRules,
    Kind,
    media,
    options,
    text,
)
from django_vonage_messages.simulator.v1.rules import (
    a_form,
    an_array,
    an_object,
    anything,
    boolean,
    integer,
    one_of,
    string,
    url,
)
from django_vonage_messages.simulator.v1.suggestions import (
    MOST_OF_A_CARD,
    MOST_OF_A_TEXT,
    suggestions,
)

LONGEST_TEXT: Final = 3072

_SENDER: Final = a_form(
    "must be the name of an agent: letters, digits, -, _ and &.", re.compile("[a-zA-Z0-9_&-]+")
)
_CARD: Final = an_object(
    {"title": string(1, 200), "text": string(1, 2000), "media_url": url()},
    {
        "media_description": string(),
        "media_height": one_of("SHORT", "MEDIUM", "TALL"),
        "thumbnail_url": url(),
        "media_force_refresh": boolean,
        "suggestions": suggestions(MOST_OF_A_CARD),
    },
)
_CAROUSEL: Final = an_object({"cards": an_array(_CARD, 2, 10)})
_OPTIONS: Final = options(
    category=one_of(
        "authentication", "transaction", "promotion", "service-request", "acknowledgement"
    ),
    card_orientation=one_of("VERTICAL", "HORIZONTAL"),
    image_alignment=one_of("LEFT", "RIGHT"),
    card_width=one_of("SMALL", "MEDIUM"),
)
_COMMON: Final = {"ttl": integer(300, 2_592_000), "rcs": _OPTIONS}

RCS_RULES: Final = ChannelRules(
    NUMBER,
    _SENDER,
    {
        "text": Kind(
            {"text": text(LONGEST_TEXT)}, {**_COMMON, "suggestions": suggestions(MOST_OF_A_TEXT)}
        ),
        **{kind: Kind({kind: media()}, _COMMON) for kind in ("image", "video", "file")},
        "card": Kind({"card": _CARD}, _COMMON),
        "carousel": Kind({"carousel": _CAROUSEL}, _COMMON),
        "custom": Kind({"custom": anything}, _COMMON),
    },
    has_webhook_version=False,
)
