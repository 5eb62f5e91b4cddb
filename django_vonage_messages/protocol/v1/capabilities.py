"""Content, options and limits of each channel on v1.

Sources: the v1 OpenAPI document 1.11.0; developer.vonage.com; Vonage's own libraries.
"""

# The OpenAPI document has the schemas ``Outbound…`` and ``channelOptions…``. It does not have
# cards, carousels, suggestions and the options ``trusted_recipient`` and ``pool_id``.

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from django_vonage_messages.content import (
    Attachments,
    Audio,
    Card,
    Carousel,
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
from django_vonage_messages.options import MessengerOptions, RcsOptions, ViberOptions
from django_vonage_messages.protocol.channels import VIBER, Channel
from django_vonage_messages.protocol.content_rules import (
    AttachmentsRule,
    ContentRules,
    CustomRule,
    LocationRule,
    MediaRule,
    ReactionRule,
    StickerRule,
    TemplateRule,
    TextRule,
)
from django_vonage_messages.protocol.option_rules import (
    ActionRule,
    BooleanRule,
    ChoiceRule,
    ExtraRule,
    IntegerRule,
    OptionRules,
    StringRule,
    UrlRule,
)
from django_vonage_messages.protocol.v0_1.capabilities import (
    MESSENGER_OPTIONS,
    VIBER_OPTIONS,
    tag_problems,
)
from django_vonage_messages.protocol.v1.rcs_rules import CardRule, CarouselRule, SuggestionsRule

CAPTION_LENGTH: Final = 3000
_CAPTIONED: Final = MediaRule(caption=True, caption_length=CAPTION_LENGTH)
SMS_LENGTH: Final = 3200
"""Source: Vonage's Python package ``vonage-messages`` 1.8.1 (October 2026). The OpenAPI document
1.11.0 has 1000."""
_MAX_SMS_TTL: Final = 2**31 - 1
"""Our own limit, the largest signed 32-bit integer: the document gives no maximum."""
RCS_CATEGORIES: Final = (
    "authentication",
    "transaction",
    "promotion",
    "service-request",
    "acknowledgement",
)

CONTENT_RULES: Final[Mapping[str, ContentRules]] = MappingProxyType(
    {
        "sms": {Text: TextRule(SMS_LENGTH)},
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

_COMMON_OPTIONS: Final[OptionRules] = {
    "webhook_url": UrlRule(),
    "trusted_recipient": BooleanRule(),
    "extra": ExtraRule(),
}
_VERSIONED_OPTIONS: Final[OptionRules] = {
    **_COMMON_OPTIONS,
    "webhook_version": ChoiceRule(("v0.1", "v1")),
}

OPTION_RULES: Final[Mapping[str, OptionRules]] = MappingProxyType(
    {
        "sms": {
            "ttl": IntegerRule(1, _MAX_SMS_TTL, "seconds"),
            "encoding_type": ChoiceRule(("text", "unicode", "auto")),
            "content_id": StringRule(),
            "entity_id": StringRule(),
            "pool_id": StringRule(),
            **_VERSIONED_OPTIONS,
        },
        "mms": {"ttl": IntegerRule(300, 259_200, "seconds"), **_VERSIONED_OPTIONS},
        "whatsapp": {"context": StringRule("a message_uuid"), **_VERSIONED_OPTIONS},
        "viber": {
            **VIBER_OPTIONS,
            "action": ActionRule(30),
            "duration": IntegerRule(1, 600, "seconds"),
            "file_size": IntegerRule(1, 200, "megabytes"),
            **_VERSIONED_OPTIONS,
        },
        "messenger": {**MESSENGER_OPTIONS, **_VERSIONED_OPTIONS},
        "rcs": {
            "ttl": IntegerRule(300, 2_592_000, "seconds"),
            "category": ChoiceRule(RCS_CATEGORIES),
            "suggestions": SuggestionsRule(11),
            "card_orientation": ChoiceRule(("VERTICAL", "HORIZONTAL")),
            "image_alignment": ChoiceRule(("LEFT", "RIGHT")),
            "card_width": ChoiceRule(("SMALL", "MEDIUM")),
            **_COMMON_OPTIONS,
        },
    }
)


def combination_problems(channel: Channel, content: Any, options: Any) -> Iterator[str]:
    """Yield the reasons why the content and the options cannot be sent together."""
    if isinstance(content, Reaction) and (options is None or options.context is None):
        yield "A Reaction requires WhatsAppOptions(context=…): the UUID of the customer's message."
    if channel is VIBER and isinstance(content, Video) and not _has_video_details(options):
        yield "A Video on Viber requires ViberOptions(duration=…, file_size=…)."
    if isinstance(options, MessengerOptions):
        yield from tag_problems(options)
    elif isinstance(options, RcsOptions):
        yield from _rcs_problems(content, options)
    elif isinstance(options, ViberOptions):
        yield from _viber_problems(content, options)


def _has_video_details(options: ViberOptions | None) -> bool:
    return options is not None and None not in (options.duration, options.file_size)


def _viber_problems(content: Any, options: ViberOptions) -> Iterator[str]:
    has_details = options.duration is not None or options.file_size is not None
    if has_details and not isinstance(content, Video):
        yield "Only a Video allows duration and file_size. Leave them out."
    if options.action is None:
        return
    if not isinstance(content, Text | Image):
        yield "Only a Text or an Image allows an action. Leave it out."
    elif isinstance(content, Image) and not content.caption:
        yield "An Image with an action requires a caption."


def _rcs_problems(content: Any, options: RcsOptions) -> Iterator[str]:
    if options.suggestions and not isinstance(content, Text):
        yield "Only a Text allows RcsOptions(suggestions=…). For a Card, use Card(suggestions=…)."
    if (options.card_orientation or options.image_alignment) and not isinstance(content, Card):
        yield "Only a Card allows card_orientation and image_alignment. Leave them out."
    if options.image_alignment and options.card_orientation != "HORIZONTAL":
        yield "An image_alignment requires card_orientation='HORIZONTAL'."
    if options.card_width and not isinstance(content, Carousel):
        yield "Only a Carousel allows card_width. Leave it out."
