"""Validation of send and update requests on v1."""

# Unknown members are allowed at the top level, because Vonage adds new members there.
# Sources: the v1 OpenAPI document; for replying_indicator, the .NET and Node SDKs.

from collections.abc import Mapping
from typing import Any, Final

from django_vonage_messages.simulator.json_rules import (
    MISPLACED,
    Members,
    Problem,
    Problems,
    Rule,
    an_object,
    boolean,
    decode_json,
    is_json,
    join,
    loopback_url,
    members,
    misplaced,
    one_of,
    string,
)
from django_vonage_messages.simulator.message_data import ValidatedRequest, text_of
from django_vonage_messages.simulator.recorder import AcceptedUpdate, Direction
from django_vonage_messages.simulator.reference import BY_V1_TYPE, RCS, VERSIONS, WHATSAPP
from django_vonage_messages.simulator.responses import (
    invalid_parameters,
    not_json,
    unsupported_update,
)
from django_vonage_messages.simulator.v1.channel_rules import (
    MESSENGER_RULES,
    MMS_RULES,
    SMS_RULES,
    VIBER_RULES,
    WHATSAPP_RULES,
    ChannelRules,
)
from django_vonage_messages.simulator.v1.rcs import RCS_RULES

LONGEST_CLIENT_REF: Final = 100

RULES: Final[Mapping[str, ChannelRules]] = {
    "sms": SMS_RULES,
    "mms": MMS_RULES,
    "rcs": RCS_RULES,
    "whatsapp": WHATSAPP_RULES,
    "messenger": MESSENGER_RULES,
    "viber_service": VIBER_RULES,
}
"""Rules of each channel, by its name in v1."""


def validate(content_type: str, body: bytes) -> ValidatedRequest:
    """Return the validated send request, or raise ApiError (422) with all problems."""
    data = _load(content_type, body)
    if problems := [*_message(data, ""), *_failover(data)]:
        raise invalid_parameters(problems)
    return _validated_request(data)


def validate_update(
    content_type: str, body: bytes, message_uuid: str, message: tuple[Direction, str]
) -> AcceptedUpdate:
    """Return the validated update, or raise ApiError (422)."""
    data = _load(content_type, body)
    indicator = _INDICATOR if data.get("status") == "read" else misplaced
    update = an_object({"status": one_of(*_UPDATES)}, {"replying_indicator": indicator})
    if problems := [*update(data, "")]:
        raise invalid_parameters(problems)
    if _UPDATES[data["status"]] != message:
        direction, channel = message
        raise unsupported_update(
            f"The status {data['status']} is not allowed for an {direction} {channel} message."
        )
    return AcceptedUpdate(message_uuid, data["status"], "replying_indicator" in data, body)


def _load(content_type: str, body: bytes) -> dict[str, Any]:
    if not is_json(content_type):
        raise not_json("The Content-Type must be application/json.")
    try:
        data = decode_json(body)
    except ValueError:
        raise not_json("The request body is not valid JSON.") from None
    if not isinstance(data, dict):
        raise invalid_parameters([Problem("body", "must be an object.")])
    return data


def _message(data: Mapping[str, Any], path: str) -> Problems:
    yield from members(data, path, {"channel": one_of(*RULES)})
    rules = RULES.get(_text(data, "channel"))
    if rules is None:
        return
    yield from members(data, path, {"to": rules.to, "from": rules.from_}, _common(rules))
    yield from members(data, path, {"message_type": one_of(*rules.message_types)})
    message = rules.message_types.get(_text(data, "message_type"))
    if message is not None:
        yield from members(data, path, message.required, message.optional)
        yield from message.cross_check(data, path)
        others = (data.keys() & _TYPE_MEMBERS) - message.required.keys() - message.optional.keys()
        yield from (Problem(join(path, name), MISPLACED) for name in sorted(others))


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _common(rules: ChannelRules) -> Members:
    version: Rule = one_of(*VERSIONS) if rules.has_webhook_version else misplaced
    return {**_COMMON, "webhook_version": version}


_COMMON: Final[Members] = {
    "client_ref": string(0, LONGEST_CLIENT_REF),
    "webhook_url": loopback_url,
    "trusted_recipient": boolean,
}
_TYPE_MEMBERS: Final = frozenset(
    name
    for rules in RULES.values()
    for message in rules.message_types.values()
    for name in {**message.required, **message.optional}
)
"""JSON members that only some message types have."""


def _failover(data: Mapping[str, Any]) -> Problems:
    others = data.get("failover", [])
    if not isinstance(others, list):
        yield Problem("failover", "must be an array.")
        return
    for position, other in enumerate(others):
        path = f"failover[{position}]"
        if not isinstance(other, dict):
            yield Problem(path, "must be an object.")
            continue
        yield from _message(other, path)
        if "failover" in other:
            yield Problem(f"{path}.failover", MISPLACED)


def _validated_request(data: Mapping[str, Any]) -> ValidatedRequest:
    content_type = data["message_type"]
    content = data[content_type]
    failover = data.get("failover")
    return ValidatedRequest(
        channel=BY_V1_TYPE[data["channel"]],
        to=data["to"],
        from_=data["from"],
        content_type=content_type,
        content={"type": content_type, content_type: content},
        text=text_of(content),
        client_ref=data.get("client_ref"),
        version="v1",
        webhook_version=data.get("webhook_version", "v1"),
        webhook_url=data.get("webhook_url", ""),
        failover=None if failover is None else tuple(map(_validated_request, failover)),
    )


def _true(value: object, path: str) -> Problems:
    if value is not True:
        yield Problem(path, "must be true.")


_UPDATES: Final[dict[str, tuple[Direction, str]]] = {
    "read": ("inbound", WHATSAPP.name),
    "revoked": ("outbound", RCS.name),
}
_INDICATOR: Final = an_object({"show": _true, "type": one_of("text")})
