"""The webhook bodies of v1. (Source: the v1 OpenAPI document, ``x-webhooks``.)"""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django_vonage_messages.simulator.answers import ERRORS
from django_vonage_messages.simulator.channels import CHANNELS, MMS, RCS, SMS, WHATSAPP, Channel
from django_vonage_messages.simulator.codes import REASONS
from django_vonage_messages.simulator.ledger import Accepted, Workflow, now
from django_vonage_messages.simulator.parts import count_parts

USAGE: Final[Mapping[str, str]] = {"currency": "EUR", "price": "0.0333"}
# Where Meta charges per message, the price that Vonage tells is 0.
WHATSAPP_USAGE: Final[Mapping[str, str]] = {"currency": "EUR", "price": "0"}
NETWORK: Final[Mapping[str, str]] = {"network_code": "12345"}
_KNOW_THE_NETWORK: Final = (SMS, MMS, RCS)


def status_body(message: Accepted, status: str, code: int | None = None, ago: float = 0.0) -> bytes:
    """Return the status webhook of a message, which happened ``ago`` seconds ago; with an error if
    there is a code.
    """
    channel = CHANNELS[message.channel]
    payload: dict[str, Any] = {
        "message_uuid": message.message_uuid,
        "channel": channel.v1,
        "to": message.to,
        "from": message.from_,
        "timestamp": timestamp(now() - timedelta(seconds=ago)),
        "status": status,
    }
    if code is not None:
        payload["error"] = _error(code)
    if message.client_ref is not None:
        payload["client_ref"] = message.client_ref
    if message.workflow is not None:
        payload["workflow"] = _workflow(message.workflow)
    return encode(payload | _of_channel(channel, message, status))


def _error(code: int) -> dict[str, str]:
    """Return an error, whose title is its code."""
    return {
        "type": f"{ERRORS}/messages#{code}",
        "title": str(code),
        "detail": REASONS[code],
        "instance": uuid.uuid4().hex,
    }


def _workflow(workflow: Workflow) -> dict[str, str]:
    return {
        "workflow_id": workflow.workflow_id,
        "items_number": str(workflow.number),
        "items_total": str(workflow.total),
    }


def _of_channel(channel: Channel, message: Accepted, status: str) -> dict[str, Any]:
    """Return what only some channels tell; the usage comes with what the channel charges for."""
    told: dict[str, Any] = {}
    is_charged = status == channel.chargeable
    if is_charged:
        told["usage"] = WHATSAPP_USAGE if channel is WHATSAPP else USAGE
    if is_charged and channel is WHATSAPP:
        told["whatsapp"] = {"pricing": _pricing(message)}
    if channel in _KNOW_THE_NETWORK:
        told["destination"] = NETWORK
    if channel is SMS:
        told["sms"] = {"count_total": str(count_parts(message.text))}
    return told


def _pricing(message: Accepted) -> dict[str, str]:
    """Return Meta's side of it: a template is charged, an answer to a customer is free."""
    if message.content_type == "template":
        return {"type": "regular", "pricing_model": "PMP", "category": "utility"}
    return {"type": "free_customer_service", "pricing_model": "PMP", "category": "service"}


def timestamp(moment: datetime) -> str:
    """Return a time as v1 writes it: in seconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def encode(payload: Mapping[str, Any]) -> bytes:
    """Return a body's bytes."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
