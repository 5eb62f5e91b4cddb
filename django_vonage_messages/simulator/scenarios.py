"""Table of outcomes. The recipient's number and the channel select the outcome of a message."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from django_vonage_messages.simulator.reference import CHANNELS, REASONS, get_channel
from django_vonage_messages.simulator.responses import (
    ErrorResponse,
    payment_required,
    server_error,
    throttled,
    unauthorized,
)

# The block from +33 6 39 98 00 00 to +33 6 39 98 99 99. The French regulator (Arcep) reserves it
# for fiction: a message that is sent to Vonage by mistake reaches no subscriber.
BLOCK: Final = "3363998"
ON_CHANNEL: Final = f"{BLOCK}7kcc"
"""Form of the numbers that select an outcome on one channel only."""
_DELIVERED: Final = ("submitted", "delivered")

ResponseMode = Literal[
    "at once", "late", "never", "cut off", "dripped", "empty", "as an error", "after a webhook"
]
"""Ways of responding to an accepted request."""
WebhookMode = Literal["in order", "twice", "reversed", "delayed", "unsigned", "wrongly signed"]
"""Ways of sending the status webhooks of a message."""


@dataclass(frozen=True)
class Outcome:
    """One row of the table of outcomes."""

    name: str
    # The last four digits of the recipient's number. ``ccc`` stands for the last three digits of an
    # error code, and ``ss`` for a number of seconds.
    ending: str
    summary: str
    statuses: tuple[str, ...] = _DELIVERED  # in order
    error: ErrorResponse | None = None  # refuses the request
    response_mode: ResponseMode = "at once"
    webhook_mode: WebhookMode = "in order"

    @property
    def is_fault(self) -> bool:
        """True if something goes wrong with the request, the response or a webhook."""
        disturbed = self.response_mode != "at once" or self.webhook_mode != "in order"
        return disturbed or self.error is not None

    @property
    def parameter(self) -> str:
        """Kind of value in the phone number: "c" (error code), "s" (seconds) or "" (none)."""
        return self.ending.strip("0123456789")[:1]

    def parse_value(self, ending: str) -> int | None:
        """Return the error code, or the number of seconds, in the last digits of a phone number."""
        # None: the digits do not select this outcome. 0: this outcome has no value.
        match = re.fullmatch(re.sub("[cs]+", r"(\\d+)", self.ending), ending)
        if match is None:
            return None
        value = int("".join(match.groups()) or 0) + (1000 if self.parameter == "c" else 0)
        return value if self._is_valid(value) else None

    def format_ending(self, value: int | None) -> str:
        """Return the last four digits of a phone number that selects this outcome."""
        if bool(self.parameter) != (value is not None) or not self._is_valid(value or 0):
            raise ValueError(f"Outcome {self.name!r} needs {_PARAMETERS[self.parameter]} as code.")
        width = self.ending.count(self.parameter) if self.parameter else 0
        return re.sub("[cs]+", f"{(value or 0) % 1000:0{width}}", self.ending)

    def _is_valid(self, value: int) -> bool:
        return value in REASONS if self.parameter == "c" else 0 <= value < 100


_PARAMETERS: Final = {"c": "an error code of the API", "s": "0 to 99 seconds", "": "None"}

# The order is part of the numbers for one channel: append new outcomes.
OUTCOMES: Final = (
    Outcome("delivered", "0000", "submitted, then delivered"),
    Outcome(
        "read",
        "0001",
        "submitted, delivered, then read (SMS and MMS: no read receipts)",
        (*_DELIVERED, "read"),
    ),
    Outcome(
        "rejected",
        "1ccc",
        "submitted, then rejected with error code 1ccc",
        ("submitted", "rejected"),
    ),
    Outcome(
        "undeliverable",
        "2ccc",
        "submitted, then undeliverable with error code 1ccc",
        ("submitted", "undeliverable"),
    ),
    Outcome("no_outcome", "3000", "submitted, then no further status", ("submitted",)),
    Outcome("no_status", "3001", "accepted, then no status", ()),
    Outcome(
        "unauthorized",
        "4010",
        "the API answers 401, even with valid credentials",
        error=unauthorized("The simulator always refuses this recipient."),
    ),
    Outcome(
        "payment_required", "4020", "the API answers 402: low balance", error=payment_required()
    ),
    Outcome("throttled", "4290", "the API answers 429, without Retry-After", error=throttled()),
    Outcome(
        "throttled_retry_after",
        "4291",
        "the API answers 429, with Retry-After: 1",
        error=throttled(retry_after=1),
    ),
    Outcome("server_error", "5000", "the API answers 500", error=server_error()),
    Outcome(
        "error_after_accepting",
        "5001",
        "delivered, but the API answers 500",
        response_mode="as an error",
    ),
    Outcome("times_out", "5002", "delivered, but the API never answers", response_mode="never"),
    Outcome(
        "drops",
        "5003",
        "delivered, but the connection is closed without a response",
        response_mode="cut off",
    ),
    Outcome(
        "empty_answer", "5004", "delivered, but the API's 202 has no body", response_mode="empty"
    ),
    Outcome("duplicated", "6000", "delivered, each webhook is sent twice", webhook_mode="twice"),
    Outcome(
        "reversed",
        "6001",
        "delivered, the webhooks arrive in reverse order",
        webhook_mode="reversed",
    ),
    Outcome(
        "unsigned",
        "6002",
        "delivered, the first attempt of each webhook is unsigned",
        webhook_mode="unsigned",
    ),
    Outcome(
        "wrongly_signed",
        "6003",
        "delivered, the first attempt of each webhook has a wrong signature",
        webhook_mode="wrongly signed",
    ),
    Outcome(
        "webhook_first",
        "6004",
        "delivered, the first webhook arrives before the API's response",
        response_mode="after a webhook",
    ),
    Outcome(
        "delayed", "61ss", "delivered, each webhook is ss seconds late", webhook_mode="delayed"
    ),
    Outcome(
        "slow",
        "90ss",
        "delivered, the API responds after ss seconds",
        response_mode="late",
    ),
    Outcome(
        "drips",
        "91ss",
        "delivered, the API responds byte by byte, in ss seconds",
        response_mode="dripped",
    ),
)


@dataclass(frozen=True)
class Scenario:
    """The ``outcome`` (table row) that one message gets, with error code, delay and faults."""

    outcome: Outcome
    code: int | None = None  # in the last status webhook
    seconds: float = 0.0  # until the response is complete, or delay of each webhook
    # The following values come from ``outcome`` or from random faults.
    error: ErrorResponse | None = None
    response_mode: ResponseMode = "at once"
    webhook_mode: WebhookMode = "in order"

    def statuses_on(self, channel: str) -> tuple[tuple[str, int | None], ...]:
        """Return the statuses of a message, in order, each with its error code or None."""
        statuses = () if self.error else self.outcome.statuses
        if not CHANNELS[channel].has_read_receipts:
            statuses = tuple(status for status in statuses if status != "read")
        last = len(statuses) - 1
        return tuple(
            (status, self.code if number == last > 0 else None)
            for number, status in enumerate(statuses)
        )


_ON_CHANNEL: Final = re.compile(r"7(\d)(\d\d)")  # digit of the channel, position in OUTCOMES
_CHANNEL_DIGITS: Final = {
    "sms": "1",
    "mms": "2",
    "whatsapp": "3",
    "viber": "4",
    "messenger": "5",
    "rcs": "6",
}
_TYPICAL_CODES: Final = {
    "sms": 1260,
    "mms": 1310,
    "whatsapp": 1340,
    "viber": 1300,
    "messenger": 1340,
    "rcs": 1310,
}
"""Error codes of numbers that select an outcome on one channel only."""


def scenario_for(address: str, channel: str) -> Scenario:
    """Return the scenario for the number or id of a recipient."""
    if len(address) == len(BLOCK) + 4 and address.startswith(BLOCK):
        ending = address[-4:]
        if match := _ON_CHANNEL.fullmatch(ending):
            return _scenario_on_channel(match[1], int(match[2]), channel)
        for outcome in OUTCOMES:
            value = outcome.parse_value(ending)
            if value is not None:
                return _scenario(outcome, value)
    return Scenario(OUTCOMES[0])


def _scenario_on_channel(digit: str, position: int, channel: str) -> Scenario:
    if digit != _CHANNEL_DIGITS[channel] or position >= len(OUTCOMES):
        return Scenario(OUTCOMES[0])
    outcome = OUTCOMES[position]
    return _scenario(outcome, _TYPICAL_CODES[channel] if outcome.parameter == "c" else 1)


def _scenario(outcome: Outcome, value: int) -> Scenario:
    return Scenario(
        outcome,
        code=value if outcome.parameter == "c" else None,
        seconds=float(value) if outcome.parameter == "s" else 0.0,
        error=outcome.error,
        response_mode=outcome.response_mode,
        webhook_mode=outcome.webhook_mode,
    )


def number_for(outcome_name: str, code: int | None = None, *, channel: str | None = None) -> str:
    """Return a recipient's number that selects an outcome: ``number_for("rejected", 1300)``.

    For ``rejected`` and ``undeliverable``, ``code`` is an error code. For ``slow``, ``drips`` and
    ``delayed``, ``code`` is a number of seconds. Other outcomes have no code. On Messenger, use the
    number as the recipient's id.

    With ``channel``, the number selects the outcome on this channel only. On the other channels,
    messages to the number are delivered. There is no ``code`` then: the error code is typical of
    the channel, and the number of seconds is 1.

    Raises ValueError for an unknown outcome or channel, or an invalid code.
    """
    for position, outcome in enumerate(OUTCOMES):
        if outcome.name == outcome_name:
            if channel is None:
                return BLOCK + outcome.format_ending(code)
            if code is not None:
                raise ValueError("Pass code or channel, not both.")
            return f"{BLOCK}7{_CHANNEL_DIGITS[get_channel(channel).name]}{position:02}"
    names = ", ".join(outcome.name for outcome in OUTCOMES)
    raise ValueError(f"Unknown outcome {outcome_name!r}. Use one of: {names}.")


def describe_outcomes(*, codes: bool = True) -> str:
    """Return the table of outcomes as text, optionally with all error codes."""
    return "\n".join((*_outcome_lines(), *(_code_lines() if codes else ())))


def describe_channels() -> str:
    """Return the meaning of the digits of ``ON_CHANNEL``."""
    channels = ", ".join(f"{digit} {name}" for name, digit in _CHANNEL_DIGITS.items())
    return f"row cc of this table (00 is the first), only on the channel k: {channels}"


def _outcome_lines() -> Iterator[str]:
    yield "The recipient's number selects the outcome:"
    yield ""
    for outcome in OUTCOMES:
        yield f"  {BLOCK}{outcome.ending}  {outcome.name:<22} {outcome.summary}"
    yield f"  {ON_CHANNEL}  {'(on one channel)':<22} {describe_channels()}"
    yield f"  {'any other':<11}  {OUTCOMES[0].name:<22} {OUTCOMES[0].summary}"
    yield ""
    yield f"France reserves {BLOCK}0000 to {BLOCK}9999 for fiction: they reach no subscriber."


def _code_lines() -> Iterator[str]:
    yield ""
    yield "Error codes (1ccc):"
    yield ""
    for code, reason in REASONS.items():
        yield f"  {code}  {reason}"
