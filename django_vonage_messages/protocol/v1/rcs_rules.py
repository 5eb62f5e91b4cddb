"""Rules for RCS cards, carousels and suggestions.

Sources: developer.vonage.com, "RCS Suggestion Chips"; Vonage's own libraries.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django_vonage_messages.content import Card
from django_vonage_messages.content.base import non_empty_fields
from django_vonage_messages.content.suggestions import SUGGESTION_CLASSES
from django_vonage_messages.protocol.extra import extra_problems
from django_vonage_messages.protocol.value_checks import (
    DEGREES,
    is_degrees,
    is_one_of,
    url_problems,
)

MEDIA_HEIGHTS: Final = ("", "SHORT", "MEDIUM", "TALL")
TITLE_LENGTH: Final = 200
DESCRIPTION_LENGTH: Final = 2000
MIN_CARDS, MAX_CARDS = 2, 10
CARD_SUGGESTIONS: Final = 4
CHIP_LENGTH: Final = 25
VIEW_MODES: Final = ("", "FULL", "TALL", "HALF")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")
_INTERNATIONAL: Final = re.compile(r"\+[1-9][0-9]{2,14}")
_URLS: Final = frozenset({"url", "fallback_url"})
_OPTIONAL: Final = frozenset({"pin_label", "fallback_url", "description", "view_mode"})


@dataclass(frozen=True)
class SuggestionsRule:
    """Rule for a list of suggestions."""

    maximum: int

    def __str__(self) -> str:
        return f"up to {self.maximum} suggestions"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if not isinstance(value, tuple) or len(value) > self.maximum:
            yield f"The {name} must be a list of at most {self.maximum} suggestions."
            return
        for number, suggestion in enumerate(value, start=1):
            if type(suggestion) not in SUGGESTION_CLASSES.values():
                yield f"Suggestion {number} must be of a class in content.suggestions."
            else:
                for problem in _suggestion_problems(suggestion):
                    yield f"Suggestion {number}: {problem}"


class CardRule:
    """Rule for one card."""

    suggestions = SuggestionsRule(CARD_SUGGESTIONS)

    def __str__(self) -> str:
        return f"title, description, media_url, up to {CARD_SUGGESTIONS} suggestions"

    def problems(self, content: Any) -> Iterator[str]:
        yield from _text_problems("title", content.title, TITLE_LENGTH)
        yield from _text_problems("description", content.description, DESCRIPTION_LENGTH)
        yield from url_problems(content.media_url, "media_url")
        if not is_one_of(content.thumbnail_url, ("",)):
            yield from url_problems(content.thumbnail_url, "thumbnail_url")
        if not isinstance(content.media_description, str):
            yield "The media_description must be a str."
        if not is_one_of(content.media_height, MEDIA_HEIGHTS):
            yield "The media_height must be one of SHORT, MEDIUM, TALL."
        yield from self.suggestions.problems("suggestions", content.suggestions)
        yield from extra_problems(content)


class CarouselRule:
    """Rule for a carousel of 2 to 10 cards."""

    card = CardRule()

    def __str__(self) -> str:
        return f"{MIN_CARDS} to {MAX_CARDS} cards"

    def problems(self, content: Any) -> Iterator[str]:
        cards = content.cards
        if not isinstance(cards, tuple) or not MIN_CARDS <= len(cards) <= MAX_CARDS:
            yield f"The cards must be a list of {MIN_CARDS} to {MAX_CARDS} cards."
            return
        for number, card in enumerate(cards, start=1):
            if type(card) is not Card:
                yield f"Card {number} must be a Card."
            else:
                yield from (f"Card {number}: {problem}" for problem in self.card.problems(card))


def _text_problems(name: str, value: object, max_length: int) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip() or len(value) > max_length:
        yield f"The {name} must be a str of 1 to {max_length} characters."


def _suggestion_problems(suggestion: Any) -> Iterator[str]:
    yield from extra_problems(suggestion)
    for name in suggestion.__dataclass_fields__:
        if name == "extra":
            continue
        value = getattr(suggestion, name)
        if not isinstance(value, str):
            yield f"The {name} must be a str."
            return
        if not value.strip() and name not in _OPTIONAL:
            yield f"The {name} is empty."
    if len(suggestion.text) > CHIP_LENGTH:
        yield f"The text must have at most {CHIP_LENGTH} characters."
    for name, value in non_empty_fields(suggestion).items():
        if name != "extra":
            yield from _field_problems(name, value)


def _field_problems(name: str, value: str) -> Iterator[str]:
    if name in _URLS:
        yield from url_problems(value, name)
    elif name in DEGREES and not (_DECIMAL.fullmatch(value) and is_degrees(value, DEGREES[name])):
        yield f"The {name} must be a str of degrees from -{DEGREES[name]} to {DEGREES[name]}."
    elif name == "view_mode" and value not in VIEW_MODES:
        yield "The view_mode must be one of FULL, TALL, HALF."
    elif name == "phone_number" and not _INTERNATIONAL.fullmatch(value):
        yield "The phone_number must be + and digits that begin with the country code."
