"""Rules for the options of a channel, one class per kind of value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Protocol

from django_vonage_messages.options import ViberAction
from django_vonage_messages.protocol.value_checks import is_one_of, object_problems, url_problems


class OptionRule(Protocol):
    """Rule for one option. The tables in ``docs/channels.md`` show ``str(rule)``."""

    def problems(self, name: str, value: Any) -> Iterator[str]:
        """Yield the problems of the option's value."""


OptionRules = Mapping[str, OptionRule]
_LONG: Final = 1_000_000


def unknown_options(options: Any, rules: OptionRules) -> list[str]:
    """Return the names of the options that are set and have no rule."""
    return [name for name in _options_set(options) if name not in rules]


def option_problems(options: Any, rules: OptionRules) -> Iterator[str]:
    """Yield the problems of each option that has a rule."""
    for name, value in _options_set(options).items():
        if rule := rules.get(name):
            yield from rule.problems(name, value)


def _options_set(options: Any) -> dict[str, Any]:
    values = {field.name: getattr(options, field.name) for field in fields(options)}
    return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class ChoiceRule:
    """Rule for a value from a list."""

    choices: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.choices)

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if not is_one_of(value, self.choices):
            yield f"The {name} must be one of {', '.join(self.choices)}."


@dataclass(frozen=True)
class IntegerRule:
    """Rule for a whole number."""

    minimum: int
    maximum: int
    unit: str  # a plural, such as "seconds"

    def __str__(self) -> str:
        return f"{self.minimum} to {self.maximum} {self.unit}"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if type(value) is not int or not self.minimum <= value <= self.maximum:
            # With commas: exceptions would mask a long run of digits as a phone number.
            high = self.maximum if self.maximum < _LONG else f"{self.maximum:,}"
            yield f"The {name} must be a whole number of {self.unit} from {self.minimum} to {high}."


@dataclass(frozen=True)
class StringRule:
    """Rule for text that must not be empty."""

    description: str = "any text"

    def __str__(self) -> str:
        return self.description

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str) or not value.strip():
            which = "" if self.description == "any text" else f": {self.description}"
            yield f"The {name} must be a str and not empty{which}."


class BooleanRule:
    """Rule for True or False."""

    def __str__(self) -> str:
        return "True, False"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if not isinstance(value, bool):
            yield f"The {name} must be True or False."


class UrlRule:
    """Rule for an absolute URL."""

    def __str__(self) -> str:
        return "an absolute URL"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        yield from url_problems(value, name)


class ExtraRule:
    """Rule for the option ``extra``."""

    def __str__(self) -> str:
        return "a dict to add to the JSON of the request"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        yield from object_problems(value, name)
        if isinstance(value, dict) and "failover" in value:
            yield f"The {name} must not contain failover. Use the argument failover instead."


@dataclass(frozen=True)
class ActionRule:
    """Rule for the option ``action``, a Viber button."""

    text_length: int

    def __str__(self) -> str:
        return f"a ViberAction with a text of up to {self.text_length} characters"

    def problems(self, name: str, value: Any) -> Iterator[str]:
        if type(value) is not ViberAction:
            yield f"The {name} must be a ViberAction."
            return
        yield from url_problems(value.url, f"{name}'s url")
        text: Any = value.text
        if not isinstance(text, str) or not 1 <= len(text.strip()) <= len(text) <= self.text_length:
            yield f"The {name}'s text must be a str of 1 to {self.text_length} characters."
