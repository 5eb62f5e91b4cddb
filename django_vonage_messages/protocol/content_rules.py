"""Rules for the content of a message, one class per kind of content.

The modules ``v0_1.capabilities`` and ``v1.capabilities`` list the rules of each channel.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from unicodedata import category

from django_vonage_messages.content import Content
from django_vonage_messages.content.files import ATTACHMENT_CLASSES
from django_vonage_messages.protocol.extra import extra_problems
from django_vonage_messages.protocol.value_checks import (
    DEGREES,
    is_degrees,
    is_one_of,
    object_problems,
    url_problems,
)

_INVISIBLE: Final = frozenset({"Cc", "Cf"})
# Simplified. The v0.1 document has BCP 47 (en-GB), the v1 document's example is en_US.
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_THUMB_URL_LENGTH: Final = 1000


# Rules also check types, because the content classes, such as ``Image``, are plain dataclasses.
class ContentRule(Protocol):
    """Rule for one content type. The tables in docs/channels.md show ``str(rule)``."""

    def problems(self, content: Any) -> Iterator[str]:
        """Yield one sentence for each problem of the content."""


ContentRules = Mapping[type[Content], ContentRule]


@dataclass(frozen=True)
class TextRule:
    """Rule for text with at most ``limit`` characters."""

    limit: int | None = None  # None: no limit

    def __str__(self) -> str:
        return f"1–{self.limit} characters" if self.limit else "any length"

    def problems(self, content: Any) -> Iterator[str]:
        text = content.text
        if not isinstance(text, str):
            yield "The text must be a str."
        elif all(character.isspace() or category(character) in _INVISIBLE for character in text):
            yield "The text is empty."
        elif self.limit is not None and len(text) > self.limit:
            yield f"The text has {len(text)} characters; at most {self.limit} are allowed."


@dataclass(frozen=True)
class MediaRule:
    """Rule for a file."""

    caption: bool = False  # True: allowed
    name: bool = False  # True: allowed
    thumb_url: bool = False  # True: required
    # Maximum numbers of characters. None: no limit.
    caption_length: int | None = None
    name_length: int | None = None

    def __str__(self) -> str:
        known = ("caption", "name", "thumb_url")
        return ", ".join(["url", *(field for field in known if getattr(self, field))])

    def problems(self, content: Any) -> Iterator[str]:
        yield from url_problems(content.url)
        yield from self._text_problems(content, "caption", self.caption_length)
        yield from self._text_problems(content, "name", self.name_length)
        yield from extra_problems(content)
        thumb_url = getattr(content, "thumb_url", "")
        if not self.thumb_url:
            yield from self._text_problems(content, "thumb_url", None)
        elif any(url_problems(thumb_url)) or len(thumb_url) > _THUMB_URL_LENGTH:
            yield (
                "The video requires a thumb_url: the absolute http or https URL of an image, with "
                f"at most {_THUMB_URL_LENGTH} characters."
            )

    def _text_problems(self, content: Any, field: str, limit: int | None) -> Iterator[str]:
        text = getattr(content, field, "")
        if not isinstance(text, str):
            yield f"The {field} must be a str."
        elif text and not getattr(self, field):
            yield f"This channel allows no {field} with this content. Leave it out."
        elif limit is not None and len(text) > limit:
            yield f"The {field} has {len(text)} characters; at most {limit} are allowed."


@dataclass(frozen=True)
class TemplateRule:
    """Rule for a template."""

    locale: bool  # True: required

    def __str__(self) -> str:
        return "name, parameters, locale, policy" if self.locale else "name, parameters"

    def problems(self, content: Any) -> Iterator[str]:
        if not isinstance(content.name, str) or not content.name.strip():
            yield "The template's name must be a str and not empty."
        yield from _parameter_problems(content.parameters)
        if self.locale:
            yield from _locale_problems(content)
        elif (content.locale, content.policy) != ("", ""):
            yield "Only WhatsApp templates allow a locale and a policy. Leave them out."


@dataclass(frozen=True)
class LocationRule:
    def __str__(self) -> str:
        return "latitude, longitude, name, address"

    def problems(self, content: Any) -> Iterator[str]:
        for field, maximum in DEGREES.items():
            if not is_degrees(getattr(content, field), maximum):
                yield f"The {field} must be a number of degrees from -{maximum} to {maximum}."
        if not isinstance(content.name, str) or not isinstance(content.address, str):
            yield "The name and the address must be str."
        elif content.address and not content.name:
            yield "An address requires a name. Add a name."


@dataclass(frozen=True)
class CustomRule:
    def __str__(self) -> str:
        return "the provider's own JSON"

    def problems(self, content: Any) -> Iterator[str]:
        yield from object_problems(content.custom, "custom object")


@dataclass(frozen=True)
class AttachmentsRule:
    """Rule for a list of files. Each file must meet ``file_rule``."""

    file_rule: MediaRule

    def __str__(self) -> str:
        return f"files: {self.file_rule}"

    def problems(self, content: Any) -> Iterator[str]:
        if not isinstance(content.files, tuple) or not content.files:
            yield "The files must be a list and not empty."
            return
        for number, file in enumerate(content.files, start=1):
            for problem in self._file_problems(file):
                yield f"File {number}: {problem}"

    def _file_problems(self, file: Any) -> Iterator[str]:
        if type(file) not in ATTACHMENT_CLASSES.values():
            yield "It must be an Image, Audio, Video, File or VCard."
        else:
            yield from self.file_rule.problems(file)


class StickerRule:
    def __str__(self) -> str:
        return "url or id"

    def problems(self, content: Any) -> Iterator[str]:
        if not isinstance(content.url, str) or not isinstance(content.id, str):
            yield "The sticker's url and id must be str."
        elif bool(content.url) == bool(content.id):
            yield "A sticker requires either a url or an id, not both."
        elif content.url:
            yield from url_problems(content.url)
        elif not content.id.strip():
            yield "The sticker's id is empty."


class ReactionRule:
    def __str__(self) -> str:
        return "emoji, or the action unreact; requires the option context"

    def problems(self, content: Any) -> Iterator[str]:
        if not is_one_of(content.action, ("react", "unreact")):
            yield "The action must be 'react' or 'unreact'."
        elif not isinstance(content.emoji, str):
            yield "The emoji must be a str."
        elif content.action == "react" and not content.emoji.strip():
            yield "The reaction requires an emoji."
        elif content.action == "unreact" and content.emoji:
            yield "The action 'unreact' allows no emoji. Leave it out."


def _parameter_problems(parameters: object) -> Iterator[str]:
    if not isinstance(parameters, tuple):
        yield "The parameters must be a list of str, one for each placeholder of the template."
        return
    for number, parameter in enumerate(parameters, start=1):
        if not isinstance(parameter, str):
            yield f"Parameter {number} must be a str, not {type(parameter).__name__}."


def _locale_problems(content: Any) -> Iterator[str]:
    if not isinstance(content.locale, str) or not _LANGUAGE.fullmatch(content.locale):
        yield "The template requires a locale, such as en_US or en-GB."
    if not is_one_of(content.policy, ("", "deterministic")):
        yield "The policy must be 'deterministic': WhatsApp removed all other policies in 2020."
