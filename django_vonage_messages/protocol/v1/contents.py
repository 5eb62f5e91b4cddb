"""Which channel carries which content on v1, and within which limits.

Source: the v1 OpenAPI document 1.11.0, the schemas ``Outbound…``; cards, carousels and suggestions
are newer, from developer.vonage.com and Vonage's own libraries.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django_vonage_messages.content import (
    Attachments,
    Audio,
    Card,
    Carousel,
    Content,
    Custom,
    File,
    Image,
    Location,
    Reaction,
    Sticker,
    Template,
    Text,
    VCard,
    Video,
)
from django_vonage_messages.protocol.rules import (
    ContentRule,
    CustomRule,
    LocationRule,
    MediaRule,
    TemplateRule,
    TextRule,
)
from django_vonage_messages.protocol.v1.rules import (
    AttachmentsRule,
    CardRule,
    CarouselRule,
    ReactionRule,
    StickerRule,
)

ContentRules = Mapping[type[Content], ContentRule]

CAPTION_LENGTH: Final = 3000
_CAPTIONED: Final = MediaRule(caption=True, caption_length=CAPTION_LENGTH)

CONTENT_RULES: Final[Mapping[str, ContentRules]] = MappingProxyType(
    {
        "sms": {Text: TextRule(1000)},
        "mms": {
            Text: TextRule(),
            **dict.fromkeys((Image, Audio, Video, File, VCard), _CAPTIONED),
            Attachments: AttachmentsRule(_CAPTIONED),
        },
        "whatsapp": {
            Text: TextRule(4096),
            Image: _CAPTIONED,
            Audio: MediaRule(),
            Video: MediaRule(caption=True),
            File: MediaRule(caption=True, name=True),
            Sticker: StickerRule(),
            Reaction: ReactionRule(),
            Template: TemplateRule(locale=True),
            Location: LocationRule(),
            Custom: CustomRule(),
        },
        "viber": {
            Text: TextRule(1000),
            Image: MediaRule(caption=True),
            Video: MediaRule(caption=True, thumb_url=True),
            File: MediaRule(name=True, name_length=25),
        },
        "messenger": {
            Text: TextRule(640),
            **dict.fromkeys((Image, Audio, Video, File), MediaRule()),
        },
        "rcs": {
            Text: TextRule(3072),
            **dict.fromkeys((Image, Video, File), MediaRule()),
            Card: CardRule(),
            Carousel: CarouselRule(),
            Custom: CustomRule(),
        },
    }
)
