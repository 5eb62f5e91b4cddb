"""What v1 demands of RCS's suggestions.

Source: developer.vonage.com, "RCS Suggestion Chips", and Vonage's own libraries: 25 characters on a
chip, 11 chips under a message and 4 on a card.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django_vonage_messages.content.base import fields_of
from django_vonage_messages.content.suggestions import SUGGESTION_CLASSES
from django_vonage_messages.protocol.rules import DEGREES, is_degrees, url_problems

CHIP_LENGTH: Final = 25
VIEW_MODES: Final = ("", "FULL", "TALL", "HALF")
_PLAIN: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")
_DIALLED: Final = re.compile(r"\+[1-9][0-9]{2,14}")
_URLS: Final = frozenset({"url", "fallback_url"})
_OPTIONAL: Final = frozenset({"pin_label", "fallback_url", "description", "view_mode"})


@dataclass(frozen=True)
class SuggestionsRule:
    """Up to ``most`` suggestions, each right by itself."""

    most: int

    def __str__(self) -> str:
        return f"up to {self.most} suggestions"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if not isinstance(value, tuple) or len(value) > self.most:
            yield f"The {name} must be a list of at most {self.most}."
            return
        for number, suggestion in enumerate(value, start=1):
            if type(suggestion) not in SUGGESTION_CLASSES.values():
                yield f"Suggestion {number} must be one of this package's suggestion classes."
            else:
                for problem in _problems(suggestion):
                    yield f"Suggestion {number}: {problem}"


def _problems(suggestion: Any) -> Iterator[str]:
    for name in suggestion.__dataclass_fields__:
        value = getattr(suggestion, name)
        if not isinstance(value, str):
            yield f"The {name} must be a str."
            return
        if not value.strip() and name not in _OPTIONAL:
            yield f"The {name} is empty."
    if len(suggestion.text) > CHIP_LENGTH:
        yield f"The text must have at most {CHIP_LENGTH} characters."
    for name, value in fields_of(suggestion).items():
        yield from _field_problems(name, value)


def _field_problems(name: str, value: str) -> Iterator[str]:
    if name in _URLS:
        for problem in url_problems(value):
            yield problem.replace("The url", f"The {name}", 1)
    elif name in DEGREES and not (_PLAIN.fullmatch(value) and is_degrees(value, DEGREES[name])):
        yield f"The {name} must be degrees from -{DEGREES[name]} to {DEGREES[name]}, as text."
    elif name == "view_mode" and value not in VIEW_MODES:
        yield "The view_mode must be one of FULL, TALL, HALF."
    elif name == "phone_number" and not _DIALLED.fullmatch(value):
        yield "The phone_number must be digits after a leading +."
