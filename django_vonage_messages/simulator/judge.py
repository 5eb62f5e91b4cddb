"""What the API takes: a request body is an SMS as the v0.1 reference describes it, or a 400.

This is an independent reading of the reference. It must never call the code that this package
builds its requests with, or both could be wrong together unseen.
"""

import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from django_vonage_messages.simulator.answers import invalid

LONGEST_TEXT: Final = 1000
LONGEST_CLIENT_REF: Final = 40
_E164: Final = re.compile(r"[1-9][0-9]{6,14}")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,6}")
# At least one letter, no space at an end, and only what ASCII and the GSM alphabet share.
_NAME: Final = re.compile(r"(?=.*[A-Za-z])(?! )[ !-Z_a-z]{1,11}(?<! )")
_PARAMETER: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Sms:
    """An SMS that the API takes; ``client_ref`` is None where the request has none."""

    to: str = field(repr=False)
    from_: str = field(repr=False)
    text: str = field(repr=False)
    client_ref: str | None = None


def judge(content_type: str, body: bytes) -> Sms:
    """Return the SMS that a request asks for. Raises ApiError (400) naming the first problem."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise invalid("The Content-Type must be application/json.")
    data = _members(_load(body), "", {"to", "from", "message"}, {"client_ref"})
    to, from_ = _address(data["to"], "to"), _address(data["from"], "from")
    if not _E164.fullmatch(to):
        raise invalid("to.number must be 7 to 15 digits in E.164, without + or a leading 0.")
    if not _is_sender(from_):
        raise invalid("from.number must be E.164, a short code, or a name of up to 11 characters.")
    return Sms(to, from_, _text(data["message"]), _client_ref(data))


def _load(body: bytes) -> object:
    try:
        return json.loads(body.decode(), parse_constant=_not_json)
    except (ValueError, RecursionError):
        raise invalid("The request body is not valid JSON.") from None


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _members(
    value: object,
    path: str,
    required: AbstractSet[str],
    optional: AbstractSet[str] = frozenset(),
) -> Mapping[str, Any]:
    name = path or "The body"
    if not isinstance(value, dict):
        raise invalid(f"{name} must be an object.")
    for key in sorted(required - value.keys()):
        raise invalid(f"{_join(path, key)} is missing.")
    for key in sorted(value.keys() - required - optional):
        raise invalid(f"{_join(path, _named(key))} is not a parameter of an SMS.")
    return value


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _named(key: str) -> str:
    """Return an unknown key, unless it could be a text or a number that ended up in its place."""
    return key if _PARAMETER.fullmatch(key) else "(an unusual key)"


def _address(value: object, path: str) -> str:
    if isinstance(value, dict) and value.get("type") != "sms":
        raise invalid(f"{path}.type must be sms: this simulator speaks SMS only so far.")
    return _string(_members(value, path, {"type", "number"}), path, "number")


def _is_sender(value: str) -> bool:
    return any(form.fullmatch(value) for form in (_E164, _SHORT_CODE, _NAME))


def _text(message: object) -> str:
    content = _members(message, "message", {"content"})["content"]
    if isinstance(content, dict) and content.get("type") != "text":
        raise invalid("message.content.type must be text.")
    members = _members(content, "message.content", {"type", "text"})
    text = _string(members, "message.content", "text")
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise invalid(f"message.content.text must be 1 to {LONGEST_TEXT} characters.")
    return text


def _client_ref(data: Mapping[str, Any]) -> str | None:
    if "client_ref" not in data:
        return None
    client_ref = _string(data, "", "client_ref")
    if len(client_ref) > LONGEST_CLIENT_REF:
        raise invalid(f"client_ref must be at most {LONGEST_CLIENT_REF} characters.")
    return client_ref


def _string(data: Mapping[str, Any], path: str, key: str) -> str:
    value = data[key]
    if not isinstance(value, str):
        raise invalid(f"{_join(path, key)} must be a string.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise invalid(f"{_join(path, key)} holds half of a surrogate pair.") from None
    return value
