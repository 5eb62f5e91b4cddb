"""Rules that validate the JSON of requests."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Problem:
    """An invalid parameter of a request."""

    name: str  # the path, such as ``image.url``
    reason: str


Problems = Iterator[Problem]
Rule = Callable[[object, str], Problems]  # called with a value and its path
Members = Mapping[str, Rule]

NO_MEMBERS: Final[Members] = MappingProxyType({})
REQUIRED: Final = "is required."
MISPLACED: Final = "is not a parameter of this message."

E164: Final = re.compile(r"[1-9][0-9]{6,14}")
SHORT_CODE: Final = re.compile(r"[0-9]{3,6}")
# At least one letter, no space at either end, only characters that ASCII and GSM both have.
SENDER_NAME: Final = re.compile(r"(?=.*[A-Za-z])(?! )[ !-Z_a-z]{1,11}(?<! )")


def an_object(required: Members, optional: Members = NO_MEMBERS, *, is_open: bool = False) -> Rule:
    """Return a rule for an object. An open object can have unknown members."""

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
    """Check the members of a JSON object. An open object can have unknown members."""
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
    """Return a rule for an array of ``least`` to ``most`` items."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, list):
            yield Problem(path, "must be an array.")
        elif not _is_within(len(value), least, most):
            yield Problem(path, f"must have {_range(least, most)} items.")
        else:
            for position, item in enumerate(value):
                yield from of(item, f"{path}[{position}]")

    return rule


def first_failure(*rules: Rule) -> Rule:
    """Return a rule that applies rules in order until one fails."""

    def rule(value: object, path: str) -> Problems:
        for each in rules:
            problems = [*each(value, path)]
            yield from problems
            if problems:
                return

    return rule


def string(shortest: int = 0, longest: int | None = None) -> Rule:
    """Return a rule for a string whose length is from ``shortest`` to ``longest``."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, str):
            yield Problem(path, "must be a string.")
        elif not _is_unicode(value):
            yield Problem(path, "contains half of a surrogate pair.")
        elif not _is_within(len(value), shortest, longest):
            yield Problem(path, _length(shortest, longest))

    return rule


def at_most(longest: int) -> Rule:
    """Return a rule for the maximum length of a string."""

    def rule(value: object, path: str) -> Problems:
        if isinstance(value, str) and len(value) > longest:
            yield Problem(path, f"must be at most {longest} characters.")

    return rule


def pattern(reason: str, *patterns: re.Pattern[str]) -> Rule:
    """Return a rule for a string that fully matches one of the patterns."""

    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, str) or not any(each.fullmatch(value) for each in patterns):
            yield Problem(path, reason)

    return rule


def url(shortest: int = 0, longest: int | None = None) -> Rule:
    """Return a rule for an absolute http or https URL."""
    return first_failure(string(shortest, longest), _absolute_url)


def loopback_url(value: object, path: str) -> Problems:
    """Require an http or https URL on this machine."""
    if not isinstance(value, str) or not (_is_url(value) and _LOOPBACK_URL.fullmatch(value)):
        yield Problem(
            path, "must be an http or https URL on loopback: the simulator calls no other host."
        )


def one_of(*words: str) -> Rule:
    def rule(value: object, path: str) -> Problems:
        if not isinstance(value, str) or value not in words:
            yield Problem(path, f"must be {_either(words)}.")

    return rule


def integer(least: int, most: int | None = None, unit: str = "") -> Rule:
    """Return a rule for an integer from ``least`` to ``most``."""

    def rule(value: object, path: str) -> Problems:
        # A bool is an instance of int, but not allowed.
        if type(value) is not int or not _is_within(value, least, most):
            yield Problem(path, f"must be an integer, {_range(least, most)}{unit}.")

    return rule


def digits(least: int, most: int) -> Rule:
    """Return a rule for a string of digits, such as "60"."""

    def rule(value: object, path: str) -> Problems:
        match = re.fullmatch("[1-9][0-9]{0,8}", value) if isinstance(value, str) else None
        if match is None or not least <= int(match[0]) <= most:
            yield Problem(path, f'must be an integer in a string, "{least}" to "{most}".')

    return rule


def boolean(value: object, path: str) -> Problems:
    if not isinstance(value, bool):
        yield Problem(path, "must be true or false.")


def custom(value: object, path: str) -> Problems:
    """Require an object. It can have any members, or none."""
    if not isinstance(value, dict):
        yield Problem(path, "must be an object.")
    left: list[object] = [value]
    while left:  # no recursion: a request could exceed Python's limit
        match left.pop():
            case dict() as inner:
                left += [*inner.keys(), *inner.values()]
            case list() as inner:
                left += inner
            case str() as text if not _is_unicode(text):
                yield Problem(path, "contains half of a surrogate pair.")
                return


def unchecked(_value: object, _path: str) -> Problems:
    """Report no problem for any value. Used if another rule checks the value."""
    yield from ()


def misplaced(_value: object, path: str) -> Problems:
    """Reject a parameter that the message must not have."""
    yield Problem(path, MISPLACED)


def join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def is_json(content_type: str) -> bool:
    """Return whether a Content-Type header means JSON."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


def decode_json(body: bytes) -> object:
    """Decode a JSON body, or raise ValueError."""
    try:
        return json.loads(body.decode(), parse_constant=_not_json)
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


# Reject control characters and spaces here: urlsplit() would drop or replace them.
_URL: Final = re.compile(r"https?://[^\x00-\x20\x7f]+", re.IGNORECASE)
# No user info before the host, and no backslash: parsers disagree about the end of the host.
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
    except ValueError:  # an invalid port, or an unclosed IPv6 address
        return False


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _printable_key(key: str) -> str:
    # Other keys could be a phone number or the text of a message.
    return key if _PARAMETER.fullmatch(key) else "(an unusual key)"


def _either(words: tuple[str, ...]) -> str:
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
