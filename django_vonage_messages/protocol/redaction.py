"""Redaction of numbers, addresses and secrets in error texts."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

MAX_LENGTH: Final = 500
"""Default maximum length of a redacted text, in characters."""

_MIN_QUOTED_LENGTH: Final = 4  # shorter texts occur in many sentences by chance
_ENUM_KEYS: Final = frozenset(
    {
        "action",
        "card_orientation",
        "card_width",
        "category",
        "encoding_type",
        "image_alignment",
        "locale",
        "media_height",
        "policy",
        "tag",
        "type",
        "view_mode",
        "webhook_version",
    }
)
_MAX_INPUT: Final = 20_000  # limits the run time; the result is shorter anyway

_PEM: Final = re.compile(r"-----BEGIN [^-\n]{0,40}-----.*?(?:-----END [^-\n]{0,40}-----|\Z)", re.S)
_URL: Final = re.compile(r"(?<![A-Za-z])([A-Za-z][A-Za-z0-9+.\-]{0,30})://([^\s<>\"]+)")
_CREDENTIALS: Final = re.compile(r"\b(bearer|basic)\s{1,5}[^\s\"',;]+", re.I)
_KEY_VALUE: Final = re.compile(
    r"((?:secret|passw(?:or)?d|passphrase|token|authorization|api_?key|private_?key|signature|\bsig\b)"
    r"\w{0,20}\\?[\"']?\s{0,3}[=:]\s{0,3})"
    r"(?!\[token\]|(?:bearer|basic)\s)"
    r"(\\?\"(?:[^\"\\]|\\.)*+(?:\"|\Z)|\\?'(?:[^'\\]|\\.)*+(?:'|\Z)|[^\s\"',;&]+)",
    re.I | re.S,
)
_JWT: Final = re.compile(
    r"eyJ[\w\-]{8,}+(?:\.[\w\-]*+)*+|(?<![\w\-])[\w\-]{16,}+(?:\.[\w\-]{16,}+){2,}"
)
_NOT_IN_EMAIL: Final = r"\s@<>()\[\],;:\"'=/"
_EMAIL: Final = re.compile(
    rf"(?<![^{_NOT_IN_EMAIL}])[^{_NOT_IN_EMAIL}]++(?:@[^{_NOT_IN_EMAIL}]++)+"
)
# UUIDs and the IDs of API errors (``instance``, 32 hex digits) stay: logs need them.
_IDENTIFIER: Final = re.compile(
    r"(?<![^\W_])([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<!-)[0-9a-f]{32}(?!-))(?![^\W_])",
    re.I,
)
_NUMBER: Final = re.compile(
    r"\+?\d(?:[ \t./()\[\]\-\xa0\xad\u2000-\u2015\u202a-\u202f\u2060-\u2069\u2212\ufeff]{0,3}"
    r"\d){6,}"
)


def redact(text: str, limit: int = MAX_LENGTH) -> str:
    """Mask the phone numbers, email addresses and secrets in ``text``, then shorten it.

    Call ``remove_texts()`` first if ``text`` can quote a message.
    """
    # limit must be at least 1
    text = _PEM.sub("[key]", text[:_MAX_INPUT])
    text = _URL.sub(_bare_url, text)
    text = _CREDENTIALS.sub(r"\1 [token]", text)
    text = _KEY_VALUE.sub(r"\1[secret]", text)
    text = _JWT.sub("[token]", text)
    text = mask_numbers(_EMAIL.sub("[email]", text))
    if len(text) <= limit:
        return text
    return mask_numbers(text[: limit - 1]) + "…"  # a UUID that was cut looks like a number


def one_line(text: str) -> str:
    """Return the text with a space in place of line ends and other white space."""
    return " ".join(text.split())


def _bare_url(url: re.Match[str]) -> str:
    scheme, rest = url.groups()
    address, query, dropped = rest.partition("?")
    if "@" in dropped and "/" not in address:
        address = ""  # may be the first part of a password that contains "?"
    return f"{scheme}://{address.rpartition('@')[2]}{'?…' if query else ''}"


def strings_in(value: Any) -> Iterator[str]:
    """Yield the strings in JSON data, except the values of keys such as ``type`` and ``locale``."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if not (key in _ENUM_KEYS and isinstance(each, str)):
                yield from strings_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings_in(each)


def remove_texts(text: str, quotable: Iterable[str]) -> str:
    """Replace the texts in ``quotable`` with "[text]" wherever ``text`` contains them."""
    for quoted in sorted({each.strip() for each in quotable}, key=len, reverse=True):
        if len(quoted) >= _MIN_QUOTED_LENGTH:
            for written in (  # as it is, and in both JSON-escaped forms
                quoted,
                json.dumps(quoted)[1:-1],
                json.dumps(quoted, ensure_ascii=False)[1:-1],
            ):
                text = text.replace(written, "[text]")
    return text


def mask_numbers(text: str) -> str:
    """Replace each character of a possible phone number with "•"."""
    parts = _IDENTIFIER.split(text)
    parts[::2] = [_NUMBER.sub(lambda number: "•" * len(number[0]), part) for part in parts[::2]]
    return "".join(parts)
