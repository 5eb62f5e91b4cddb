"""Example bodies of v1 webhooks, from its OpenAPI document."""

import uuid
from typing import Any

from django_vonage_messages.models import Message
from django_vonage_messages.protocol.channels import CHANNELS

NUMBER = "447700900000"
URL = "https://example.com/cat.jpg"
SMS = {"channel": "sms", "to": "447700900001", "from": NUMBER}
MMS = {"channel": "mms", "to": "12345", "from": NUMBER}
RCS = {"channel": "rcs", "to": "Example-Agent", "from": NUMBER, "context_status": "none"}
VIBER = {"channel": "viber_service", "to": "22353", "from": NUMBER}
MESSENGER = {"channel": "messenger", "to": "107083064136738", "from": "0123456789012345"}
WHATSAPP = {
    "channel": "whatsapp",
    "to": "447700900001",
    "from": NUMBER,
    "context_status": "none",
    "profile": {"name": "Jane Smith"},
}


def inbound(channel: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return an inbound message."""
    moment = {"message_uuid": str(uuid.uuid4()), "timestamp": "2025-02-03T12:14:25Z"}
    return channel | moment | fields


def status_of(message: Message, status: str, **fields: Any) -> dict[str, Any]:
    """Return a status of a message."""
    return {
        "message_uuid": message.message_uuid,
        "channel": CHANNELS[message.channel].v1_type,
        "to": message.their_address,
        "from": message.our_address,
        "timestamp": "2025-02-03T12:14:25Z",
        "status": status,
        "client_ref": message.client_ref,
    } | fields
