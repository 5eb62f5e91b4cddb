"""The webhook bodies of v0.1, in the shape of the reference's samples."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django_vonage_messages.simulator.channels import CHANNELS, SMS, Channel
from django_vonage_messages.simulator.codes import REASONS
from django_vonage_messages.simulator.ledger import Accepted, now

USAGE: Final[Mapping[str, str]] = {"currency": "EUR", "price": "0.0333"}


def status_body(message: Accepted, status: str, code: int | None = None, ago: float = 0.0) -> bytes:
    """Return the status webhook of a message, which happened ``ago`` seconds ago; with an error if
    there is a code.

    The usage comes with the event that the channel charges for.
    """
    channel = CHANNELS[message.channel]
    payload: dict[str, Any] = {
        "message_uuid": message.message_uuid,
        "to": {"type": channel.wire, channel.theirs: message.to},
        "from": {"type": channel.wire, channel.ours: message.from_},
        "timestamp": _timestamp(now() - timedelta(seconds=ago)),
        "status": status,
    }
    if code is not None:
        payload["error"] = {"code": code, "reason": REASONS[code]}
    if status == channel.chargeable:
        payload["usage"] = USAGE
    if message.client_ref is not None:
        payload["client_ref"] = message.client_ref
    return _encode(payload)


def inbound_body(
    message_uuid: str,
    channel: Channel,
    content: Mapping[str, Any],
    from_: str,
    to: str,
    num_messages: int,
) -> bytes:
    """Return the inbound webhook of a message that a customer sends now.

    Here the customer's address is ``from``, with the key that it has as ``to`` of what the site
    sends. Only an SMS says in how many parts it came, and what it cost.
    """
    payload: dict[str, Any] = {
        "message_uuid": message_uuid,
        "timestamp": _timestamp(now()),
        "to": {"type": channel.wire, channel.ours: to},
        "from": {"type": channel.wire, channel.theirs: from_},
        "message": {"content": content},
    }
    if channel is SMS:
        payload["message"]["sms"] = {"num_messages": str(num_messages)}
        payload["usage"] = USAGE
    return _encode(payload)


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _encode(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
