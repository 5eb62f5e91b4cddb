"""The bodies of Vonage's webhooks in the form of each version, of the same facts.

(Sources: the OpenAPI documents of v0.1 and v1, ``MessageStatus``, ``inbound-message`` and
``x-webhooks``.)
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from django_vonage_messages.protocol.channels import RCS, SMS, WHATSAPP, Channel

_ERROR_TYPE: Final = "https://developer.vonage.com/api-errors/messages"
_DEGREES: Final = {"latitude": "lat", "longitude": "long"}


@dataclass(frozen=True)
class Facts:
    """What every webhook says. ``usage`` is written alike in every version."""

    channel: Channel
    message_uuid: str
    timestamp: str
    theirs: str
    ours: str
    usage: dict[str, str] | None = None


@dataclass(frozen=True)
class StatusFacts(Facts):
    """A message on its way from us to a customer. ``error`` is its code and the words for it."""

    status: str = ""
    client_ref: str = ""
    error: tuple[str | int, str] | None = None


@dataclass(frozen=True)
class InboundFacts(Facts):
    """A customer's message; ``content`` has a ``type``, and what belongs to it by v0.1's names."""

    content: Mapping[str, Any] = field(default_factory=dict)
    num_messages: int = 1
    contact_name: str = ""


@dataclass(frozen=True)
class Form:
    """How a version writes its two webhooks."""

    status: Callable[[StatusFacts], dict[str, Any]]
    inbound: Callable[[InboundFacts], dict[str, Any]]


def _status_v0_1(facts: StatusFacts) -> dict[str, Any]:
    error = facts.error
    body = {
        "message_uuid": facts.message_uuid,
        "to": _theirs(facts),
        "from": _ours(facts),
        "timestamp": facts.timestamp,
        "status": facts.status,
        "error": None if error is None else {"code": error[0], "reason": error[1]},
        "usage": facts.usage,
        "client_ref": facts.client_ref,
    }
    return _without_absent(body)


def _inbound_v0_1(facts: InboundFacts) -> dict[str, Any]:
    message: dict[str, Any] = {"content": dict(facts.content)}
    if facts.channel == SMS:
        message["sms"] = {"num_messages": str(facts.num_messages)}
    body = {
        "message_uuid": facts.message_uuid,
        "timestamp": facts.timestamp,
        "to": _ours(facts),
        "from": _theirs(facts),
        "message": message,
        "usage": facts.usage,
    }
    return _without_absent(body)


def _status_v1(facts: StatusFacts) -> dict[str, Any]:
    body = {
        "message_uuid": facts.message_uuid,
        "channel": facts.channel.v1_type,
        "to": facts.theirs,
        "from": facts.ours,
        "timestamp": facts.timestamp,
        "status": facts.status,
        "error": None if facts.error is None else _error_v1(*facts.error),
        "usage": facts.usage,
        "client_ref": facts.client_ref,
    }
    return _without_absent(body)


def _inbound_v1(facts: InboundFacts) -> dict[str, Any]:
    body = {
        "channel": facts.channel.v1_type,
        "message_uuid": facts.message_uuid,
        "to": facts.ours,
        "from": facts.theirs,
        "timestamp": facts.timestamp,
        **_content_v1(facts),
        **_of_channel_v1(facts),
        "usage": facts.usage,
    }
    return _without_absent(body)


def _content_v1(facts: InboundFacts) -> dict[str, Any]:
    """An inbound SMS has no ``message_type`` (the schema ``inboundMessageSMS``), a location has
    numbers of other names, and several files are told by the first of them.
    """
    said = dict(facts.content)
    kind = said.pop("type", None)
    if kind == "text" and facts.channel == SMS:
        return said
    if kind == "location" and isinstance(said.get("location"), Mapping):
        said["location"] = _location_v1(said["location"])
    if kind == "content" and said.get("content"):
        first = dict(said["content"][0])
        kind = first.pop("type")
        said[kind] = first
    return {"message_type": kind, **said}


def _location_v1(place: Mapping[str, Any]) -> dict[str, Any]:
    return {
        _DEGREES.get(name, name): float(value) if name in _DEGREES else value
        for name, value in place.items()
    }


def _of_channel_v1(facts: InboundFacts) -> dict[str, Any]:
    if facts.channel == SMS:
        words = str(facts.content.get("text", "")).split()
        keyword = {"keyword": words[0].upper()} if words else {}
        return {"sms": {"num_messages": str(facts.num_messages), **keyword}}
    if facts.channel == WHATSAPP:
        profile = {"name": facts.contact_name} if facts.contact_name else None
        return {"profile": profile, "context_status": "none"}
    return {"context_status": "none"} if facts.channel == RCS else {}


def _error_v1(code: str | int, reason: str) -> dict[str, str]:
    return {
        "type": f"{_ERROR_TYPE}#{code}",
        "title": str(code),
        "detail": reason,
        "instance": secrets.token_hex(16),
    }


def _theirs(facts: Facts) -> dict[str, str]:
    return {"type": facts.channel.v0_1_type, facts.channel.customer_address_type: facts.theirs}


def _ours(facts: Facts) -> dict[str, str]:
    return {"type": facts.channel.v0_1_type, facts.channel.sender_address_type: facts.ours}


def _without_absent(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {"v0.1": Form(_status_v0_1, _inbound_v0_1), "v1": Form(_status_v1, _inbound_v1)}
)
