"""Sanitising of received text and JSON, so that every database can store and every page show it.

PostgreSQL refuses NUL in text and lone surrogates cannot be encoded; both become U+FFFD. JSON's
``NaN`` and ``Infinity`` are Python extensions that databases refuse, so they are refused here.
"""

import json
import re
from typing import Any, Final, NoReturn

MAX_DEPTH: Final = 20
"""How deep arrays and objects may nest. MariaDB's JSON functions give up beyond 32 levels."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Control characters and direction overrides; joiners between letters stay."""


class UnusableBody(ValueError):
    """The body is not a JSON object that can be stored."""


def sanitize_text(value: str, limit: int | None = None) -> str:
    """Return ``value`` with unstorable characters replaced, cut to ``limit`` characters."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)[:limit]


def display_name(name: str, limit: int) -> str:
    """Return a name as one line of at most ``limit`` characters, without invisible characters.

    A customer chooses this name freely: it could contain line breaks, or an override that reverses
    the rest of a line (Unicode TR 36, "Bidirectional Text Spoofing").
    """
    return " ".join(_INVISIBLE.sub("", name).split())[:limit].rstrip()


def sanitize(value: Any) -> Any:
    """Return JSON data with every string, keys included, made storable."""
    if isinstance(value, str):
        return sanitize_text(value)
    if isinstance(value, list | tuple):  # JSON knows lists alone
        return [sanitize(item) for item in value]
    if isinstance(value, dict):
        return {sanitize_text(str(key)): sanitize(item) for key, item in value.items()}
    return value


def load_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object into storable data.

    Raises UnusableBody for anything else: other JSON, bad encoding, NaN, numbers of thousands of
    digits, nesting deeper than MAX_DEPTH.
    """
    try:
        data = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
        _check_depth(data)
        data = sanitize(data)
        json.dumps(data, allow_nan=False)
    except (ValueError, RecursionError) as exc:
        raise UnusableBody(f"not usable as JSON ({type(exc).__name__})") from exc
    if not isinstance(data, dict):
        raise UnusableBody("not a JSON object")
    return data


def _check_depth(data: Any) -> None:
    """Raise ValueError where arrays and objects nest too deep, without recursing."""
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise ValueError("nested too deep")


def _children(node: Any) -> list[Any]:
    """Return the arrays and objects that are directly in an array or object."""
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [value for value in values if isinstance(value, dict | list)]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
