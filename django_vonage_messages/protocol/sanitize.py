"""Sanitising of received text and JSON for the database."""

import json
import re
from typing import Any, Final, NoReturn

MAX_DEPTH: Final = 20
"""Maximum nesting of arrays and objects. MariaDB's JSON functions stop at 32 levels."""

# PostgreSQL refuses NUL. UTF-8 does not allow lone surrogates.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Control characters and direction marks. Zero-width joiners stay: some scripts need them."""


class UnusableBody(ValueError):
    """The body of a webhook is invalid, or a required member is missing."""


def sanitize_text(value: str, limit: int | None = None) -> str:
    """Replace characters that databases cannot store, then cut the text."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)[:limit]


def display_name(name: str, limit: int) -> str:
    """Return a name as one line of visible characters."""
    # Customers choose their names. A name could contain line breaks, or a character that reverses
    # the rest of a line (Unicode TR 36, "Bidirectional Text Spoofing").
    return " ".join(_INVISIBLE.sub("", name).split())[:limit].rstrip()


def sanitize(value: Any) -> Any:
    """Return a copy of JSON data without characters that databases cannot store."""
    if isinstance(value, str):
        return sanitize_text(value)
    if isinstance(value, list | tuple):  # JSON has no tuples
        return [sanitize(item) for item in value]
    if isinstance(value, dict):
        return {sanitize_text(str(key)): sanitize(item) for key, item in value.items()}
    return value


def load_object(body: bytes) -> dict[str, Any]:
    """Parse and sanitize a JSON object. Raises UnusableBody."""
    try:
        # ValueError: not JSON, not UTF-8, nested too deep, NaN, or a number of thousands of digits
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
    level = [data]  # a recursive function could exceed Python's recursion limit
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise ValueError("nested too deep")


def _children(node: Any) -> list[Any]:
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [value for value in values if isinstance(value, dict | list)]


def _refuse(constant: str) -> NoReturn:
    # Python reads NaN and Infinity, but databases cannot store them.
    raise ValueError(f"{constant} is not JSON")
