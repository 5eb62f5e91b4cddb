"""What the API takes: a request body is a message as the v0.1 reference describes it, or a 400.

(Source: the v0.1 OpenAPI document.)
"""

from collections.abc import Mapping
from typing import Any, Final

from django_vonage_messages.simulator.answers import invalid
from django_vonage_messages.simulator.decoding import decode, is_json
from django_vonage_messages.simulator.judged import Judged
from django_vonage_messages.simulator.v0_1.addresses import addresses
from django_vonage_messages.simulator.v0_1.contents import judge_content
from django_vonage_messages.simulator.v0_1.members import members, string
from django_vonage_messages.simulator.v0_1.options import judge_options

LONGEST_CLIENT_REF: Final = 40


def judge(content_type: str, body: bytes) -> Judged:
    """Return the message that a request asks for. Raises ApiError (400) naming the first problem
    by its path.
    """
    if not is_json(content_type):
        raise invalid("The Content-Type must be application/json.")
    data = members(_load(body), "", {"to", "from", "message"}, {"client_ref"})
    channel, to, from_ = addresses(data["to"], data["from"])
    message = members(data["message"], "message", {"content"}, {channel.wire})
    content, text = judge_content(channel, message["content"])
    judge_options(channel, content["type"], message)
    return Judged(channel, to, from_, content["type"], content, text, _client_ref(data))


def _load(body: bytes) -> object:
    try:
        return decode(body)
    except ValueError:
        raise invalid("The request body is not valid JSON.") from None


def _client_ref(data: Mapping[str, Any]) -> str | None:
    if "client_ref" not in data:
        return None
    client_ref = string(data, "", "client_ref")
    if len(client_ref) > LONGEST_CLIENT_REF:
        raise invalid(f"client_ref must be at most {LONGEST_CLIENT_REF} characters.")
    return client_ref
