"""What a message says: one frozen dataclass per content type.

A plain ``str`` given to :func:`~django_vonage_messages.send_message` means :class:`Text`. Which
channel takes which content, and up to which limits, is the table of the channels page.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django_vonage_messages.content.base import Content, Text
from django_vonage_messages.content.cards import Card, Carousel
from django_vonage_messages.content.files import (
    Attachments,
    Audio,
    File,
    Image,
    Sticker,
    VCard,
    Video,
)
from django_vonage_messages.content.provider import Custom, Location, Reaction, Template

__all__ = [
    "CONTENT_CLASSES",
    "Attachments",
    "Audio",
    "Card",
    "Carousel",
    "Content",
    "Custom",
    "File",
    "Image",
    "Location",
    "Reaction",
    "Sticker",
    "Template",
    "Text",
    "VCard",
    "Video",
    "load_content",
]

CONTENT_CLASSES: Final[Mapping[str, type[Content]]] = MappingProxyType(
    {
        content_class.content_type: content_class
        for content_class in (
            Text,
            Image,
            Audio,
            Video,
            File,
            VCard,
            Attachments,
            Sticker,
            Reaction,
            Template,
            Location,
            Card,
            Carousel,
            Custom,
        )
    }
)


def load_content(content_type: str, data: Mapping[str, Any]) -> Content:
    """Return the content value of a message that was sent, from the columns that keep it."""
    return CONTENT_CLASSES[content_type].from_json(data)
