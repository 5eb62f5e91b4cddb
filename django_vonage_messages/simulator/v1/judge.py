"""What v1 takes: a request body is a message as its reference describes it, or a 422.

Everything that the reference knows is judged strictly, a name that it does not know is tolerated at
the top level and in a channel's option object, because Vonage adds to these and a site can send new
ones before its library knows them. (Source: the v1 OpenAPI document.)
"""

from collections.abc import Mapping
from typing import Any, Final

from django_vonage_messages.simulator.channels import BY_V1
from django_vonage_messages.simulator.decoding import decode, is_json
from django_vonage_messages.simulator.forms import is_loopback_url
from django_vonage_messages.simulator.judged import VERSIONS, Judged
from django_vonage_messages.simulator.v1.kinds import ChannelRules, Kind
from django_vonage_messages.simulator.v1.messenger_and_viber import MESSENGER_RULES, VIBER_RULES
from django_vonage_messages.simulator.v1.rcs import RCS_RULES
from django_vonage_messages.simulator.v1.refusals import invalid, not_json
from django_vonage_messages.simulator.v1.rules import (
    MISPLACED,
    Members,
    Problem,
    Problems,
    Rule,
    boolean,
    join,
    members,
    misplaced,
    one_of,
    string,
)
from django_vonage_messages.simulator.v1.sms_and_mms import MMS_RULES, SMS_RULES
from django_vonage_messages.simulator.v1.whatsapp import WHATSAPP_RULES

LONGEST_CLIENT_REF: Final = 100

RULES: Final[Mapping[str, ChannelRules]] = {
    "sms": SMS_RULES,
    "mms": MMS_RULES,
    "rcs": RCS_RULES,
    "whatsapp": WHATSAPP_RULES,
    "messenger": MESSENGER_RULES,
    "viber_service": VIBER_RULES,
}
"""The rules of each channel, by its name in v1."""


def judge(content_type: str, body: bytes) -> Judged:
    """Return the message that a request asks for. Raises ApiError (422) naming every problem."""
    data = load(content_type, body)
    if problems := [*_message(data, ""), *_failover(data)]:
        raise invalid(problems)
    return _judged(data)


def load(content_type: str, body: bytes) -> dict[str, Any]:
    """Return the object that a body holds. Raises ApiError (422)."""
    if not is_json(content_type):
        raise not_json("The Content-Type must be application/json.")
    try:
        data = decode(body)
    except ValueError:
        raise not_json("The request body is not valid JSON.") from None
    if not isinstance(data, dict):
        raise invalid([Problem("body", "must be an object.")])
    return data


def _message(data: Mapping[str, Any], path: str) -> Problems:
    """Judge one message: a request, or one to fail over to, whose members have a path."""
    yield from _chosen(data, path, "channel", tuple(RULES))
    rules = RULES.get(_word(data, "channel"))
    if rules is None:
        return
    yield from members(data, path, {"to": rules.to, "from": rules.from_}, _common(rules))
    yield from _chosen(data, path, "message_type", tuple(rules.kinds))
    kind = rules.kinds.get(_word(data, "message_type"))
    if kind is not None:
        yield from members(data, path, kind.required, kind.optional)
        yield from kind.also(data, path)
        others = (data.keys() & _KNOWN) - kind.required.keys() - kind.optional.keys()
        yield from (Problem(join(path, name), MISPLACED) for name in sorted(others))


def _chosen(data: Mapping[str, Any], path: str, key: str, words: tuple[str, ...]) -> Problems:
    yield from members(data, path, {key: one_of(*words)}, {})


def _word(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _webhook_url(value: object, path: str) -> Problems:
    """The simulator calls nobody but this machine, so it does not promise to."""
    if not isinstance(value, str) or not is_loopback_url(value):
        yield Problem(
            path, "must be an http or https URL on loopback: the simulator calls no other."
        )


def _common(rules: ChannelRules) -> Members:
    version: Rule = one_of(*VERSIONS) if rules.has_webhook_version else misplaced
    return {**_COMMON, "webhook_version": version}


_COMMON: Final[Members] = {
    "client_ref": string(0, LONGEST_CLIENT_REF),
    "webhook_url": _webhook_url,
    "trusted_recipient": boolean,
}
_KINDS: Final[tuple[Kind, ...]] = tuple(
    kind for rules in RULES.values() for kind in rules.kinds.values()
)
_KNOWN: Final = frozenset(name for kind in _KINDS for name in {**kind.required, **kind.optional})
"""Every name that is some message's own, and so of no message but those."""


def _failover(data: Mapping[str, Any]) -> Problems:
    """Judge the messages that follow a rejection: each is complete, and none has its own."""
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


def _judged(data: Mapping[str, Any]) -> Judged:
    kind = data["message_type"]
    failover = data.get("failover")
    return Judged(
        channel=BY_V1[data["channel"]],
        to=data["to"],
        from_=data["from"],
        content_type=kind,
        content={"type": kind, kind: data[kind]},
        text=_words(data[kind]),
        client_ref=data.get("client_ref"),
        version="v1",
        webhook_version=data.get("webhook_version", "v1"),
        webhook_url=data.get("webhook_url", ""),
        failover=None if failover is None else tuple(map(_judged, failover)),
    )


def _words(content: object) -> str:
    """Return what a customer reads of a content: a text, a caption, or a card's description."""
    if isinstance(content, dict):
        words = content.get("caption", content.get("text", ""))
        return words if isinstance(words, str) else ""  # a custom object may have it otherwise
    return content if isinstance(content, str) else ""
