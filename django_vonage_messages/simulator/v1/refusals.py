"""The refusals of v1: a 422 that lists what is wrong, and what only v1 says.

The fragment of ``type`` tells the group that a problem belongs to. It looks like one of the codes
that a status carries, and is none. (Source: the v1 OpenAPI document, its ``Error…`` schemas.)
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from django_vonage_messages.simulator.answers import ERRORS, ApiError, Refusal
from django_vonage_messages.simulator.v1.rules import Problem

_PARAMS: Final = ("1150", "Invalid params")
_CHANNEL_PARAMS: Final = ("1110", "Invalid channel parameters")
_OPTIONS: Final = ("sms", "mms", "rcs", "whatsapp", "messenger", "viber_service")
_GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "client_ref": ("1060", "Invalid client reference"),
    "channel": ("1100", "Unsupported channel"),
    "from": ("1120", "Invalid sender"),
    "to": ("110", "Invalid recipient"),  # three digits, as in the document
    "message_type": ("1140", "Invalid message type"),
    **dict.fromkeys(_OPTIONS, _CHANNEL_PARAMS),
}
_DETAIL: Final = "The value of one or more parameters is invalid."
_FAILOVER: Final = re.compile(r"failover\[[0-9]+\]\.")


def invalid(problems: Sequence[Problem]) -> ApiError:
    """Return the 422 of these problems, of the group that all of them belong to."""
    groups = {_group(problem) for problem in problems}
    fragment, title = groups.pop() if len(groups) == 1 else _PARAMS
    listed = [{"name": problem.name, "reason": problem.reason} for problem in problems]
    more = {"invalid_parameters": listed}
    return ApiError(Refusal(422, f"{ERRORS}/messages#{fragment}", title, _DETAIL, more=more))


def _group(problem: Problem) -> tuple[str, str]:
    name = _FAILOVER.sub("", problem.name, count=1)
    return _GROUPS.get(re.split(r"[.\[]", name)[0], _PARAMS)


def not_json(detail: str) -> ApiError:
    """Return the 422 of a body that is not JSON."""
    title = "The request body did not contain valid JSON"
    return ApiError(Refusal(422, f"{ERRORS}#invalid-json", title, detail))


def unsupported(detail: str) -> ApiError:
    """Return the 422 of an update that a message does not take."""
    # The document has no address for its explanation.
    return ApiError(Refusal(422, "", "Operation not supported", detail))


def unknown_message() -> ApiError:
    """Return the 404 of a message_uuid that the simulator has neither given nor called with."""
    detail = "There is no message of this message_uuid."
    return ApiError(Refusal(404, f"{ERRORS}#not-found", "Not Found", detail))
