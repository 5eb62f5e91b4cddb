"""What can be asked of a message that is already there: PATCH /v1/messages/{message_uuid}.

An inbound WhatsApp message is marked as read, perhaps with a sign that an answer is being written;
an outbound RCS message is revoked. (Source: the v1 OpenAPI document; ``replying_indicator``, which
is newer: the .NET and Node SDKs.)
"""

from typing import Any, Final

from django_vonage_messages.simulator.channels import RCS, WHATSAPP
from django_vonage_messages.simulator.ledger import Direction, Updated
from django_vonage_messages.simulator.v1.judge import load
from django_vonage_messages.simulator.v1.refusals import invalid, unsupported
from django_vonage_messages.simulator.v1.rules import (
    Problem,
    Problems,
    an_object,
    misplaced,
    one_of,
)

_TAKEN: Final[dict[str, tuple[Direction, str]]] = {
    "read": ("inbound", WHATSAPP.name),
    "revoked": ("outbound", RCS.name),
}


def judge_update(
    content_type: str, body: bytes, message_uuid: str, message: tuple[Direction, str]
) -> Updated:
    """Return what is asked of a message that went this way on this channel.

    Raises ApiError (422).
    """
    data = load(content_type, body)
    if problems := [*_problems(data)]:
        raise invalid(problems)
    if _TAKEN[data["status"]] != message:
        direction, channel = message
        raise unsupported(f"{data['status']} is not for an {direction} {channel} message.")
    return Updated(message_uuid, data["status"], "replying_indicator" in data, body)


def _problems(data: dict[str, Any]) -> Problems:
    indicator = _INDICATOR if data.get("status") == "read" else misplaced
    update = an_object({"status": one_of(*_TAKEN)}, {"replying_indicator": indicator})
    yield from update(data, "")


def _true(value: object, path: str) -> Problems:
    if value is not True:
        yield Problem(path, "must be true.")


_INDICATOR: Final = an_object({"show": _true, "type": one_of("text")})
