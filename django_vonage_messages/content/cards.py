"""RCS's cards: a picture or film, a title, words, and what the customer can tap.

They came after version 1.11 of the v1 document. (Source: developer.vonage.com, "How to Send Rich
Cards and Carousels".)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from django_vonage_messages.content.base import Value, fields_of
from django_vonage_messages.content.suggestions import Suggestion, load_suggestion


@dataclass(frozen=True, repr=False)
class Card(Value):
    """One card. ``media_url`` is a picture or a film, ``media_description`` for those who cannot
    see it, ``thumbnail_url`` what shows while it loads.
    """

    title: str
    description: str
    media_url: str
    media_description: str = ""
    media_height: Literal["SHORT", "MEDIUM", "TALL", ""] = ""
    thumbnail_url: str = ""
    suggestions: Sequence[Suggestion] = ()
    content_type: ClassVar[str] = "card"

    def __post_init__(self) -> None:
        if isinstance(self.suggestions, list):
            object.__setattr__(self, "suggestions", tuple(self.suggestions))

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.description}"

    def as_json(self) -> dict[str, Any]:
        return {"card": card_json(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**_card_fields(data["card"]))


@dataclass(frozen=True, repr=False)
class Carousel(Value):
    """Two to ten cards side by side."""

    cards: Sequence[Card]
    content_type: ClassVar[str] = "carousel"

    def __post_init__(self) -> None:
        if isinstance(self.cards, list):
            object.__setattr__(self, "cards", tuple(self.cards))

    @property
    def text(self) -> str:
        return "\n".join(card.text for card in self.cards)

    def as_json(self) -> dict[str, Any]:
        return {"carousel": {"cards": [card_json(card) for card in self.cards]}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(tuple(Card(**_card_fields(card)) for card in data["carousel"]["cards"]))


def card_json(card: Card) -> dict[str, Any]:
    """Return a card by the API's names, which call its description ``text``."""
    fields = fields_of(card)
    fields["text"] = fields.pop("description", "")
    if suggestions := [suggestion.as_json() for suggestion in card.suggestions]:
        fields["suggestions"] = suggestions
    else:
        fields.pop("suggestions", None)
    return fields


def _card_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(data)
    fields["description"] = fields.pop("text", "")
    fields["suggestions"] = tuple(map(load_suggestion, fields.get("suggestions", ())))
    return fields
