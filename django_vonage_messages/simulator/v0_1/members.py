"""The members of a JSON object: which there must be, which there may be, and of which type."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from django_vonage_messages.simulator.answers import invalid
from django_vonage_messages.simulator.forms import is_unicode, shown_name


def members(
    value: object,
    path: str,
    required: AbstractSet[str],
    optional: AbstractSet[str] = frozenset(),
) -> Mapping[str, Any]:
    """Return an object with these members and no other. ``path`` is "" for the whole body. Raises
    ApiError.
    """
    found = an_object(value, path)
    for key in sorted(required - found.keys()):
        raise invalid(f"{join(path, key)} is missing.")
    for key in sorted(found.keys() - required - optional):
        raise invalid(f"{join(path, shown_name(key))} is not a parameter of this message.")
    return found


def an_object(value: object, path: str) -> Mapping[str, Any]:
    """Return an object. Raises ApiError."""
    if not isinstance(value, dict):
        raise invalid(f"{path or 'The body'} must be an object.")
    return value


def string(data: Mapping[str, Any], path: str, key: str, shortest: int = 0) -> str:
    """Return a member that is a string of at least ``shortest`` characters. Raises ApiError."""
    return a_string(data[key], join(path, key), shortest)


def a_string(value: object, path: str, shortest: int = 0) -> str:
    """Return a string of at least ``shortest`` characters. Raises ApiError."""
    if not isinstance(value, str):
        raise invalid(f"{path} must be a string.")
    if len(value) < shortest:
        raise invalid(f"{path} must not be empty.")
    check_unicode(value, path)
    return value


def check_unicode(value: str, path: str) -> None:
    """Raise ApiError for a string that JSON can escape but no encoding can write."""
    if not is_unicode(value):
        raise invalid(f"{path} holds half of a surrogate pair.")


def one_of(data: Mapping[str, Any], path: str, key: str, allowed: Collection[str]) -> str:
    """Return a member that is one of these words. Raises ApiError."""
    value = data[key]
    if not isinstance(value, str) or value not in allowed:
        raise invalid(f"{join(path, key)} must be {either(allowed)}.")
    return value


def either(words: Collection[str]) -> str:
    """Return words as a choice: ``a``, ``a or b``, ``a, b or c``."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def join(path: str, key: str) -> str:
    """Return the path of a member."""
    return f"{path}.{key}" if path else key
