"""Rules for values of JSON, small ones built into larger: each names every problem by its path.

A rule is called with a value and its path. Sets of members come as tables: see :func:`an_object`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django_vonage_messages.simulator.forms import has_form, is_unicode, is_url, shown_name


@dataclass(frozen=True)
class Problem:
    """One entry of ``invalid_parameters``: the path of a parameter, and what is wrong with it."""

    name: str
    reason: str


Problems = Iterator[Problem]
Rule = Callable[[object, str], Problems]
Members = Mapping[str, Rule]

NONE: Final[Members] = MappingProxyType({})
REQUIRED: Final = "is required."
MISPLACED: Final = "is not a parameter of this message."


def string(shortest: int = 0, longest: int | None = None) -> Rule:
    """A string of so many characters."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, str):
            yield Problem(path, "must be a string.")
        elif not is_unicode(value):
            yield Problem(path, "holds half of a surrogate pair.")
        elif not _is_within(len(value), shortest, longest):
            yield Problem(path, _length(shortest, longest))

    return rule


def a_form(reason: str, *forms: re.Pattern[str]) -> Rule:
    """A string that has one of these forms; ``reason`` says which, in words."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, str) or not has_form(value, *forms):
            yield Problem(path, reason)

    return rule


def url(shortest: int = 0, longest: int | None = None) -> Rule:
    """An absolute http or https URL of so many characters."""
    length = string(shortest, longest)

    def rule(value: object, path: str) -> Problems:
        problems = [*length(value, path)]
        yield from problems
        if not problems and isinstance(value, str) and not is_url(value):
            yield Problem(path, "must be an absolute http or https URL.")

    return rule


def one_of(*words: str) -> Rule:
    """One of these words."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, str) or value not in words:
            yield Problem(path, f"must be {either(words)}.")

    return rule


def integer(least: int, most: int | None = None) -> Rule:
    """An integer from ``least`` to ``most``; JSON's true is none."""

    def rule(value: object, path: str) -> Problems:
        if (
            not isinstance(value, int)
            or isinstance(value, bool)
            or not _is_within(value, least, most)
        ):
            yield Problem(path, f"must be an integer, {_range(least, most)}.")

    return rule


def digits(least: int, most: int) -> Rule:
    """An integer written as a string, without a leading 0."""

    def rule(value: object, path: str) -> Problems:
        written = isinstance(value, str) and re.fullmatch("[1-9][0-9]{0,8}", value)
        if not written or not least <= int(written[0]) <= most:
            yield Problem(path, f'must be a string of an integer, "{least}" to "{most}".')

    return rule


def number(value: object, path: str) -> Problems:
    """A number; JSON's true is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Problem(path, "must be a number.")


def boolean(value: object, path: str) -> Problems:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem(path, "must be true or false.")


def an_array(of: Rule, least: int = 0, most: int | None = None) -> Rule:
    """An array of so many values, each of which keeps a rule."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, list):
            yield Problem(path, "must be an array.")
        elif not _is_within(len(value), least, most):
            yield Problem(path, f"must hold {_range(least, most)} items.")
        else:
            for position, item in enumerate(value):
                yield from of(item, f"{path}[{position}]")

    return rule


def an_object(required: Members, optional: Members = NONE, *, is_open: bool = False) -> Rule:
    """An object with these members, and no other unless it is open."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, dict):
            yield Problem(path, "must be an object.")
            return
        yield from members(value, path, required, optional)
        if not is_open:
            unknown = value.keys() - required.keys() - optional.keys()
            names = sorted({join(path, shown_name(key)) for key in unknown})
            yield from (Problem(name, MISPLACED) for name in names)

    return rule


def members(data: Mapping[str, Any], path: str, required: Members, optional: Members) -> Problems:
    """Judge the members that must be there and those that may be; others are not looked at."""
    for key, rule in required.items():
        if key in data:
            yield from rule(data[key], join(path, key))
        else:
            yield Problem(join(path, key), REQUIRED)
    for key, rule in optional.items():
        if key in data:
            yield from rule(data[key], join(path, key))


def anything(value: object, path: str) -> Problems:
    """An object of the provider's own: nothing is known of it but that it is one."""
    if not isinstance(value, dict):
        yield Problem(path, "must be an object.")
    left: list[object] = [value]
    while left:  # not by recursion, whose depth a request could use up
        match left.pop():
            case dict() as inner:
                left += [*inner.keys(), *inner.values()]
            case list() as inner:
                left += inner
            case str() as text if not is_unicode(text):
                yield Problem(path, "holds half of a surrogate pair.")
                return


def misplaced(_value: object, path: str) -> Problems:
    """What other messages may have, and this one may not."""
    yield Problem(path, MISPLACED)


def join(path: str, key: str) -> str:
    """Return the path of a member."""
    return f"{path}.{key}" if path else key


def either(words: tuple[str, ...]) -> str:
    """Return words as a choice: ``a``, ``a or b``, ``a, b or c``."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _is_within(value: int, least: int, most: int | None) -> bool:
    return least <= value and (most is None or value <= most)


def _length(shortest: int, longest: int | None) -> str:
    if longest is None:
        return "must not be empty." if shortest == 1 else f"must be {shortest} characters or more."
    return f"must be {_range(shortest, longest)} characters."


def _range(least: int, most: int | None) -> str:
    return f"{least} or more" if most is None else f"{least} to {most}"
