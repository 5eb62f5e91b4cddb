"""``to`` and ``from``: the channel that they name, and the one key that it has on each side."""

from collections.abc import Callable, Mapping
from typing import Final

from django_vonage_messages.simulator.answers import invalid
from django_vonage_messages.simulator.channels import (
    BY_WIRE,
    MESSENGER,
    MMS,
    SMS,
    VIBER,
    WHATSAPP,
    Channel,
    Key,
)
from django_vonage_messages.simulator.forms import E164, SENDER_NAME, SHORT_CODE, has_form
from django_vonage_messages.simulator.v0_1.members import (
    an_object,
    check_unicode,
    members,
    one_of,
    string,
)

LONGEST_ID: Final = 50

_Check = Callable[[str, str], None]


def addresses(to: object, from_: object) -> tuple[Channel, str, str]:
    """Return the channel of a message and its two addresses. Raises ApiError."""
    channel = _channel(to)
    recipient = _address(to, "to", channel, channel.theirs)
    _RECIPIENTS[channel.theirs](recipient, f"to.{channel.theirs}")
    sender = _address(from_, "from", channel, channel.ours)
    _SENDERS[channel.name](sender, f"from.{channel.ours}")
    return channel, recipient, sender


def _channel(to: object) -> Channel:
    side = an_object(to, "to")
    return BY_WIRE[one_of({"type": side.get("type")}, "to", "type", BY_WIRE)]


def _address(value: object, path: str, channel: Channel, key: Key) -> str:
    side = an_object(value, path)
    if side.get("type") != channel.wire:
        raise invalid(f"{path}.type must be {channel.wire}, as to.type is.")
    return string(members(side, path, {"type", key}), path, key)


def _is_number(value: str, path: str) -> None:
    if not has_form(value, E164):
        raise invalid(f"{path} must be 7 to 15 digits in E.164, without + or a leading 0.")


def _is_number_or_short_code(value: str, path: str) -> None:
    if not has_form(value, E164, SHORT_CODE):
        raise invalid(f"{path} must be E.164, or a short code of 3 to 6 digits.")


def _is_sms_sender(value: str, path: str) -> None:
    if not has_form(value, E164, SHORT_CODE, SENDER_NAME):
        raise invalid(f"{path} must be E.164, a short code, or a name of up to 11 characters.")


def _is_id(value: str, path: str) -> None:
    if not 1 <= len(value) <= LONGEST_ID:
        raise invalid(f"{path} must be 1 to {LONGEST_ID} characters.")
    check_unicode(value, path)


_RECIPIENTS: Final[Mapping[Key, _Check]] = {"number": _is_number, "id": _is_id}
_SENDERS: Final[Mapping[str, _Check]] = {
    SMS.name: _is_sms_sender,
    MMS.name: _is_number_or_short_code,
    WHATSAPP.name: _is_number,
    VIBER.name: _is_id,
    MESSENGER.name: _is_id,
}
