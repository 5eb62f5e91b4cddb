"""Rules of each channel in v1, except RCS, for addresses and message types."""

# Source: the v1 OpenAPI document.

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django_vonage_messages.simulator.json_rules import (
    E164,
    SENDER_NAME,
    SHORT_CODE,
    Members,
    Problem,
    Problems,
    Rule,
    an_array,
    an_object,
    boolean,
    custom,
    digits,
    integer,
    join,
    misplaced,
    one_of,
    pattern,
    string,
    url,
)


def _no_problems(_data: Mapping[str, Any], _path: str) -> Problems:
    yield from ()


@dataclass(frozen=True)
class MessageRules:
    """Rules of one message type."""

    required: Members
    optional: Members = field(default_factory=dict)
    # cross_check checks members that depend on each other.
    cross_check: Callable[[Mapping[str, Any], str], Problems] = _no_problems


@dataclass(frozen=True)
class ChannelRules:
    """Rules of one channel for addresses and message types."""

    to: Rule
    from_: Rule
    message_types: Mapping[str, MessageRules]
    has_webhook_version: bool = True


def media(**optional: Rule) -> Rule:
    """Return the rule for an object that needs ``url`` and can have the members in ``optional``."""
    return an_object({"url": url()}, optional)


def options(**optional: Rule) -> Rule:
    # Vonage adds new members to the options of a channel: allow unknown members.
    return an_object({}, optional, is_open=True)


NUMBER: Final = pattern("must be 7 to 15 digits in E.164, without + or a leading 0.", E164)
_MMS_SENDER: Final = pattern("must be E.164, or a short code of 3 to 6 digits.", E164, SHORT_CODE)
_SMS_SENDER: Final = pattern(
    "must be E.164, a short code, or a name of up to 11 characters.", E164, SHORT_CODE, SENDER_NAME
)
_ID: Final = string(1, 50)

_CAPTION: Final = string(1, 3000)
_AUDIO: Final = an_object({"url": url(10, 2000)})

# The OpenAPI document does not contain pool_id and trusted_recipient. In the SDKs for Python
# and Java, pool_id is inside sms. In those for Python, Node and .NET, trusted_recipient is beside
# sms: allow it inside sms too.
_SMS_OPTIONS: Final = options(
    encoding_type=one_of("text", "unicode", "auto"),
    content_id=string(),
    entity_id=string(),
    pool_id=string(),
    trusted_recipient=boolean,
)
# Vonage's newest client (vonage-messages 1.8.1) sends up to 3200 characters.
_SMS_TEXT: Final = MessageRules(
    {"text": string(1, 3200)}, {"ttl": integer(1), "pool_id": misplaced, "sms": _SMS_OPTIONS}
)

_MMS_FILES: Final = ("image", "vcard", "audio", "video", "file")
_MMS_ATTACHMENT: Final = an_object(
    {"type": one_of(*_MMS_FILES), "url": url()}, {"caption": _CAPTION}
)
_MMS_COMMON: Final = {"ttl": integer(300, 259_200), "mms": options()}
_MMS: Final = {
    "text": MessageRules({"text": string(1)}, _MMS_COMMON),
    **{name: MessageRules({name: media(caption=_CAPTION)}, _MMS_COMMON) for name in _MMS_FILES},
    "content": MessageRules({"content": an_array(_MMS_ATTACHMENT, 1)}, _MMS_COMMON),
}


def _sticker(value: object, path: str) -> Problems:
    if isinstance(value, dict) and ("url" in value) == ("id" in value):
        yield Problem(path, "must have either a url or an id.")
        return
    yield from an_object({}, {"url": url(), "id": string(1)})(value, path)


def _reaction(value: object, path: str) -> Problems:
    action = value.get("action") if isinstance(value, dict) else None
    emoji: Members = {"emoji": string(1)} if action == "react" else {}
    yield from an_object({"action": one_of("react", "unreact"), **emoji})(value, path)


_CONTEXT: Final = {"context": an_object({"message_uuid": string(1)})}
_LOCALE: Final = {"locale": string(1)}
_POLICY: Final = {"policy": one_of("deterministic")}
_WHATSAPP_OPTIONS: Final = {"whatsapp": options(**_LOCALE, **_POLICY)}
_WHATSAPP_COMMON: Final = {**_CONTEXT, **_WHATSAPP_OPTIONS}
_TEMPLATE: Final[Members] = {
    "template": an_object({"name": string(1)}, {"parameters": an_array(string())}),
    "whatsapp": an_object(_LOCALE, _POLICY, is_open=True),
}
_WHATSAPP: Final = {
    "text": MessageRules({"text": string(1, 4096)}, _WHATSAPP_COMMON),
    "image": MessageRules({"image": media(caption=_CAPTION)}, _WHATSAPP_COMMON),
    "audio": MessageRules({"audio": _AUDIO}, _WHATSAPP_COMMON),
    "video": MessageRules({"video": media(caption=string())}, _WHATSAPP_COMMON),
    "file": MessageRules({"file": media(caption=string(), name=string())}, _WHATSAPP_COMMON),
    "template": MessageRules(_TEMPLATE, _CONTEXT),
    "sticker": MessageRules({"sticker": _sticker}, _WHATSAPP_COMMON),
    "reaction": MessageRules({"reaction": _reaction, **_CONTEXT}, _WHATSAPP_OPTIONS),
    "custom": MessageRules({"custom": custom}, _WHATSAPP_COMMON),
}


def _messenger_options(value: object, path: str) -> Problems:
    category = one_of("response", "update", "message_tag")
    yield from options(category=category, tag=string(1))(value, path)
    if isinstance(value, dict) and value.get("category") == "message_tag" and "tag" not in value:
        yield Problem(f"{path}.tag", "is required with the category message_tag.")


_MESSENGER_COMMON: Final = {"messenger": _messenger_options}
_MESSENGER: Final = {
    "text": MessageRules({"text": string(1, 640)}, _MESSENGER_COMMON),
    "image": MessageRules({"image": media()}, _MESSENGER_COMMON),
    "audio": MessageRules({"audio": _AUDIO}, _MESSENGER_COMMON),
    "video": MessageRules({"video": media()}, _MESSENGER_COMMON),
    "file": MessageRules({"file": media()}, _MESSENGER_COMMON),
}


def _caption_with_action(data: Mapping[str, Any], path: str) -> Problems:
    chosen, image = data.get("viber_service"), data.get("image")
    has_action = isinstance(chosen, dict) and "action" in chosen
    if has_action and isinstance(image, dict) and "caption" not in image:
        yield Problem(join(path, "image.caption"), "is required with an action.")


_VIBER_COMMON: Final[dict[str, Rule]] = {
    "category": one_of("transaction", "promotion"),
    "ttl": integer(30, 259_200),
    "type": string(),
}
# For a video, the document lists these members in video and in viber_service. It requires them
# in viber_service.
_SIZE: Final = {"duration": digits(1, 600), "file_size": digits(1, 200)}
_NO_SIZE: Final = dict.fromkeys(_SIZE, misplaced)
_ACTION: Final = an_object({"url": url(), "text": string(1, 30)})
_VIBER_WITH_ACTION: Final = {"viber_service": options(**_VIBER_COMMON, **_NO_SIZE, action=_ACTION)}
_VIBER_FILE: Final = {"viber_service": options(**_VIBER_COMMON, **_NO_SIZE, action=misplaced)}
_VIBER_VIDEO: Final[Members] = {
    "video": an_object(
        {"url": url(), "thumb_url": url(longest=1000)}, {"caption": string(), **_SIZE}
    ),
    "viber_service": an_object(_SIZE, {**_VIBER_COMMON, "action": misplaced}, is_open=True),
}
_VIBER: Final = {
    "text": MessageRules({"text": string(1, 1000)}, _VIBER_WITH_ACTION),
    "image": MessageRules(
        {"image": media(caption=string())}, _VIBER_WITH_ACTION, _caption_with_action
    ),
    "video": MessageRules(_VIBER_VIDEO),
    "file": MessageRules({"file": media(name=string(1, 25))}, _VIBER_FILE),
}

SMS_RULES: Final = ChannelRules(NUMBER, _SMS_SENDER, {"text": _SMS_TEXT})
MMS_RULES: Final = ChannelRules(NUMBER, _MMS_SENDER, _MMS)
WHATSAPP_RULES: Final = ChannelRules(NUMBER, NUMBER, _WHATSAPP)
MESSENGER_RULES: Final = ChannelRules(_ID, _ID, _MESSENGER)
VIBER_RULES: Final = ChannelRules(NUMBER, _ID, _VIBER)
