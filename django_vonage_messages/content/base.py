"""Message content: the interface, a base class, and the class ``Text``."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    class LazyText:
        """Type of a field for a ``str`` or a lazy translation."""

        def __get__(self, instance: object, owner: Any) -> str: ...
        def __set__(self, instance: object, value: str | _StrPromise) -> None: ...

    NO_TEXT = LazyText()
else:
    LazyText, NO_TEXT = str, ""


class Content(Protocol):
    """Interface of all content classes, such as Text and Image."""

    content_type: ClassVar[str]

    @property
    def text(self) -> str:
        """Text or caption, or "" if there is none."""

    def as_json(self) -> dict[str, Any]:
        """Return the content as a dict, such as ``{"image": {"url": …}}``."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return a content object for a dict that ``as_json()`` returned."""


class ObjectContent:
    """Base class of content with several fields."""

    content_type: ClassVar[str]

    @property
    def text(self) -> str:
        return ""

    def as_json(self) -> dict[str, Any]:
        return {self.content_type: non_empty_fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data[cls.content_type])

    # No fields: they can contain personal data or a secret.
    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


@dataclass(frozen=True, repr=False)
class WithExtra:
    """Base class of objects with the argument ``extra``: a dict to add to the JSON of the object.

    ``extra`` cannot replace members of the object.
    """

    extra: Mapping[str, Any] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, repr=False)
class Text:
    """Plain text. SMS allows up to 1000 characters on v0.1, and 3200 on v1."""

    # The limit is in the API reference, "Send a Message".
    text: str
    content_type: ClassVar[str] = "text"

    if TYPE_CHECKING:

        def __init__(self, text: str | _StrPromise) -> None: ...

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["text"])

    def __repr__(self) -> str:
        return f"Text(<{len(str(self.text))} characters>)"


def non_empty_fields(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as a dict, without empty texts and None."""
    values = {each.name: getattr(value, each.name) for each in fields(value)}
    return {name: each for name, each in values.items() if each is not None and each != ""}


def freeze_list(value: Any, name: str) -> None:
    """Replace a list with a tuple in one field of a frozen dataclass.

    ``name`` is the name of the field.
    """
    if isinstance(getattr(value, name), list):
        object.__setattr__(value, name, tuple(getattr(value, name)))
