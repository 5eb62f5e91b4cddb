"""Which channel carries which content and options on v0.1, and within which limits.

Source: the v0.1 OpenAPI document, schema ``message``; ``custom`` is documented beside it
(developer.vonage.com, "Custom Objects"), and on WhatsApp it is how a location travels.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django_vonage_messages.content import (
    Audio,
    Content,
    Custom,
    File,
    Image,
    Location,
    Template,
    Text,
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

ContentRules = Mapping[type[Content], ContentRule]

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
