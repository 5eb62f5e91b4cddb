"""What the options of a channel may say on v1.

Source: the v1 OpenAPI document 1.11.0, the schemas ``channelOptions…``; ``trusted_recipient``,
``pool_id`` and what belongs to cards are newer, from Vonage's own libraries.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from django_vonage_messages.content import Card, Carousel, Image, Reaction, Text, Video
from django_vonage_messages.options import MessengerOptions, RcsOptions, ViberOptions
from django_vonage_messages.protocol.channels import VIBER as VIBER_CHANNEL
from django_vonage_messages.protocol.channels import Channel
from django_vonage_messages.protocol.option_rules import (
    Action,
    Choice,
    Extra,
    Flag,
    OptionRules,
    Url,
    WholeNumber,
    Word,
)
from django_vonage_messages.protocol.v0_1.options import MESSENGER, VIBER, tag_problems
from django_vonage_messages.protocol.v1.suggestions import SuggestionsRule

_LONGEST_SMS_TTL: Final = 2**31 - 1
"""The document gives no maximum; this is what a number of seconds is in most systems."""
RCS_CATEGORIES: Final = (
    "authentication",
    "transaction",
    "promotion",
    "service-request",
    "acknowledgement",
)
_EVERYWHERE: Final[OptionRules] = {
    "webhook_url": Url(),
    "trusted_recipient": Flag(),
    "extra": Extra(),
}
_VERSIONED: Final[OptionRules] = {**_EVERYWHERE, "webhook_version": Choice(("v0.1", "v1"))}

OPTION_RULES: Final[Mapping[str, OptionRules]] = MappingProxyType(
    {
        "sms": {
            "ttl": WholeNumber(1, _LONGEST_SMS_TTL, "seconds"),
            "encoding_type": Choice(("text", "unicode", "auto")),
            "content_id": Word(),
            "entity_id": Word(),
            "pool_id": Word(),
            **_VERSIONED,
        },
        "mms": {"ttl": WholeNumber(300, 259_200, "seconds"), **_VERSIONED},
        "whatsapp": {"context": Word("a message_uuid"), **_VERSIONED},
        "viber": {
            **VIBER,
            "action": Action(30),
            "duration": WholeNumber(1, 600, "seconds"),
            "file_size": WholeNumber(1, 200, "megabytes"),
            **_VERSIONED,
        },
        "messenger": {**MESSENGER, **_VERSIONED},
        "rcs": {
            "ttl": WholeNumber(300, 2_592_000, "seconds"),
            "category": Choice(RCS_CATEGORIES),
            "suggestions": SuggestionsRule(11),
            "card_orientation": Choice(("VERTICAL", "HORIZONTAL")),
            "image_alignment": Choice(("LEFT", "RIGHT")),
            "card_width": Choice(("SMALL", "MEDIUM")),
            **_EVERYWHERE,
        },
    }
)


def problems_together(channel: Channel, content: Any, options: Any) -> Iterator[str]:
    """Yield what is wrong with a content and its options, each right by itself, a sentence each.

    ``options`` may be None.
    """
    if isinstance(content, Reaction) and (options is None or options.context is None):
        yield "A reaction needs WhatsAppOptions(context=…): the message_uuid that it is put on."
    if channel is VIBER_CHANNEL and isinstance(content, Video) and not _tells_of_film(options):
        yield "A Video on Viber needs ViberOptions(duration=…, file_size=…)."
    if isinstance(options, MessengerOptions):
        yield from tag_problems(options)
    elif isinstance(options, RcsOptions):
        yield from _rcs_problems(content, options)
    elif isinstance(options, ViberOptions):
        yield from _viber_problems(content, options)


def _tells_of_film(options: ViberOptions | None) -> bool:
    return options is not None and None not in (options.duration, options.file_size)


def _viber_problems(content: Any, options: ViberOptions) -> Iterator[str]:
    of_video = options.duration is not None or options.file_size is not None
    if of_video and not isinstance(content, Video):
        yield "A duration and a file_size belong to a Video: leave them out."
    if options.action is None:
        return
    if not isinstance(content, Text | Image):
        yield "An action goes under a Text or an Image: leave it out."
    elif isinstance(content, Image) and not content.caption:
        yield "An Image with an action needs a caption."


def _rcs_problems(content: Any, options: RcsOptions) -> Iterator[str]:
    if options.suggestions and not isinstance(content, Text):
        yield "The suggestions of RcsOptions go under a Text; a Card has its own."
    if (options.card_orientation or options.image_alignment) and not isinstance(content, Card):
        yield "A card_orientation and an image_alignment belong to a Card: leave them out."
    if options.image_alignment and options.card_orientation != "HORIZONTAL":
        yield "An image_alignment belongs to a card_orientation of HORIZONTAL."
    if options.card_width and not isinstance(content, Carousel):
        yield "A card_width belongs to a Carousel: leave it out."
