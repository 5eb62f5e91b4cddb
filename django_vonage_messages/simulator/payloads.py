"""The webhook bodies of v0.1, in the shape of the reference's samples."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django_vonage_messages.simulator.codes import REASONS
from django_vonage_messages.simulator.ledger import Accepted, now

USAGE: Final[Mapping[str, str]] = {"currency": "EUR", "price": "0.0333"}
CHARGEABLE: Final = "submitted"


def status_body(message: Accepted, status: str, code: int | None = None, ago: float = 0.0) -> bytes:
    """Return the status webhook of a message, which happened ``ago`` seconds ago; with an error if
    there is a code.

    The usage comes with the chargeable event, which for an SMS is its submission.
    """
    payload: dict[str, Any] = {
        "message_uuid": message.message_uuid,
        "to": {"type": "sms", "number": message.to},
        "from": {"type": "sms", "number": message.from_},
        "timestamp": _timestamp(now() - timedelta(seconds=ago)),
        "status": status,
    }
    if code is not None:
        payload["error"] = {"code": code, "reason": REASONS[code]}
    if status == CHARGEABLE:
        payload["usage"] = USAGE
    if message.client_ref is not None:
        payload["client_ref"] = message.client_ref
    return _encode(payload)


def inbound_body(message_uuid: str, text: str, from_: str, to: str, num_messages: int) -> bytes:
    """Return the inbound webhook of a text that a customer sends now."""
    return _encode(
        {
            "message_uuid": message_uuid,
            "timestamp": _timestamp(now()),
            "to": {"type": "sms", "number": to},
            "from": {"type": "sms", "number": from_},
            "message": {
                "content": {"type": "text", "text": text},
                "sms": {"num_messages": str(num_messages)},
            },
            "usage": USAGE,
        }
    )


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _encode(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
