"""Content of a message: one class for each content type.

:func:`~django_vonage_messages.send_message` converts a ``str`` to :class:`Text`. The page
"Channels" lists the content types of each channel.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django_vonage_messages.content.base import Content, Text
from django_vonage_messages.content.files import (
    Attachments,
    Audio,
    File,
    Image,
    Sticker,
    VCard,
    Video,
)
from django_vonage_messages.content.rich import (
    Card,
    Carousel,
    Custom,
    Location,
    Reaction,
    Template,
)

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
        cls.content_type: cls
        for cls in (
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
    """Return the content object of a stored message."""
    return CONTENT_CLASSES[content_type].from_json(data)
