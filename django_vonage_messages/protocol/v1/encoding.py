"""Body of the request that sends a message on v1."""

from typing import Any, Final

from django_vonage_messages.content import Content, Custom, Location, Template, Video
from django_vonage_messages.options import Options, ViberOptions
from django_vonage_messages.protocol.channels import Channel
from django_vonage_messages.protocol.extra import add_extra, expand_extras
from django_vonage_messages.protocol.v0_1.encoding import location_object, template_object

PATH: Final = "/v1/messages"
CLIENT_REF_LENGTH: Final = 100

_TOP_LEVEL: Final = frozenset(
    {"ttl", "suggestions", "webhook_url", "webhook_version", "trusted_recipient"}
)
_STRINGS: Final = frozenset({"duration", "file_size"})
"""Options whose numbers are sent as strings (v1 document)."""


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
    body: dict[str, Any] = {
        "channel": channel.v1_type,
        "to": to,
        "from": sender,
        "client_ref": client_ref,
        **_content(content),
        **_options(channel, content, options),
    }
    if isinstance(content, Video) and isinstance(options, ViberOptions):
        body["video"] |= _video_members(options)
    return add_extra(body, options.extra or {}) if options else body


def _content(content: Content) -> dict[str, Any]:
    if isinstance(content, Location):
        return {"message_type": "custom", "custom": location_object(content)}
    if isinstance(content, Template):
        return {"message_type": "template", "template": template_object(content)}
    data = content.as_json()
    if not isinstance(content, Custom):
        data = expand_extras(data)
    return {"message_type": content.content_type, **data}


def _options(channel: Channel, content: Content, options: Options | None) -> dict[str, Any]:
    members = options.as_json() if options else {}
    members.pop("extra", None)
    members = expand_extras(members)
    top = {key: members.pop(key) for key in list(members) if _is_top_level(channel, key)}
    if context := members.pop("context", None):
        top["context"] = {"message_uuid": context}
    own = {key: str(value) if key in _STRINGS else value for key, value in members.items()}
    if isinstance(content, Template):
        language = {"locale": content.locale, "policy": content.policy}
        own |= {key: value for key, value in language.items() if value}
    return top | ({channel.v1_type: own} if own else {})


def _is_top_level(channel: Channel, key: str) -> bool:
    return key in _TOP_LEVEL and not (channel.name == "viber" and key == "ttl")


def _video_members(options: ViberOptions) -> dict[str, str]:
    # In the v1 document, the member ``video`` contains these options too. In Vonage's SDKs it does
    # not.
    return {"duration": str(options.duration), "file_size": str(options.file_size)}
