"""What a chat provider has beside words and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

from django_vonage_messages.content.base import Value


@dataclass(frozen=True, repr=False)
class Template(Value):
    """A template that the provider has approved, with the texts for its places ``{{1}}`` onwards.

    On WhatsApp ``name`` is ``namespace:name``, ``locale`` a BCP 47 language such as ``en-GB``, and
    ``policy``, if given, ``deterministic``.
    """

    name: str
    parameters: Sequence[str] = ()
    locale: str = ""
    policy: str = ""
    content_type: ClassVar[str] = "template"

    def __post_init__(self) -> None:
        if isinstance(self.parameters, list):
            object.__setattr__(self, "parameters", tuple(self.parameters))

    def as_json(self) -> dict[str, Any]:
        data = super().as_json()
        data["template"]["parameters"] = list(self.parameters)
        return data


@dataclass(frozen=True, repr=False)
class Location(Value):
    """A place: ``latitude`` and ``longitude`` in degrees; ``address`` shows beside a ``name``."""

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


def _degrees(value: float | Decimal | str) -> str:
    """Return degrees in one spelling, to seven places: a centimetre on the ground."""
    return f"{float(value) + 0.0:.7f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, repr=False)
class Custom:
    """An object in the provider's own form, passed on as it is: contacts, buttons, and whatever
    else the API has no content type for.
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


@dataclass(frozen=True, repr=False)
class Reaction(Value):
    """An ``emoji`` put on a message of the customer, or taken off it (``unreact``).

    On which message, the ``context`` of WhatsAppOptions says.
    """

    emoji: str = ""
    action: Literal["react", "unreact"] = "react"
    content_type: ClassVar[str] = "reaction"

    @property
    def text(self) -> str:
        return self.emoji
