"""Checks of single values, such as URLs and latitudes.

Some checks yield a sentence for each problem of a value. The sentences are for developers, and
never contain the value.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from django_vonage_messages.protocol.sanitize import MAX_DEPTH, load_object, sanitize_text

DEGREES: Final = {"latitude": 90, "longitude": 180}
"""Maximum absolute values, in degrees."""

# RFC 3986 allows no space, no double quote, and none of <>\^`{|}
_URL_CHARACTERS: Final = re.compile(r"[!#-;=?-\[\]_a-z~%]+")


def url_problems(value: object, name: str = "url") -> Iterator[str]:
    """Yield the problems of an http or https URL."""
    if not isinstance(value, str):
        yield f"The {name} must be a str."
    elif not _URL_CHARACTERS.fullmatch(value):
        yield f"The {name} must be ASCII without spaces. Percent-encode all other characters."
    elif not _is_absolute(value):
        yield (
            f"The {name} must begin with https:// or http://, have a host, and have no password."
        )


def object_problems(value: object, name: str) -> Iterator[str]:
    """Yield the problems of a dict that becomes JSON."""
    if not isinstance(value, dict) or not value:
        yield f"The {name} must be a dict and not empty."
    elif not _is_json(value):
        yield f"The {name} must contain JSON values only, nested at most {MAX_DEPTH} levels deep."
    elif not _has_text_keys(value):
        yield (
            f"The keys of the {name} must be str at every depth. The keys of each object must "
            "still differ when stored: characters that cannot be stored become U+FFFD."
        )


def is_one_of(value: object, choices: Sequence[str]) -> bool:
    return isinstance(value, str) and value in choices


def is_degrees(value: object, maximum: int) -> bool:
    """Return whether ``value`` is a number of degrees from -``maximum`` to ``maximum``."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return False
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return False
    return math.isfinite(degrees) and abs(degrees) <= maximum


def _is_absolute(url: str) -> bool:
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return False
    return (
        split.scheme in {"http", "https"}
        and bool(split.hostname)
        and port != 0
        and "@" not in split.netloc
    )


def _has_text_keys(value: Any) -> bool:
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
