"""Webhook payloads of v0.1."""

# Source: the samples in the API reference.

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django_vonage_messages.simulator.message_data import InboundMessage, StatusReport
from django_vonage_messages.simulator.recorder import AcceptedMessage, now
from django_vonage_messages.simulator.reference import SMS

USAGE: Final[Mapping[str, str]] = {"currency": "EUR", "price": "0.0333"}


def simulated_status(
    message: AcceptedMessage, status: str, code: int | None = None, ago: float = 0.0
) -> dict[str, Any]:
    """Return the payload of a status webhook. Its time is ``ago`` seconds in the past."""
    timestamp = _timestamp(now() - timedelta(seconds=ago))
    return status_payload(StatusReport.of(message, status, code, timestamp, USAGE))


def status_payload(report: StatusReport) -> dict[str, Any]:
    """Return the payload of a status webhook."""
    channel = report.channel
    payload: dict[str, Any] = {
        "message_uuid": report.message_uuid,
        "to": {"type": channel.v0_1_type, channel.customer_key: report.to},
        "from": {"type": channel.v0_1_type, channel.sender_key: report.from_},
        "timestamp": report.timestamp,
        "status": report.status,
    }
    if report.error is not None:
        payload["error"] = dict(zip(("code", "reason"), report.error, strict=True))
    if report.usage is not None:
        payload["usage"] = report.usage
    if report.client_ref is not None:
        payload["client_ref"] = report.client_ref
    return payload


def simulated_inbound(message: InboundMessage, message_uuid: str) -> dict[str, Any]:
    """Return the payload of an inbound webhook with the current time."""
    usage = USAGE if message.channel is SMS else None
    return inbound_payload(message, message_uuid, _timestamp(now()), usage)


def inbound_payload(
    message: InboundMessage,
    message_uuid: str,
    timestamp: str,
    usage: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the payload of an inbound webhook."""
    channel = message.channel
    payload: dict[str, Any] = {
        "message_uuid": message_uuid,
        "timestamp": timestamp,
        "to": {"type": channel.v0_1_type, channel.sender_key: message.to},
        "from": {"type": channel.v0_1_type, channel.customer_key: message.from_},
        "message": {"content": message.content},
    }
    if channel is SMS:
        payload["message"]["sms"] = {"num_messages": str(message.num_messages)}
    if usage is not None:
        payload["usage"] = usage
    return payload


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
