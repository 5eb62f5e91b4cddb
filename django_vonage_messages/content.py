"""What a message says: one frozen dataclass per content type.

A plain ``str`` given to :func:`~django_vonage_messages.send_message` means :class:`Text`.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol


class Content(Protocol):
    """What every content value offers: its wire name, its text for people, its JSON form."""

    content_type: ClassVar[str]

    @property
    def preview(self) -> str: ...

    def as_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Text:
    """Plain text. SMS takes up to 1000 characters (API reference, "Send a Message")."""

    text: str
    content_type: ClassVar[str] = "text"

    @property
    def preview(self) -> str:
        return self.text

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text}

    def __repr__(self) -> str:
        return f"Text(<{len(str(self.text))} characters>)"
