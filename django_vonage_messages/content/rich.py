"""Templates, locations, reactions, RCS cards, and content in a provider's own format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

from django_vonage_messages.content.base import (
    ObjectContent,
    WithExtra,
    freeze_list,
    non_empty_fields,
)
from django_vonage_messages.content.suggestions import Suggestion, load_suggestion


@dataclass(frozen=True, repr=False)
class Template(ObjectContent):
    """A message template that the channel's provider, such as WhatsApp, has approved.

    ``parameters`` are the texts for ``{{1}}``, ``{{2}}`` and so on. On WhatsApp, ``name`` has the
    format ``namespace:name``. ``locale`` is a language such as ``en_US`` or ``en-GB``. ``policy``
    is ``deterministic`` or empty. Only WhatsApp allows ``locale`` and ``policy``.
    """

    name: str
    parameters: Sequence[str] = ()
    locale: str = ""
    policy: str = ""
    content_type: ClassVar[str] = "template"

    def __post_init__(self) -> None:
        freeze_list(self, "parameters")

    def as_json(self) -> dict[str, Any]:
        data = super().as_json()
        data["template"]["parameters"] = list(self.parameters)
        return data


@dataclass(frozen=True, repr=False)
class Location(ObjectContent):
    """A geographical location: ``latitude`` and ``longitude`` in degrees.

    An ``address`` requires a ``name``.
    """

    latitude: float | Decimal | str
    longitude: float | Decimal | str
    name: str = ""
    address: str = ""
    content_type: ClassVar[str] = "location"

    def as_json(self) -> dict[str, Any]:
        data = super().as_json()
        data["location"] |= {
            "latitude": _degrees(self.latitude),
            "longitude": _degrees(self.longitude),
        }
        return data


@dataclass(frozen=True, repr=False)
class Reaction(ObjectContent):
    """A reaction with an ``emoji`` to a customer's message.

    ``action="unreact"`` removes an earlier reaction. Pass the UUID of the customer's message as
    ``WhatsAppOptions.context``.
    """

    emoji: str = ""
    action: Literal["react", "unreact"] = "react"
    content_type: ClassVar[str] = "reaction"

    @property
    def text(self) -> str:
        return self.emoji


@dataclass(frozen=True, repr=False)
class Card(WithExtra, ObjectContent):
    """One RCS card.

    ``media_url`` is the URL of an image or a video. ``media_description`` describes the image or
    the video in words. ``thumbnail_url`` is the URL of a preview.
    """

    # Source: developer.vonage.com, "How to Send Rich Cards and Carousels". Version 1.11 of the v1
    # OpenAPI document does not have cards.

    title: str
    description: str
    media_url: str
    media_description: str = ""
    media_height: Literal["SHORT", "MEDIUM", "TALL", ""] = ""
    thumbnail_url: str = ""
    suggestions: Sequence[Suggestion] = ()
    content_type: ClassVar[str] = "card"

    def __post_init__(self) -> None:
        freeze_list(self, "suggestions")

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.description}"

    def as_json(self) -> dict[str, Any]:
        return {"card": _card_json(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**_card_fields(data["card"]))


@dataclass(frozen=True, repr=False)
class Carousel(ObjectContent):
    """Two to ten RCS cards side by side."""

    cards: Sequence[Card]
    content_type: ClassVar[str] = "carousel"

    def __post_init__(self) -> None:
        freeze_list(self, "cards")

    @property
    def text(self) -> str:
        return "\n".join(card.text for card in self.cards)

    def as_json(self) -> dict[str, Any]:
        return {"carousel": {"cards": [_card_json(card) for card in self.cards]}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(tuple(Card(**_card_fields(card)) for card in data["carousel"]["cards"]))


@dataclass(frozen=True, repr=False)
class Custom:
    """Content in the format of the channel's provider, such as WhatsApp.

    ``custom`` is sent unchanged. Use this class if the app has no class for the content,
    such as contacts or buttons.
    """

    custom: Mapping[str, Any]
    content_type: ClassVar[str] = "custom"

    @property
    def text(self) -> str:
        return ""

    def as_json(self) -> dict[str, Any]:
        return {"custom": dict(self.custom)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["custom"])

    def __repr__(self) -> str:
        return "Custom(…)"


def _degrees(value: float | Decimal | str) -> str:
    return f"{float(value) + 0.0:.7f}".rstrip("0").rstrip(".")  # the last digit is a centimetre


def _card_json(card: Card) -> dict[str, Any]:
    fields = non_empty_fields(card)
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
