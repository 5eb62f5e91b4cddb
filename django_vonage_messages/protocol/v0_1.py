"""Messages API v0.1 on the wire: the body of a send, and the two webhooks.

Source: the v0.1 API reference and its OpenAPI document 0.4.0.
"""

from typing import Any, Final
from unicodedata import category

from django_vonage_messages.content import Content
from django_vonage_messages.protocol.channels import SMS, Channel, find_channel
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.protocol.storable import UnusableBody
from django_vonage_messages.protocol.webhooks import (
    InboundMessage,
    StatusUpdate,
    parse_count,
    parse_timestamp,
    parse_usage,
    read_address,
    read_object,
    read_text,
    read_uuid,
)

PATH: Final = "/v0.1/messages/"
CLIENT_REF_LENGTH: Final = 40
SMS_TEXT_LENGTH: Final = 1000

_TYPE_LENGTH = 32
_INVISIBLE = frozenset({"Cc", "Cf"})


def encode(
    channel: Channel, *, to: str, sender: str, content: Content, client_ref: str
) -> dict[str, Any]:
    """Return the JSON body that sends ``content``; addresses are already normalised."""
    return {
        "client_ref": client_ref,
        "to": {"type": channel.v0_1_type, channel.theirs: to},
        "from": {"type": channel.v0_1_type, channel.ours: sender},
        "message": {"content": {"type": content.content_type, **content.as_json()}},
    }


def text_problems(text: str) -> list[str]:
    """Return what is wrong with the text of an SMS. The limit counts characters, not parts."""
    if all(character.isspace() or category(character) in _INVISIBLE for character in text):
        return ["The text is empty."]
    if len(text) > SMS_TEXT_LENGTH:
        return [f"The text has {len(text)} characters; at most {SMS_TEXT_LENGTH} are allowed."]
    return []


def parse(data: dict[str, Any]) -> StatusUpdate | InboundMessage:
    """Return what a webhook's body says, told apart by its shape. Raises UnusableBody.

    Both kinds are taken at both URLs, since nothing stops an account from swapping them.
    """
    if "status" in data:
        return parse_status(data)
    if "message" in data:
        return parse_inbound(data)
    raise UnusableBody("neither a message-status nor an inbound-message body")


def parse_status(data: dict[str, Any]) -> StatusUpdate:
    """Return a message-status body. Raises UnusableBody without message_uuid or status."""
    channel = _channel(data, "to")
    kinds = channel or SMS
    status = read_text(data, "status")
    if not status:
        raise UnusableBody("status is missing or not text")
    error = read_object(data, "error")
    return StatusUpdate(
        message_uuid=read_uuid(data),
        status=status[:64],
        channel=channel.name if channel else "",
        to=read_address(data, "to", kinds.theirs),
        sender=read_address(data, "from", kinds.ours),
        timestamp=read_text(data, "timestamp"),
        occurred_at=parse_timestamp(data.get("timestamp")),
        client_ref=read_text(data, "client_ref")[:100],
        error=ErrorInfo(code=read_text(error, "code")[:32], title=read_text(error, "reason")[:200]),
        usage=parse_usage(data),
        payload=data,
    )


def parse_inbound(data: dict[str, Any]) -> InboundMessage:
    """Return an inbound-message body. Raises UnusableBody without message_uuid, a channel that we
    know, or an address on either side.
    """
    channel = _channel(data, "from")
    if channel is None:
        raise UnusableBody("from.type names no channel")
    message = read_object(data, "message")
    content = read_object(message, "content")
    to, sender = (
        read_address(data, "to", channel.ours),
        read_address(data, "from", channel.theirs),
    )
    if not to or not sender:
        raise UnusableBody("to or from has no usable address")
    return InboundMessage(
        message_uuid=read_uuid(data),
        channel=channel.name,
        to=to,
        sender=sender,
        occurred_at=parse_timestamp(data.get("timestamp")),
        content_type=read_text(content, "type")[:_TYPE_LENGTH] or "unknown",
        text=read_text(content, "text"),
        content={key: value for key, value in content.items() if key != "type"},
        segments=parse_count(read_object(message, "sms").get("num_messages")),
        usage=parse_usage(data),
        payload=data,
    )


def _channel(data: dict[str, Any], side: str) -> Channel | None:
    return find_channel(read_text(read_object(data, side), "type"))
