"""The member of ``message`` that a channel has to itself, under its name on the wire.

(Source: the v0.1 OpenAPI document, ``whatsapp``, ``viber_service_msg`` and ``messenger``.)
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django_vonage_messages.simulator.answers import invalid
from django_vonage_messages.simulator.channels import MESSENGER, VIBER, WHATSAPP, Channel
from django_vonage_messages.simulator.v0_1.members import join, members, one_of, string

SHORTEST_TTL: Final = 30
LONGEST_TTL: Final = 259_200


def judge_options(channel: Channel, content_type: str, message: Mapping[str, Any]) -> None:
    """Judge the options of a message. Raises ApiError."""
    path = join("message", channel.wire)
    takes = _takes(channel, content_type)
    if channel.wire in message:
        if not takes:
            raise invalid(f"{path} is not a parameter of this message.")
        _OPTIONS[channel.name](message[channel.wire], path)
    elif channel is WHATSAPP and takes:
        raise invalid(f"{path} is missing: a template needs its locale.")


def _takes(channel: Channel, content_type: str) -> bool:
    """Whether there are options: on WhatsApp they are the template's."""
    return channel.name in _OPTIONS and (channel is not WHATSAPP or content_type == "template")


def _whatsapp(value: object, path: str) -> None:
    data = members(value, path, {"locale"}, {"policy"})
    string(data, path, "locale", shortest=1)
    if "policy" in data:
        one_of(data, path, "policy", ("deterministic",))


def _viber(value: object, path: str) -> None:
    data = members(value, path, set(), {"category", "ttl", "type"})
    if "category" in data:
        one_of(data, path, "category", ("transaction", "promotion"))
    if "ttl" in data and not _is_ttl(data["ttl"]):
        raise invalid(f"{path}.ttl must be an integer, {SHORTEST_TTL} to {LONGEST_TTL} seconds.")
    if "type" in data:
        string(data, path, "type")


def _is_ttl(value: object) -> bool:
    return isinstance(value, int) and SHORTEST_TTL <= value <= LONGEST_TTL


def _messenger(value: object, path: str) -> None:
    data = members(value, path, set(), {"category", "tag"})
    if "category" in data:
        one_of(data, path, "category", ("response", "update", "message_tag"))
    if "tag" in data:
        string(data, path, "tag", shortest=1)
    elif data.get("category") == "message_tag":
        raise invalid(f"{path}.tag is missing: the category message_tag needs it.")


_OPTIONS: Final[Mapping[str, Callable[[object, str], None]]] = {
    WHATSAPP.name: _whatsapp,
    VIBER.name: _viber,
    MESSENGER.name: _messenger,
}
