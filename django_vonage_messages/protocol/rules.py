"""What a channel demands of one content type: rules that judge a value and can say what they are.

Each API version has a table of them. A problem names the field and the rule, and never repeats the
value, which may be private. A dataclass holds whatever it is given, so types are judged too.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Protocol
from unicodedata import category
from urllib.parse import urlsplit

from django_vonage_messages.protocol.sanitize import MAX_DEPTH, load_object, sanitize_text

_INVISIBLE: Final = frozenset({"Cc", "Cf"})
_URL_CHARACTERS: Final = re.compile(
    r"[!#-;=?-\[\]_a-z~%]+"
)  # RFC 3986, without quotes and <>\^`{|}
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")  # BCP 47, in outline
_THUMB_URL_LENGTH: Final = 1000
DEGREES: Final = {"latitude": 90, "longitude": 180}
"""The most degrees of each, either side of zero."""


class ContentRule(Protocol):
    """Judges content of one type; ``str()`` says the rule in a few words, for the documentation."""

    def problems(self, content: Any) -> Iterator[str]:
        """Yield what is wrong, a sentence each."""


@dataclass(frozen=True)
class TextRule:
    """``limit`` counts characters, however many parts or bytes they make; None: no limit."""

    limit: int | None = None

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
    """A URL, and of a file's other fields those that the channel knows. Lengths are in characters;
    None: any.
    """

    caption: bool = False
    name: bool = False
    thumb_url: bool = False
    caption_length: int | None = None
    name_length: int | None = None

    def __str__(self) -> str:
        known = ("caption", "name", "thumb_url")
        return ", ".join(["url", *(field for field in known if getattr(self, field))])

    def problems(self, content: Any) -> Iterator[str]:
        yield from url_problems(content.url)
        yield from self._word_problems(content, "caption", self.caption_length)
        yield from self._word_problems(content, "name", self.name_length)
        thumb_url = getattr(content, "thumb_url", "")
        if not self.thumb_url:
            yield from self._word_problems(content, "thumb_url", None)
        elif any(url_problems(thumb_url)) or len(thumb_url) > _THUMB_URL_LENGTH:
            yield (
                "The film needs a thumb_url: a picture's absolute http or https URL of at most "
                f"{_THUMB_URL_LENGTH} characters."
            )

    def _word_problems(self, content: Any, field: str, limit: int | None) -> Iterator[str]:
        words = getattr(content, field, "")
        if not isinstance(words, str):
            yield f"The {field} must be a str."
        elif words and not getattr(self, field):
            yield f"The {field} cannot be sent: this channel shows none with this content."
        elif limit is not None and len(words) > limit:
            yield f"The {field} has {len(words)} characters; at most {limit} are allowed."


@dataclass(frozen=True)
class TemplateRule:
    """A name with texts for its places; on a channel with languages, a locale as well."""

    locale: bool

    def __str__(self) -> str:
        return "name, parameters, locale, policy" if self.locale else "name, parameters"

    def problems(self, content: Any) -> Iterator[str]:
        if not isinstance(content.name, str) or not content.name.strip():
            yield "The template's name must be a str that is not empty."
        yield from _parameter_problems(content.parameters)
        if self.locale:
            yield from _locale_problems(content)
        elif (content.locale, content.policy) != ("", ""):
            yield "A locale and a policy belong to WhatsApp's templates: leave them out."


@dataclass(frozen=True)
class LocationRule:
    """A place on Earth; an address is shown beside a name only."""

    def __str__(self) -> str:
        return "latitude, longitude, name, address"

    def problems(self, content: Any) -> Iterator[str]:
        for field, most in DEGREES.items():
            if not is_degrees(getattr(content, field), most):
                yield f"The {field} must be a number of degrees from -{most} to {most}."
        if not isinstance(content.name, str) or not isinstance(content.address, str):
            yield "The name and the address must be str."
        elif content.address and not content.name:
            yield "The address is shown beside a name only: give a name too."


@dataclass(frozen=True)
class CustomRule:
    """An object of the provider's own: all that can be asked is that it is one, in JSON."""

    def __str__(self) -> str:
        return "the provider's object"

    def problems(self, content: Any) -> Iterator[str]:
        yield from object_problems("custom object", content.custom)


def object_problems(name: str, value: object) -> Iterator[str]:
    """Yield what is wrong with an object that is passed on as it is."""
    if not isinstance(value, dict) or not value:
        yield f"The {name} must be a dict that is not empty."
    elif not _is_json(value):
        yield f"The {name} must hold only what JSON can, and not nest too deep."
    elif not _has_text_keys(value):
        yield f"The keys of the {name} must be str, at every depth, and differ once stored."


def url_problems(url: object) -> Iterator[str]:
    """Yield what is wrong with a URL from which the provider is to fetch a file."""
    if not isinstance(url, str):
        yield "The url must be a str."
    elif not _URL_CHARACTERS.fullmatch(url):
        yield "The url must be of plain ASCII without spaces: percent-encode everything else."
    elif not _is_absolute(url):
        yield "The url must be absolute: https:// (or http://) and a host, and hold no password."


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and port != 0
        and "@" not in parts.netloc
    )


def _parameter_problems(parameters: object) -> Iterator[str]:
    if not isinstance(parameters, tuple):
        yield "The parameters must be a list of str, one for each place of the template."
        return
    for number, parameter in enumerate(parameters, start=1):
        if not isinstance(parameter, str):
            yield f"Parameter {number} must be a str, not {type(parameter).__name__}."


def _locale_problems(content: Any) -> Iterator[str]:
    if not isinstance(content.locale, str) or not _LANGUAGE.fullmatch(content.locale):
        yield "The template needs a locale: a BCP 47 language such as en-GB."
    if not is_one_of(content.policy, ("", "deterministic")):
        yield "The policy can only be 'deterministic': WhatsApp took the others away in 2020."


def is_one_of(value: object, words: Sequence[str]) -> bool:
    """Whether a value is one of these words. What is no str is not compared: it may be anything."""
    return isinstance(value, str) and value in words


def is_degrees(value: object, most: int) -> bool:
    """Whether a value, a number or text, is a finite number of degrees within ``most``."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return False
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return False
    return math.isfinite(degrees) and abs(degrees) <= most


def _has_text_keys(value: Any) -> bool:
    """Whether no key would become another, or the same as its neighbour, on its way into JSON."""
    level = [value]
    for _ in range(MAX_DEPTH):
        dicts = [node for node in level if isinstance(node, dict)]
        if not all(isinstance(key, str) for node in dicts for key in node):
            return False
        if any(len({sanitize_text(key) for key in node}) < len(node) for node in dicts):
            return False
        lists = [node for node in level if isinstance(node, list | tuple)]
        level = [child for node in dicts for child in node.values()]
        level += [child for node in lists for child in node]
    return True


def _is_json(value: dict[Any, Any]) -> bool:
    try:
        load_object(json.dumps(value, allow_nan=False, skipkeys=True).encode())
    except (TypeError, ValueError, RecursionError):
        return False
    return True
