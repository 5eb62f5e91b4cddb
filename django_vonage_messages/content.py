"""What a message says: one frozen dataclass per content type.

A plain ``str`` given to :func:`~django_vonage_messages.send_message` means :class:`Text`. Which
channel takes which content, and up to which limits, is the table of the channels page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Final, Protocol, Self


class Content(Protocol):
    """What every content value offers: its wire name, its words for people, its JSON form."""

    content_type: ClassVar[str]

    @property
    def text(self) -> str:
        """The words in it that the customer reads: a text or a caption, else ""."""

    def as_json(self) -> dict[str, Any]:
        """Return it as ``Message.content`` keeps it: ``{"image": {"url": …}}``."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the value that ``as_json()`` described."""


class _Value:
    """The JSON form of a content type whose member is an object: its fields that are not empty.

    No repr shows what is said, nor a URL, which may hold a signature.
    """

    content_type: ClassVar[str]

    @property
    def text(self) -> str:
        return ""

    def as_json(self) -> dict[str, Any]:
        fields: dict[str, Any] = asdict(self)  # type: ignore[call-overload]  # of a dataclass
        return {self.content_type: {key: value for key, value in fields.items() if value != ""}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data[cls.content_type])

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


@dataclass(frozen=True, repr=False)
class Text:
    """Plain text. SMS takes up to 1000 characters (API reference, "Send a Message")."""

    text: str
    content_type: ClassVar[str] = "text"

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["text"])

    def __repr__(self) -> str:
        return f"Text(<{len(str(self.text))} characters>)"


@dataclass(frozen=True, repr=False)
class Image(_Value):
    """A picture at a public ``url``; ``caption`` where the channel has one."""

    url: str
    caption: str = ""
    content_type: ClassVar[str] = "image"

    @property
    def text(self) -> str:
        return self.caption


@dataclass(frozen=True, repr=False)
class Audio(_Value):
    """A sound at a public ``url``."""

    url: str
    content_type: ClassVar[str] = "audio"


@dataclass(frozen=True, repr=False)
class Video(_Value):
    """A film at a public ``url``; ``caption`` where the channel has one."""

    url: str
    caption: str = ""
    content_type: ClassVar[str] = "video"

    @property
    def text(self) -> str:
        return self.caption


@dataclass(frozen=True, repr=False)
class File(_Value):
    """A document at a public ``url``; ``caption`` where the channel has one."""

    url: str
    caption: str = ""
    content_type: ClassVar[str] = "file"

    @property
    def text(self) -> str:
        return self.caption


@dataclass(frozen=True, repr=False)
class Template(_Value):
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
class Location(_Value):
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


CONTENT_CLASSES: Final[Mapping[str, type[Content]]] = MappingProxyType(
    {
        content_class.content_type: content_class
        for content_class in (Text, Image, Audio, Video, File, Template, Location, Custom)
    }
)


def load_content(content_type: str, data: Mapping[str, Any]) -> Content:
    """Return the content value of a message that was sent, from the columns that keep it."""
    return CONTENT_CLASSES[content_type].from_json(data)
