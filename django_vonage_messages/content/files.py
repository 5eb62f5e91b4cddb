"""Files at a URL: images, audio, video, documents, contact cards and stickers.

All classes except Sticker have the argument ``extra``, a dict to add to the JSON of the file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

from django_vonage_messages.content.base import (
    NO_TEXT,
    LazyText,
    ObjectContent,
    WithExtra,
    freeze_list,
    non_empty_fields,
)


class _Captioned(WithExtra, ObjectContent):
    caption: str

    @property
    def text(self) -> str:
        return self.caption


@dataclass(frozen=True, repr=False)
class Image(_Captioned):
    """An image at a public ``url``, with a ``caption`` if the channel allows captions."""

    url: str
    caption: LazyText = NO_TEXT
    content_type: ClassVar[str] = "image"


@dataclass(frozen=True, repr=False)
class Audio(_Captioned):
    """An audio file at a public ``url``, with a ``caption`` if the channel allows captions."""

    url: str
    caption: LazyText = NO_TEXT
    content_type: ClassVar[str] = "audio"


@dataclass(frozen=True, repr=False)
class Video(_Captioned):
    """A video at a public ``url``, with a ``caption`` if the channel allows captions.

    Viber requires ``thumb_url``, the URL of an image to show before the video plays.
    """

    url: str
    caption: LazyText = NO_TEXT
    thumb_url: str = ""
    content_type: ClassVar[str] = "video"


@dataclass(frozen=True, repr=False)
class File(_Captioned):
    """A document at a public ``url``. Some channels allow a ``caption`` and a file ``name``."""

    url: str
    caption: LazyText = NO_TEXT
    name: str = ""
    content_type: ClassVar[str] = "file"


@dataclass(frozen=True, repr=False)
class VCard(_Captioned):
    """A contact card, a .vcf file at a public ``url``."""

    url: str
    caption: LazyText = NO_TEXT
    content_type: ClassVar[str] = "vcard"


@dataclass(frozen=True, repr=False)
class Sticker(ObjectContent):
    """A sticker: either the public ``url`` of a .webp file, or the ``id`` of a WhatsApp sticker."""

    url: str = ""
    id: str = ""
    content_type: ClassVar[str] = "sticker"


Attachment = Image | Audio | Video | File | VCard
ATTACHMENT_CLASSES: Final = {cls.content_type: cls for cls in (Image, Audio, Video, File, VCard)}


@dataclass(frozen=True, repr=False)
class Attachments(ObjectContent):
    """Several files in one message. The API calls this content type ``content``."""

    files: Sequence[Attachment]
    content_type: ClassVar[str] = "content"

    def __post_init__(self) -> None:
        freeze_list(self, "files")

    @property
    def text(self) -> str:
        return "\n".join(file.caption for file in self.files if file.caption)

    def as_json(self) -> dict[str, Any]:
        return {"content": [_attachment_json(file) for file in self.files]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(tuple(_load_attachment(dict(file)) for file in data["content"]))


def _attachment_json(file: Attachment) -> dict[str, Any]:
    return {"type": file.content_type, **non_empty_fields(file)}


def _load_attachment(data: dict[str, Any]) -> Attachment:
    return ATTACHMENT_CLASSES[data.pop("type")](**data)
