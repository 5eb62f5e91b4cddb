"""Simulated delivery of messages, with status webhooks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from typing import Any, Final

from django_vonage_messages.simulator.recorder import AcceptedMessage
from django_vonage_messages.simulator.reference import Version
from django_vonage_messages.simulator.scenarios import Scenario, WebhookMode
from django_vonage_messages.simulator.v0_1 import payloads as v0_1
from django_vonage_messages.simulator.v1 import payloads as v1
from django_vonage_messages.simulator.webhook_client import (
    Signature,
    Webhook,
    WebhookClient,
    encode_body,
)

SUBMITTED_AFTER: Final = 0.5
OUTCOME_AFTER: Final = 1.5
READ_AFTER: Final = 0.5
_DELAYS: Final = {"submitted": SUBMITTED_AFTER, "read": READ_AFTER}
_StatusWriter = Callable[[AcceptedMessage, str, int | None, float], dict[str, Any]]
_STATUS_WRITERS: Final[dict[Version, _StatusWriter]] = {
    "v0.1": v0_1.simulated_status,
    "v1": v1.simulated_status,
}
_SIGNATURES: Final[dict[WebhookMode, Signature]] = {
    "unsigned": "missing",
    "wrongly signed": "wrong",
}


@dataclass(frozen=True)
class _Step:
    """A step of the delivery of a message: one status webhook."""

    status: str
    delay: float  # seconds after the previous webhook
    code: int | None = None
    ago: float = 0.0  # age of the status in seconds when the webhook is sent


class Network:
    """Simulated network between Vonage and the customers."""

    def __init__(
        self,
        client: WebhookClient,
        application_id: str,
        on_delivered: Callable[[AcceptedMessage], None],
    ) -> None:
        self._client = client
        self._application_id = application_id
        self._on_delivered = on_delivered

    def deliver(
        self,
        message: AcceptedMessage,
        scenario: Scenario,
        on_first_webhook: Callable[[], None],
        on_last_webhook: Callable[[], None],
    ) -> None:
        """Send the status webhooks of a message, one after another."""
        steps = _steps(message, scenario)
        self._run(message, scenario, steps, on_first_webhook, on_last_webhook)

    def _run(
        self,
        message: AcceptedMessage,
        scenario: Scenario,
        steps: tuple[_Step, ...],
        on_first_webhook: Callable[[], None],
        on_last_webhook: Callable[[], None],
    ) -> None:
        if not steps:
            on_first_webhook()
            on_last_webhook()
            return
        step, *rest = steps

        def after_attempt() -> None:  # runs after the first attempt; retries do not delay it
            on_first_webhook()
            self._run(message, scenario, tuple(rest), _do_nothing, on_last_webhook)
            if step.status == "delivered":
                self._on_delivered(message)

        self._client.post(
            partial(self._webhook, message, scenario, step),
            delay=step.delay,
            copies=2 if scenario.webhook_mode == "twice" else 1,
            after_attempt=after_attempt,
        )

    def _webhook(self, message: AcceptedMessage, scenario: Scenario, step: _Step) -> Webhook:
        write_status = _STATUS_WRITERS[message.webhook_version]
        return Webhook(
            message.message_uuid,
            "status",
            step.status,
            encode_body(write_status(message, step.status, step.code, step.ago)),
            # Messages sent with a JWT belong to the application, other messages to the account.
            self._application_id if message.scheme == "bearer" else "",
            _SIGNATURES.get(scenario.webhook_mode, "right"),
            message.channel,
            message.webhook_url,
        )


def _steps(message: AcceptedMessage, scenario: Scenario) -> tuple[_Step, ...]:
    late = scenario.seconds if scenario.webhook_mode == "delayed" else 0.0
    steps = [
        _Step(status, late + _DELAYS.get(status, OUTCOME_AFTER), code, late)
        for status, code in scenario.statuses_on(message.channel)
    ]
    return tuple(_reverse(steps)) if scenario.webhook_mode == "reversed" else tuple(steps)


def _reverse(steps: list[_Step]) -> list[_Step]:
    happened = list(accumulate(step.delay for step in steps))
    last_first = [
        replace(step, delay=SUBMITTED_AFTER, ago=happened[-1] - moment)
        for step, moment in zip(steps, happened, strict=True)
    ][::-1]
    # The webhook of the last status is sent first, at its usual time. Then the others follow.
    return [replace(last_first[0], delay=happened[-1]), *last_first[1:]] if last_first else []


def _do_nothing() -> None:
    pass  # on_first_webhook runs only once
