"""Parsing of v1 webhooks."""

from collections.abc import Mapping
from typing import Any, Final

from django_vonage_messages.protocol.channels import Channel, get_channel
from django_vonage_messages.protocol.content_summary import text_of
from django_vonage_messages.protocol.sanitize import UnusableBody, display_name
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.protocol.value_checks import DEGREES
from django_vonage_messages.protocol.webhook_payloads import (
    InboundPayload,
    StatusPayload,
    normalize_status,
    parse_charge,
    parse_timestamp,
    read_count,
    read_flat_address,
    read_object,
    read_text,
    read_uuid,
)

_TYPE_LENGTH: Final = 32
_NAME_LENGTH: Final = 200
_PRICING: Final = ("type", "pricing_model", "category")  # schema messageStatusWhatsApp
_PRICING_LENGTH: Final = 64  # the longest value in the schema has 27 characters
_WORKFLOW_ID_LENGTH: Final = 64
_SEGMENTS: Final = ("count_total", "total_count")
"""Names for the number of segments. ``count_total`` is in the schema ``messageStatusSMS``, and
``total_count`` is in the status of a multi-segment SMS (developer.vonage.com, "Multi-segment SMS
handling").
"""


def is_v1(data: Mapping[str, Any]) -> bool:
    """Return whether a webhook has the form of v1."""
    return isinstance(data.get("channel"), str) and not isinstance(data.get("to"), dict)


def parse(data: dict[str, Any]) -> StatusPayload | InboundPayload:
    """Parse a message status or an inbound message. Raises UnusableBody."""
    return parse_status(data) if "status" in data else parse_inbound(data)


def parse_status(data: dict[str, Any]) -> StatusPayload:
    """Parse a message status. Raises UnusableBody."""
    channel = _channel(data)
    status = read_text(data, "status")
    if not status:
        raise UnusableBody("status is missing or not text")
    workflow_id, workflow_position = _workflow(read_object(data, "workflow"))
    return StatusPayload(
        message_uuid=read_uuid(data),
        status=normalize_status(status),
        channel=channel.name if channel else "",
        to=read_flat_address(data, "to"),
        sender=read_flat_address(data, "from"),
        timestamp=read_text(data, "timestamp"),
        occurred_at=parse_timestamp(data.get("timestamp")),
        client_ref=read_text(data, "client_ref")[:100],
        error=_error(read_object(data, "error")),
        charge=parse_charge(data),
        segments=read_count(data.get("sms"), *_SEGMENTS),
        pricing=_pricing(read_object(data, "whatsapp")),
        workflow_id=workflow_id,
        workflow_position=workflow_position,
        raw=data,
    )


def parse_inbound(data: dict[str, Any]) -> InboundPayload:
    """Parse an inbound message. Raises UnusableBody."""
    channel = _channel(data)
    if channel is None:
        raise UnusableBody("channel is missing or unknown")
    to, sender = read_flat_address(data, "to"), read_flat_address(data, "from")
    if not to or not sender:
        raise UnusableBody("to or from has no usable address")
    content_type = _content_type(data)
    content = _content(content_type, data)
    return InboundPayload(
        message_uuid=read_uuid(data),
        channel=channel.name,
        to=to,
        sender=sender,
        occurred_at=parse_timestamp(data.get("timestamp")),
        content_type=content_type,
        text=text_of(content_type, content),
        content=content,
        segments=read_count(data.get("sms"), "num_messages", "total_count"),
        charge=parse_charge(data),
        contact_name=display_name(read_text(read_object(data, "profile"), "name"), _NAME_LENGTH),
        raw=data,
    )


def _channel(data: dict[str, Any]) -> Channel | None:
    return get_channel(read_text(data, "channel").lower())


def _content_type(data: dict[str, Any]) -> str:
    # An SMS can have no message_type (schema inboundMessageSMS).
    return read_text(data, "message_type")[:_TYPE_LENGTH] or (
        "text" if "text" in data else "unknown"
    )


def _content(content_type: str, data: dict[str, Any]) -> dict[str, Any]:
    # An MMS with several files has the member ``content``.
    # Text can stand beside files.
    content = {key: data[key] for key in (content_type, "content", "text") if key in data}
    if content_type == "location":
        content["location"] = _location(read_object(data, "location"))
    return content


def _location(location: dict[str, Any]) -> dict[str, Any]:
    """Convert a location to the format of v0.1."""
    names = {"lat": "latitude", "long": "longitude"}
    named = {names.get(key, key): value for key, value in location.items()}
    numbers = {key: named[key] for key in DEGREES if type(named.get(key)) in (int, float)}
    return named | {key: repr(number) for key, number in numbers.items()}


def _pricing(whatsapp: dict[str, Any]) -> dict[str, str]:
    given = read_object(whatsapp, "pricing")
    values = {key: given[key] for key in _PRICING if isinstance(given.get(key), str)}
    return {key: value[:_PRICING_LENGTH] for key, value in values.items() if value}


def _workflow(workflow: dict[str, Any]) -> tuple[str, int | None]:
    # workflow_id and items_number are in the schema messageStatusBase. id and item_number are in
    # Vonage's Java and Kotlin SDKs.
    workflow_id = read_text(workflow, "workflow_id") or read_text(workflow, "id")
    position = read_count(workflow, "items_number", "item_number")
    # A long ID is not cut, because a truncated ID could match another workflow.
    return workflow_id if len(workflow_id) <= _WORKFLOW_ID_LENGTH else "", position or None


def _error(error: dict[str, Any]) -> ErrorInfo:
    error = read_object(error, "error") or error  # nested in a fixture of Vonage's Kotlin SDK
    title = read_text(error, "title")
    detail = read_text(error, "detail") or read_text(error, "details")  # the document has both
    if title.isascii() and title.isdigit():  # the title is the code, and the detail is the title
        return ErrorInfo(title[:32], detail[:200], detail[:2000] if len(detail) > 200 else "")
    code = read_text(error, "type").partition("#")[2]
    return ErrorInfo(code[:32], title[:200], detail[:2000])
