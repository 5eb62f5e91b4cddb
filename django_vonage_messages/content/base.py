"""What every content value offers, and plain text."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol, Self


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


class Value:
    """The JSON form of a content type whose member is an object: its fields that are not empty.

    No repr shows what is said, nor a URL, which may hold a signature.
    """

    content_type: ClassVar[str]

    @property
    def text(self) -> str:
        return ""

    def as_json(self) -> dict[str, Any]:
        return {self.content_type: fields_of(self)}

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


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that are not empty, as they are."""
    named = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: given for name, given in named.items() if given != ""}
