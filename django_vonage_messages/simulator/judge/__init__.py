"""What the API takes: a request body is a message as the v0.1 reference describes it, or a 400.

This is an independent reading of the reference. It must never call the code that this package
builds its requests with, or both could be wrong together unseen.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from django_vonage_messages.simulator.answers import invalid
from django_vonage_messages.simulator.channels import Channel
from django_vonage_messages.simulator.judge.addresses import addresses
from django_vonage_messages.simulator.judge.contents import judge_content
from django_vonage_messages.simulator.judge.members import members, string
from django_vonage_messages.simulator.judge.options import judge_options

LONGEST_CLIENT_REF: Final = 40


@dataclass(frozen=True)
class Judged:
    """A message that the API takes. ``content`` is the request's ``message.content``; ``text`` is
    what the customer reads of it. ``client_ref`` is None where the request has none.
    """

    channel: Channel
    to: str = field(repr=False)
    from_: str = field(repr=False)
    content_type: str
    content: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)
    client_ref: str | None = None


def judge(content_type: str, body: bytes) -> Judged:
    """Return the message that a request asks for. Raises ApiError (400) naming the first problem
    by its path.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise invalid("The Content-Type must be application/json.")
    data = members(_load(body), "", {"to", "from", "message"}, {"client_ref"})
    channel, to, from_ = addresses(data["to"], data["from"])
    message = members(data["message"], "message", {"content"}, {channel.wire})
    content, text = judge_content(channel, message["content"])
    judge_options(channel, content["type"], message)
    return Judged(channel, to, from_, content["type"], content, text, _client_ref(data))


def _load(body: bytes) -> object:
    try:
        return json.loads(body.decode(), parse_constant=_not_json)
    except (ValueError, RecursionError):
        raise invalid("The request body is not valid JSON.") from None


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _client_ref(data: Mapping[str, Any]) -> str | None:
    if "client_ref" not in data:
        return None
    client_ref = string(data, "", "client_ref")
    if len(client_ref) > LONGEST_CLIENT_REF:
        raise invalid(f"client_ref must be at most {LONGEST_CLIENT_REF} characters.")
    return client_ref
