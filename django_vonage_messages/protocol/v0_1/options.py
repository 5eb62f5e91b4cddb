"""What the options of a channel may say on v0.1.

Source: the v0.1 OpenAPI document, schemas ``viber_service_msg`` and ``messenger``.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from django_vonage_messages.options import MessengerOptions
from django_vonage_messages.protocol.channels import Channel
from django_vonage_messages.protocol.option_rules import Choice, OptionRules, WholeNumber, Word

SHORTEST_TTL: Final = 30
LONGEST_TTL: Final = 259_200
"""Seconds: three days."""
VIBER_CATEGORIES: Final = ("transaction", "promotion")
MESSENGER_CATEGORIES: Final = ("response", "update", "message_tag")

VIBER: Final[OptionRules] = MappingProxyType(
    {
        "category": Choice(VIBER_CATEGORIES),
        "ttl": WholeNumber(SHORTEST_TTL, LONGEST_TTL, "seconds"),
        "type": Word("Viber's word, such as template"),
    }
)
MESSENGER: Final[OptionRules] = MappingProxyType(
    {
        "category": Choice(MESSENGER_CATEGORIES),
        "tag": Word("Messenger's word, such as CONFIRMED_EVENT_UPDATE"),
    }
)
OPTION_RULES: Final[Mapping[str, OptionRules]] = MappingProxyType(
    {"viber": VIBER, "messenger": MESSENGER}
)


def problems_together(_channel: Channel, _content: Any, options: Any) -> Iterator[str]:
    """Yield what is wrong with options that are right one by one, a sentence each."""
    if isinstance(options, MessengerOptions):
        yield from tag_problems(options)


def tag_problems(options: MessengerOptions) -> Iterator[str]:
    """Yield why Messenger's category and tag do not go together."""
    if options.category == "message_tag" and options.tag is None:
        yield "The category message_tag needs a tag, such as CONFIRMED_EVENT_UPDATE."
    elif options.category != "message_tag" and options.tag is not None:
        yield "A tag goes with the category message_tag: set that category, or leave the tag out."
