"""Parsing of v0.1 webhooks, and of workflow statuses of Vonage's Dispatch API."""

from typing import Any

from django_vonage_messages.protocol.channels import SMS, Channel, get_channel
from django_vonage_messages.protocol.content_summary import text_of
from django_vonage_messages.protocol.sanitize import UnusableBody
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.protocol.webhook_payloads import (
    InboundPayload,
    StatusPayload,
    WebhookPayload,
    WorkflowPayload,
    normalize_status,
    parse_charge,
    parse_count,
    parse_timestamp,
    read_address,
    read_object,
    read_text,
    read_uuid,
)

_TYPE_LENGTH = 32


def parse(data: dict[str, Any]) -> WebhookPayload:
    """Parse any webhook of v0.1. Raises UnusableBody."""
    # The URL of the webhook shows nothing: the two URLs can be swapped in the Vonage dashboard.
    if "dispatch_uuid" in data and "message_uuid" not in data:
        return parse_workflow(data)
    if "status" in data:
        return parse_status(data)
    if "message" in data:
        return parse_inbound(data)
    raise UnusableBody("neither a message status nor an inbound message")


def parse_status(data: dict[str, Any]) -> StatusPayload:
    """Parse a message status. Raises UnusableBody."""
    channel = _channel(data, "to")
    address_types = channel or SMS
    status = read_text(data, "status")
    if not status:
        raise UnusableBody("status is missing or not text")
    return StatusPayload(
        message_uuid=read_uuid(data),
        status=normalize_status(status),
        channel=channel.name if channel else "",
        to=read_address(data, "to", address_types.customer_address_type),
        sender=read_address(data, "from", address_types.sender_address_type),
        timestamp=read_text(data, "timestamp"),
        occurred_at=parse_timestamp(data.get("timestamp")),
        client_ref=read_text(data, "client_ref")[:100],
        error=_error(read_object(data, "error")),
        charge=parse_charge(data),
        raw=data,
    )


def _error(error: dict[str, Any]) -> ErrorInfo:
    reason = read_text(error, "reason")
    detail = reason[:2000] if len(reason) > 200 else ""  # the title has 200 characters
    return ErrorInfo(read_text(error, "code")[:32], reason[:200], detail)


def parse_inbound(data: dict[str, Any]) -> InboundPayload:
    """Parse an inbound message. Raises UnusableBody."""
    channel = _channel(data, "from")
    if channel is None:
        raise UnusableBody("from.type is missing or unknown")
    message = read_object(data, "message")
    content = read_object(message, "content")
    to, sender = (
        read_address(data, "to", channel.sender_address_type),
        read_address(data, "from", channel.customer_address_type),
    )
    if not to or not sender:
        raise UnusableBody("to or from has no usable address")
    content_type = read_text(content, "type")[:_TYPE_LENGTH] or "unknown"
    members = {key: value for key, value in content.items() if key != "type"}
    return InboundPayload(
        message_uuid=read_uuid(data),
        channel=channel.name,
        to=to,
        sender=sender,
        occurred_at=parse_timestamp(data.get("timestamp")),
        content_type=content_type,
        text=text_of(content_type, members),
        content=members,
        segments=parse_count(read_object(message, "sms").get("num_messages")),
        charge=parse_charge(data),
        raw=data,
    )


def parse_workflow(data: dict[str, Any]) -> WorkflowPayload:
    """Parse the status of a workflow of Vonage's Dispatch API."""
    # Source: developer.vonage.com, "Send an SMS with failover". The messages of the workflow have
    # their own status webhooks.
    return WorkflowPayload(
        dispatch_uuid=read_text(data, "dispatch_uuid")[:64],
        status=read_text(data, "status")[:64],
        raw=data,
    )


def _channel(data: dict[str, Any], side: str) -> Channel | None:
    return get_channel(read_text(read_object(data, side), "type").lower())
