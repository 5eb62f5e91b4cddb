"""Validation of send requests on v0.1."""

# Source: the v0.1 OpenAPI document.

from collections.abc import Mapping
from typing import Any, Final

from django_vonage_messages.simulator.json_rules import (
    REQUIRED,
    Problem,
    Problems,
    Rule,
    an_object,
    at_most,
    decode_json,
    first_failure,
    is_json,
    misplaced,
    one_of,
    string,
    unchecked,
)
from django_vonage_messages.simulator.message_data import ValidatedRequest, text_of
from django_vonage_messages.simulator.reference import (
    BY_V0_1_TYPE,
    WHATSAPP,
    AddressKey,
    Channel,
)
from django_vonage_messages.simulator.responses import invalid
from django_vonage_messages.simulator.v0_1.channel_rules import RULES, ChannelRules

LONGEST_CLIENT_REF: Final = 40

_REQUEST: Final = an_object(
    {"from": unchecked, "message": unchecked, "to": unchecked}, {"client_ref": unchecked}
)
_CLIENT_REF: Final = first_failure(string(), at_most(LONGEST_CLIENT_REF))


def validate(content_type: str, body: bytes) -> ValidatedRequest:
    """Return the validated send request, or raise ApiError (400) with the first problem."""
    if not is_json(content_type):
        raise invalid("The Content-Type must be application/json.")
    try:
        data: Any = decode_json(body)
    except ValueError:
        raise invalid("The request body is not valid JSON.") from None
    for problem in _problems(data):
        reason = "is missing." if problem.reason == REQUIRED else problem.reason
        raise invalid(f"{problem.name or 'The body'} {reason}")
    return _validated_request(data)


def _problems(data: Any) -> Problems:
    # validate() stops at the first problem: each check relies on the previous checks.
    yield from _REQUEST(data, "")
    to, message = data["to"], data["message"]
    yield from an_object({}, is_open=True)(to, "to")
    yield from one_of(*BY_V0_1_TYPE)(to.get("type"), "to.type")
    channel = BY_V0_1_TYPE[to["type"]]
    rules = RULES[channel.name]
    yield from _address_object(to, "to", channel, channel.customer_key, rules.to)
    yield from _address_object(data["from"], "from", channel, channel.sender_key, rules.from_)
    yield from an_object({"content": unchecked}, {channel.v0_1_type: unchecked})(message, "message")
    yield from _content(message["content"], "message.content", rules.contents)
    yield from _options(message, channel, rules)
    if "client_ref" in data:
        yield from _CLIENT_REF(data["client_ref"], "client_ref")


def _address_object(
    value: Any, path: str, channel: Channel, key: AddressKey, address: Rule
) -> Problems:
    yield from an_object({}, is_open=True)(value, path)
    if value.get("type") != channel.v0_1_type:
        yield Problem(f"{path}.type", f"must be {channel.v0_1_type}, the same as to.type.")
    yield from an_object({key: address, "type": unchecked})(value, path)


def _content(value: Any, path: str, contents: Mapping[str, Rule]) -> Problems:
    yield from an_object({}, is_open=True)(value, path)
    content_type = value.get("type")
    yield from one_of(*contents)(content_type, f"{path}.type")
    yield from an_object({"type": unchecked, content_type: contents[content_type]})(value, path)


def _options(message: Any, channel: Channel, rules: ChannelRules) -> Problems:
    path = f"message.{channel.v0_1_type}"
    is_template = message["content"]["type"] == "template"
    if channel.v0_1_type in message:
        options = misplaced if channel is WHATSAPP and not is_template else rules.options
        yield from options(message[channel.v0_1_type], path)
    elif channel is WHATSAPP and is_template:
        yield Problem(path, "is missing: a template needs its locale.")


def _validated_request(data: Any) -> ValidatedRequest:
    channel = BY_V0_1_TYPE[data["to"]["type"]]
    content = data["message"]["content"]
    content_type = content["type"]
    return ValidatedRequest(
        channel,
        data["to"][channel.customer_key],
        data["from"][channel.sender_key],
        content_type,
        content,
        "" if content_type == "custom" else text_of(content[content_type]),
        data.get("client_ref"),
    )
