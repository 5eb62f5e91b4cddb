"""Content, options and limits of each channel on v0.1.

Sources: the v0.1 OpenAPI document; developer.vonage.com, "Custom Objects".
"""

# The OpenAPI document has the schemas ``message``, ``viber_service_msg`` and ``messenger``. A
# WhatsApp location is sent as a custom object.

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from django_vonage_messages.content import (
    Audio,
    Custom,
    File,
    Image,
    Location,
    Template,
    Text,
    Video,
)
from django_vonage_messages.options import MessengerOptions
from django_vonage_messages.protocol.channels import Channel
from django_vonage_messages.protocol.content_rules import (
    ContentRules,
    CustomRule,
    LocationRule,
    MediaRule,
    TemplateRule,
    TextRule,
)
from django_vonage_messages.protocol.option_rules import (
    ChoiceRule,
    ExtraRule,
    IntegerRule,
    OptionRules,
    StringRule,
)

MIN_TTL: Final = 30
MAX_TTL: Final = 259_200
"""Three days, in seconds."""
VIBER_CATEGORIES: Final = ("transaction", "promotion")
MESSENGER_CATEGORIES: Final = ("response", "update", "message_tag")

CONTENT_RULES: Final[Mapping[str, ContentRules]] = MappingProxyType(
    {
        "sms": {Text: TextRule(1000)},
        "mms": {Image: MediaRule()},
        "whatsapp": {
            Text: TextRule(4096),
            Image: MediaRule(caption=True),
            Audio: MediaRule(),
            Video: MediaRule(),
            File: MediaRule(caption=True),
            Template: TemplateRule(locale=True),
            Location: LocationRule(),
            Custom: CustomRule(),
        },
        "viber": {
            Text: TextRule(1000),
            Image: MediaRule(),
            Template: TemplateRule(locale=False),
            Custom: CustomRule(),
        },
        "messenger": {
            Text: TextRule(),
            Image: MediaRule(),
            Audio: MediaRule(),
            Video: MediaRule(),
            File: MediaRule(),
            Custom: CustomRule(),
        },
    }
)

VIBER_OPTIONS: Final[OptionRules] = MappingProxyType(
    {
        "category": ChoiceRule(VIBER_CATEGORIES),
        "ttl": IntegerRule(MIN_TTL, MAX_TTL, "seconds"),
        "type": StringRule("a Viber type, such as template"),
    }
)
MESSENGER_OPTIONS: Final[OptionRules] = MappingProxyType(
    {
        "category": ChoiceRule(MESSENGER_CATEGORIES),
        "tag": StringRule("a Messenger tag, such as CONFIRMED_EVENT_UPDATE"),
    }
)
_EXTRA: Final[OptionRules] = {"extra": ExtraRule()}
OPTION_RULES: Final[Mapping[str, OptionRules]] = MappingProxyType(
    {
        **dict.fromkeys(("sms", "mms", "whatsapp"), _EXTRA),
        "viber": {**_EXTRA, **VIBER_OPTIONS},
        "messenger": {**_EXTRA, **MESSENGER_OPTIONS},
    }
)


def combination_problems(_channel: Channel, _content: Any, options: Any) -> Iterator[str]:
    """Yield the reasons why the options cannot be sent together."""
    if isinstance(options, MessengerOptions):
        yield from tag_problems(options)


def tag_problems(options: MessengerOptions) -> Iterator[str]:
    """Yield the problem if the category requires a ``tag`` that is missing."""
    # Both OpenAPI documents have an example with a tag and the category ``response``.
    if options.category == "message_tag" and options.tag is None:
        yield "The category message_tag requires a tag, such as CONFIRMED_EVENT_UPDATE."
