"""Outcomes of messages to the simulator's numbers, without the simulator."""

import json
from typing import Final

from django_vonage_messages.backends.base import OutgoingMessage
from django_vonage_messages.protocol.outcomes import Outcome, Unconfirmed, interpret
from django_vonage_messages.simulator.responses import ErrorResponse, server_error
from django_vonage_messages.simulator.scenarios import scenario_for

_LOST: Final = frozenset({"never", "cut off"})


def simulated_outcome(message: OutgoingMessage) -> Outcome | None:
    """Return the outcome of a request to the simulator. None: the simulator accepts the message."""
    scenario = scenario_for(message.to, message.channel)
    if scenario.error is not None:
        return _interpret(scenario.error)
    if scenario.response_mode == "as an error":
        return _interpret(server_error())
    if scenario.response_mode == "empty":
        return interpret(202, b"")
    if scenario.response_mode in _LOST:
        return Unconfirmed("The connection was lost before Vonage answered", "Simulated")
    return None


def _interpret(error: ErrorResponse) -> Outcome:
    body = json.dumps(error.body()).encode()
    return interpret(error.status, body, error.headers.get("Retry-After"))
