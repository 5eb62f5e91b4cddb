"""What an option may be: rules that judge a value and can say what they are.

Each API version has a table of them, by channel and by the field of the channel's options. A
problem names the field and the rule, and never repeats the value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Protocol

from django_vonage_messages.options import ViberAction
from django_vonage_messages.protocol.rules import is_one_of, object_problems, url_problems


class OptionRule(Protocol):
    """Judges one option; ``str()`` says the rule in a few words, for the documentation."""

    def problems(self, name: str, value: Any) -> Iterator[str]:
        """Yield what is wrong, a sentence each."""


_LONG: Final = 1_000_000
OptionRules = Mapping[str, OptionRule]


def option_problems(options: Any, rules: OptionRules, where: str) -> Iterator[str]:
    """Yield what is wrong with a channel's options, each by itself; ``where`` has these rules."""
    for field in fields(options):
        value = getattr(options, field.name)
        if value is None:
            continue
        if rule := rules.get(field.name):
            yield from rule.problems(field.name, value)
        else:
            yield f"The {field.name} cannot be sent: {where} has no such option."


@dataclass(frozen=True)
class Choice:
    """One of these words."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.words)

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if not is_one_of(value, self.words):
            yield f"The {name} must be one of {', '.join(self.words)}."


@dataclass(frozen=True)
class WholeNumber:
    """A whole number of ``unit``."""

    least: int
    most: int
    unit: str

    def __str__(self) -> str:
        return f"{self.least} to {self.most} {self.unit}"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if type(value) is not int or not self.least <= value <= self.most:
            # With commas, since a long run of digits is masked in an error: it may be a number.
            most = self.most if self.most < _LONG else f"{self.most:,}"
            yield f"The {name} must be a whole number of {self.unit} from {self.least} to {most}."


@dataclass(frozen=True)
class Word:
    """Any text that is not empty; ``said`` tells which."""

    said: str = "any text"

    def __str__(self) -> str:
        return self.said

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str) or not value.strip():
            which = "" if self.said == "any text" else f": {self.said}"
            yield f"The {name} must be a str that is not empty{which}."


class Flag:
    """True or False."""

    def __str__(self) -> str:
        return "True, False"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if not isinstance(value, bool):
            yield f"The {name} must be True or False."


class Url:
    """An absolute URL."""

    def __str__(self) -> str:
        return "an absolute URL"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        for problem in url_problems(value):
            yield problem.replace("The url", f"The {name}", 1)


class Extra:
    """An object of the API's own form."""

    def __str__(self) -> str:
        return "members of the request"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        yield from object_problems(name, value)
        if isinstance(value, dict) and "failover" in value:
            yield f"The {name} cannot hold failover: give the argument failover instead."


@dataclass(frozen=True)
class Action:
    """A button that leads somewhere."""

    text_length: int

    def __str__(self) -> str:
        return f"ViberAction, its text up to {self.text_length} characters"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if type(value) is not ViberAction:
            yield f"The {name} must be a ViberAction."
            return
        yield from Url().problems(f"{name}'s url", value.url)
        text: Any = value.text
        if not isinstance(text, str) or not 1 <= len(text.strip()) <= len(text) <= self.text_length:
            yield f"The {name}'s text must be a str of 1 to {self.text_length} characters."
