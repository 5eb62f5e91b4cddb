"""Body of the request that sends a message on v0.1."""

from typing import Any, Final

from django_vonage_messages.content import Content, Custom, Location, Template
from django_vonage_messages.options import Options
from django_vonage_messages.protocol.channels import Channel
from django_vonage_messages.protocol.extra import add_extra, expand_extras

PATH: Final = "/v0.1/messages/"
CLIENT_REF_LENGTH: Final = 40


def encode(
    channel: Channel,
    *,
    to: str,
    sender: str,
    content: Content,
    options: Options | None,
    client_ref: str,
) -> dict[str, Any]:
    """Return the JSON body of the request. Raises ExtraConflict."""
    message: dict[str, Any] = {"content": _content(content)}
    if channel_options := _options(content, options):
        message[channel.v0_1_type] = channel_options
    body = {
        "client_ref": client_ref,
        "to": {"type": channel.v0_1_type, channel.customer_address_type: to},
        "from": {"type": channel.v0_1_type, channel.sender_address_type: sender},
        "message": message,
    }
    return add_extra(body, options.extra or {}) if options else body


def template_object(template: Template) -> dict[str, Any]:
    """Return the member ``template`` of a request."""
    # The locale and the policy are in another member, for example ``whatsapp``.
    if not template.parameters:
        return {"name": template.name}
    return {"name": template.name, "parameters": list(template.parameters)}


def location_object(location: Location) -> dict[str, Any]:
    """Return the member ``custom`` of a request that sends a location."""
    # Source: developer.vonage.com, "Sending a location" with a custom object.
    degrees = {"latitude": float(location.latitude), "longitude": float(location.longitude)}
    texts = {"name": location.name, "address": location.address}
    return {"type": "location", "location": degrees | {k: v for k, v in texts.items() if v}}


def _content(content: Content) -> dict[str, Any]:
    if isinstance(content, Location):
        return {"type": "custom", "custom": location_object(content)}
    data = content.as_json()
    if isinstance(content, Template):
        data = {"template": template_object(content)}
    elif not isinstance(content, Custom):
        data = expand_extras(data)
    return {"type": content.content_type, **data}


def _options(content: Content, options: Options | None) -> dict[str, Any]:
    members = options.as_json() if options else {}
    members.pop("extra", None)
    if isinstance(content, Template):
        language = {"locale": content.locale, "policy": content.policy}
        members |= {key: value for key, value in language.items() if value}
    return members
