"""Rules for JSON values: small ones combine into larger ones.

Call a rule with a value and its path: it yields a :class:`Problem` for everything that is wrong,
named by its path. Both versions of the API are validated with them, v0.1 up to the first problem.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Problem:
    """The path of an invalid parameter, and the reason."""

    name: str
    reason: str


Problems = Iterator[Problem]
Rule = Callable[[object, str], Problems]
Members = Mapping[str, Rule]

NO_MEMBERS: Final[Members] = MappingProxyType({})
REQUIRED: Final = "is required."
MISPLACED: Final = "is not a parameter of this message."

E164: Final = re.compile(r"[1-9][0-9]{6,14}")
SHORT_CODE: Final = re.compile(r"[0-9]{3,6}")
# At least one letter, no space at an end, and only what ASCII and the GSM alphabet share.
SENDER_NAME: Final = re.compile(r"(?=.*[A-Za-z])(?! )[ !-Z_a-z]{1,11}(?<! )")


def an_object(required: Members, optional: Members = NO_MEMBERS, *, is_open: bool = False) -> Rule:
    """An object with these members. Others are allowed only if it is open."""

    def rule(value: object, path: str) -> Problems:
        if isinstance(value, dict):
            yield from members(value, path, required, optional, is_open=is_open)
        else:
            yield Problem(path, "must be an object.")

    return rule


def members(
    data: Mapping[str, Any],
    path: str,
    required: Members,
    optional: Members = NO_MEMBERS,
    *,
    is_open: bool = True,
) -> Problems:
    """Check an object's members: the missing ones, the unknown ones, then the values."""
    missing = required.keys() - data.keys()
    yield from (Problem(join(path, key), REQUIRED) for key in required if key in missing)
    if not is_open:
        unknown = data.keys() - required.keys() - optional.keys()
        names = {join(path, _printable_key(key)): None for key in sorted(unknown)}
        yield from (Problem(name, MISPLACED) for name in names)
    for key, rule in {**required, **optional}.items():
        if key in data:
            yield from rule(data[key], join(path, key))


def an_array(of: Rule, least: int = 0, most: int | None = None) -> Rule:
    """An array of so many values, each of which follows a rule."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, list):
            yield Problem(path, "must be an array.")
        elif not _is_within(len(value), least, most):
            yield Problem(path, f"must hold {_range(least, most)} items.")
        else:
            for position, item in enumerate(value):
                yield from of(item, f"{path}[{position}]")

    return rule


def first_failure(*rules: Rule) -> Rule:
    """Several rules in order: the first that fails ends the check."""

    def rule(value: object, path: str) -> Problems:
        for each in rules:
            problems = [*each(value, path)]
            yield from problems
            if problems:
                return

    return rule


def string(shortest: int = 0, longest: int | None = None) -> Rule:
    """A string of so many characters."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, str):
            yield Problem(path, "must be a string.")
        elif not _is_unicode(value):
            yield Problem(path, "holds half of a surrogate pair.")
        elif not _is_within(len(value), shortest, longest):
            yield Problem(path, _length(shortest, longest))

    return rule


def at_most(longest: int) -> Rule:
    """A string that is not too long."""

    def rule(value: object, path: str) -> Problems:
        if isinstance(value, str) and len(value) > longest:
            yield Problem(path, f"must be at most {longest} characters.")

    return rule


def pattern(reason: str, *patterns: re.Pattern[str]) -> Rule:
    """A string that fully matches one of these patterns; ``reason`` describes them."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, str) or not any(each.fullmatch(value) for each in patterns):
            yield Problem(path, reason)

    return rule


def url(shortest: int = 0, longest: int | None = None) -> Rule:
    """An absolute http or https URL of so many characters."""
    return first_failure(string(shortest, longest), _absolute_url)


def loopback_url(value: object, path: str) -> Problems:
    """An http or https URL on this machine, so that the simulator may call it."""
    if not isinstance(value, str) or not (_is_url(value) and _LOOPBACK_URL.fullmatch(value)):
        yield Problem(
            path, "must be an http or https URL on loopback: the simulator calls no other."
        )


def one_of(*words: str) -> Rule:
    """One of these words."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, str) or value not in words:
            yield Problem(path, f"must be {_either(words)}.")

    return rule


def integer(least: int, most: int | None = None, unit: str = "") -> Rule:
    """An integer from ``least`` to ``most``. JSON's true is not an integer."""

    def rule(value: object, path: str) -> Problems:
        if type(value) is not int or not _is_within(value, least, most):
            yield Problem(path, f"must be an integer, {_range(least, most)}{unit}.")

    return rule


def digits(least: int, most: int) -> Rule:
    """An integer written as a string, without a leading 0."""

    def rule(value: object, path: str) -> Problems:
        match = re.fullmatch("[1-9][0-9]{0,8}", value) if isinstance(value, str) else None
        if match is None or not least <= int(match[0]) <= most:
            yield Problem(path, f'must be a string of an integer, "{least}" to "{most}".')

    return rule


def boolean(value: object, path: str) -> Problems:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem(path, "must be true or false.")


def custom(value: object, path: str) -> Problems:
    """An object in the provider's own format: any object of valid Unicode."""
    if not isinstance(value, dict):
        yield Problem(path, "must be an object.")
    left: list[object] = [value]
    while left:  # not by recursion, whose depth a request could use up
        match left.pop():
            case dict() as inner:
                left += [*inner.keys(), *inner.values()]
            case list() as inner:
                left += inner
            case str() as text if not _is_unicode(text):
                yield Problem(path, "holds half of a surrogate pair.")
                return


def unchecked(_value: object, _path: str) -> Problems:
    """Any value: another step checks it."""
    yield from ()


def misplaced(_value: object, path: str) -> Problems:
    """A parameter of other messages, which this message must not have."""
    yield Problem(path, MISPLACED)


def join(path: str, key: str) -> str:
    """Return the path of a member."""
    return f"{path}.{key}" if path else key


def is_json(content_type: str) -> bool:
    """Whether a Content-Type header announces JSON, with any parameters."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


def decode_json(body: bytes) -> object:
    """Return the value of a body. Raises ValueError if it is not JSON, or nests too deep."""
    try:
        return json.loads(body.decode(), parse_constant=_not_json)
    except RecursionError:
        raise ValueError("the body nests too deep") from None


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


# urlsplit() would drop or mend other characters, so they are refused before.
_URL: Final = re.compile(r"https?://[^\x00-\x20\x7f]+", re.IGNORECASE)
# Nothing before the host and nothing that two readers could take for its end.
_LOOPBACK_URL: Final = re.compile(
    r"https?://(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?(?:[/?#][^\x00-\x20\x7f\\]*)?",
    re.IGNORECASE,
)
_PARAMETER: Final = re.compile(r"[a-z_]{1,40}")


def _absolute_url(value: object, path: str) -> Problems:
    if isinstance(value, str) and not _is_url(value):
        yield Problem(path, "must be an absolute http or https URL.")


def _is_url(value: str) -> bool:
    if not _URL.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # no such port, or an IPv6 address without its end
        return False


def _is_unicode(value: str) -> bool:
    """Whether a text can be encoded: JSON can escape half of a surrogate pair, alone."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable_key(key: str) -> str:
    """Return an unknown key, unless it could be a text or a number that ended up in its place."""
    return key if _PARAMETER.fullmatch(key) else "(an unusual key)"


def _either(words: tuple[str, ...]) -> str:
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
