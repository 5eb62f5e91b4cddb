"""What v1 tells of what a customer writes. (Source: the v1 OpenAPI document, ``x-webhooks``.)"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django_vonage_messages.simulator.channels import MMS, RCS, SMS, VIBER, WHATSAPP
from django_vonage_messages.simulator.inbound import InboundMessage
from django_vonage_messages.simulator.ledger import now
from django_vonage_messages.simulator.v1.payloads import NETWORK, USAGE, encode, timestamp

PROFILE: Final[Mapping[str, str]] = {"name": "Jane Smith"}
_NOT_TO_BE_READ: Final = ("reaction", "unsupported")


def inbound_body(message_uuid: str, message: InboundMessage, base_url: str) -> bytes:
    """Return the inbound webhook of a message that a customer sends now.

    ``base_url`` is where the message can be marked as read, which WhatsApp alone tells.
    """
    payload = {
        "channel": message.channel.v1,
        "message_uuid": message_uuid,
        "to": message.to,
        "from": message.from_,
        "timestamp": timestamp(now()),
        **_content(message),
    }
    if of_channel := _OF_CHANNELS.get(message.channel.name):
        payload |= of_channel(message)
    if message.channel is WHATSAPP and message.content.get("type") not in _NOT_TO_BE_READ:
        payload["_self"] = {"href": f"{base_url}/v1/messages/{message_uuid}"}
    return encode({**payload, **message.more})


def _content(message: InboundMessage) -> dict[str, Any]:
    """Return the members of the content. A text that comes as SMS does not name its type."""
    content = dict(message.content)
    kind = content.pop("type", None)
    if kind == "location":
        content["location"] = _location(content.get("location"))
    return (
        content if message.channel is SMS and kind == "text" else {"message_type": kind, **content}
    )


def _location(value: object) -> object:
    """Return a place by the names of v1, with numbers where v0.1 has strings."""
    if not isinstance(value, Mapping):
        return value
    place = {key: each for key, each in value.items() if key not in _DEGREES}
    return {new: _degrees(value[old]) for old, new in _DEGREES.items() if old in value} | place


def _degrees(value: object) -> object:
    """Return a string as a number; what is no number goes to the site as it is."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


_DEGREES: Final = {"latitude": "lat", "longitude": "long"}


def _sms(message: InboundMessage) -> dict[str, Any]:
    sms = {"num_messages": str(message.num_messages)}
    if words := str(message.content.get("text", "")).split():
        sms["keyword"] = words[0].upper()
    return {"sms": sms, "usage": USAGE, "origin": NETWORK}


def _mms(_message: InboundMessage) -> dict[str, Any]:
    return {"origin": NETWORK}


def _rcs(_message: InboundMessage) -> dict[str, Any]:
    return {"context_status": "none"}


def _whatsapp(message: InboundMessage) -> dict[str, Any]:
    told: dict[str, Any] = {"profile": PROFILE, "context_status": "none"}
    if message.reply_to:
        told["context_status"] = "available"
        told["context"] = {"message_uuid": message.reply_to, "message_from": message.to}
    return told


def _viber(message: InboundMessage) -> dict[str, Any]:
    return {"context": {"message_uuid": message.reply_to}} if message.reply_to else {}


_OF_CHANNELS: Final[Mapping[str, Callable[[InboundMessage], dict[str, Any]]]] = {
    SMS.name: _sms,
    MMS.name: _mms,
    RCS.name: _rcs,
    WHATSAPP.name: _whatsapp,
    VIBER.name: _viber,
}
"""What each channel tells beside the content."""
