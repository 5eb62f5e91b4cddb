"""What the options of a channel may say on v0.1.

Source: the v0.1 OpenAPI document, schemas ``viber_service_msg`` and ``messenger``.
"""

from collections.abc import Iterator
from typing import Any, Final

from django_vonage_messages.options import MessengerOptions, ViberOptions

SHORTEST_TTL: Final = 30
LONGEST_TTL: Final = 259_200
"""Seconds: three days."""
VIBER_CATEGORIES: Final = ("transaction", "promotion")
MESSENGER_CATEGORIES: Final = ("response", "update", "message_tag")


def option_problems(options: ViberOptions | MessengerOptions) -> Iterator[str]:
    """Yield what is wrong with a channel's options, a sentence each."""
    if isinstance(options, ViberOptions):
        yield from _viber_problems(options)
    else:
        yield from _messenger_problems(options)


def _viber_problems(options: ViberOptions) -> Iterator[str]:
    yield from _category_problems(options.category, VIBER_CATEGORIES)
    ttl: Any = options.ttl
    if ttl is not None and (
        not isinstance(ttl, int) or isinstance(ttl, bool) or not SHORTEST_TTL <= ttl <= LONGEST_TTL
    ):
        yield f"The ttl must be a whole number of seconds from {SHORTEST_TTL} to {LONGEST_TTL}."
    yield from _word_problems("type", options.type)


def _messenger_problems(options: MessengerOptions) -> Iterator[str]:
    yield from _category_problems(options.category, MESSENGER_CATEGORIES)
    yield from _word_problems("tag", options.tag)
    if options.category == "message_tag" and options.tag is None:
        yield "The category message_tag needs a tag, such as CONFIRMED_EVENT_UPDATE."
    elif options.category != "message_tag" and options.tag is not None:
        yield "A tag goes with the category message_tag: set that category, or leave the tag out."


def _category_problems(category: object, known: tuple[str, ...]) -> Iterator[str]:
    if category is not None and category not in known:
        yield f"The category must be one of {', '.join(known)}."


def _word_problems(name: str, value: object) -> Iterator[str]:
    if value is not None and (not isinstance(value, str) or not value.strip()):
        yield f"The {name} must be a str that is not empty."
