"""Webhook payloads of v1."""

# Source: the v1 OpenAPI document, x-webhooks.

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django_vonage_messages.simulator.message_data import (
    InboundMessage,
    StatusReport,
    count_segments,
)
from django_vonage_messages.simulator.recorder import AcceptedMessage, Workflow, now
from django_vonage_messages.simulator.reference import MMS, RCS, SMS, VIBER, WHATSAPP
from django_vonage_messages.simulator.responses import ERRORS

USAGE: Final[Mapping[str, str]] = {"currency": "EUR", "price": "0.0333"}
# If Meta charges per message, Vonage reports the price 0.
WHATSAPP_USAGE: Final[Mapping[str, str]] = {"currency": "EUR", "price": "0"}
NETWORK: Final[Mapping[str, str]] = {"network_code": "12345"}
_CANNOT_BE_MARKED_READ: Final = ("reaction", "unsupported")
_DEGREES: Final = {"latitude": "lat", "longitude": "long"}


def simulated_status(
    message: AcceptedMessage, status: str, code: int | None = None, ago: float = 0.0
) -> dict[str, Any]:
    """Return the payload of a status webhook. Its timestamp is ``ago`` seconds in the past."""
    timestamp = _timestamp(now() - timedelta(seconds=ago))
    usage = WHATSAPP_USAGE if message.channel == WHATSAPP.name else USAGE
    report = StatusReport.of(message, status, code, timestamp, usage)
    payload = status_payload(report)
    if message.workflow is not None:
        payload["workflow"] = _workflow(message.workflow)
    if report.channel is WHATSAPP and report.usage is not None:
        payload["whatsapp"] = {"pricing": _pricing(message)}
    if report.channel in (SMS, MMS, RCS):
        payload["destination"] = NETWORK
    if report.channel is SMS:
        payload["sms"] = {"count_total": str(count_segments(message.text))}
    return payload


def status_payload(report: StatusReport) -> dict[str, Any]:
    """Return the payload of a status webhook without members that only some channels have."""
    payload: dict[str, Any] = {
        "message_uuid": report.message_uuid,
        "channel": report.channel.v1_type,
        "to": report.to,
        "from": report.from_,
        "timestamp": report.timestamp,
        "status": report.status,
    }
    if report.error is not None:
        payload["error"] = _error(*report.error)
    if report.client_ref is not None:
        payload["client_ref"] = report.client_ref
    if report.usage is not None:
        payload["usage"] = report.usage
    return payload


def _error(code: str | int, reason: str) -> dict[str, str]:
    return {
        "type": f"{ERRORS}/messages#{code}",
        "title": str(code),
        "detail": reason,
        "instance": uuid.uuid4().hex,
    }


def _workflow(workflow: Workflow) -> dict[str, str]:
    return {
        "workflow_id": workflow.workflow_id,
        "items_number": str(workflow.number),
        "items_total": str(workflow.total),
    }


def _pricing(message: AcceptedMessage) -> dict[str, str]:
    # Meta charges only templates.
    if message.content_type == "template":
        return {"type": "regular", "pricing_model": "PMP", "category": "utility"}
    return {"type": "free_customer_service", "pricing_model": "PMP", "category": "service"}


def simulated_inbound(message: InboundMessage, message_uuid: str, base_url: str) -> dict[str, Any]:
    """Return the payload of an inbound webhook with the current time."""
    usage = USAGE if message.channel is SMS else None
    payload = inbound_payload(message, message_uuid, _timestamp(now()), usage)
    if message.channel in (SMS, MMS):
        payload["origin"] = NETWORK
    if message.channel is WHATSAPP and message.content.get("type") not in _CANNOT_BE_MARKED_READ:
        # the URL for read receipts
        payload["_self"] = {"href": f"{base_url}/v1/messages/{message_uuid}"}
    return {**payload, **message.extra}


def inbound_payload(
    message: InboundMessage,
    message_uuid: str,
    timestamp: str,
    usage: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the payload of an inbound webhook without ``origin`` and ``_self``."""
    payload = {
        "channel": message.channel.v1_type,
        "message_uuid": message_uuid,
        "to": message.to,
        "from": message.from_,
        "timestamp": timestamp,
        **_content(message),
        **_channel_members(message),
    }
    return payload if usage is None else {**payload, "usage": usage}


def _content(message: InboundMessage) -> dict[str, Any]:
    content = dict(message.content)
    content_type = content.pop("type", None)
    if content_type == "location":
        content["location"] = _location(content.get("location"))
    if content_type == "text" and message.channel is SMS:
        return content  # without message_type
    return {"message_type": content_type, **content}


def _location(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    place = {key: each for key, each in value.items() if key not in _DEGREES}
    return {new: _number(value[old]) for old, new in _DEGREES.items() if old in value} | place


def _number(value: object) -> object:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _channel_members(message: InboundMessage) -> dict[str, Any]:
    if message.channel is SMS:
        return {"sms": _sms(message)}
    if message.channel is RCS:
        return {"context_status": "none"}
    if message.channel is WHATSAPP:
        profile = {"profile": {"name": message.profile_name}} if message.profile_name else {}
        return {**profile, **_whatsapp_context(message)}
    if message.channel is VIBER and message.reply_to:
        return {"context": {"message_uuid": message.reply_to}}
    return {}


def _sms(message: InboundMessage) -> dict[str, str]:
    sms = {"num_messages": str(message.num_messages)}
    if words := str(message.content.get("text", "")).split():
        sms["keyword"] = words[0].upper()
    return sms


def _whatsapp_context(message: InboundMessage) -> dict[str, Any]:
    if not message.reply_to:
        return {"context_status": "none"}
    author = message.from_ if message.reply_to_customer else message.to
    context = {"message_uuid": message.reply_to, "message_from": author}
    return {"context_status": "available", "context": context}


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
