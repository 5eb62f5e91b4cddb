"""The operator's part: it carries a message to its fate and tells the site about each step."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from typing import Final

from django_vonage_messages.simulator.callbacks import Courier, Signing, Webhook
from django_vonage_messages.simulator.channels import CHANNELS
from django_vonage_messages.simulator.judged import Version
from django_vonage_messages.simulator.ledger import Accepted
from django_vonage_messages.simulator.outcomes import Calling, Fate
from django_vonage_messages.simulator.v0_1 import payloads as v0_1
from django_vonage_messages.simulator.v1 import payloads as v1

SUBMITTED_AFTER: Final = 0.5
OUTCOME_AFTER: Final = 1.5
READ_AFTER: Final = 0.5
_AFTER: Final = {"submitted": SUBMITTED_AFTER, "read": READ_AFTER}
_BODIES: Final[dict[Version, Callable[[Accepted, str, int | None, float], bytes]]] = {
    "v0.1": v0_1.status_body,
    "v1": v1.status_body,
}
_SIGNED: Final[dict[Calling, Signing]] = {"unsigned": "missing", "wrongly signed": "wrong"}


@dataclass(frozen=True)
class _Step:
    """A status, told ``delay`` seconds after the step before it, that happened ``ago`` seconds
    before it is told.
    """

    status: str
    delay: float
    code: int | None = None
    ago: float = 0.0


class Network:
    """Carries messages. ``on_delivered`` is told of each one that reached its recipient."""

    def __init__(
        self,
        courier: Courier,
        application_id: str,
        on_delivered: Callable[[Accepted], None],
    ) -> None:
        self._courier = courier
        self._application_id = application_id
        self._on_delivered = on_delivered

    def carry(
        self,
        message: Accepted,
        fate: Fate,
        called: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        """Send the status webhooks of a message, each after the first attempt of the one before.

        ``called`` follows the first attempt of the first of them, ``ended`` that of the last.
        """
        self._carry(message, fate, _steps(message, fate), called, ended)

    def _carry(
        self,
        message: Accepted,
        fate: Fate,
        steps: tuple[_Step, ...],
        called: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        if not steps:
            called()
            ended()
            return
        step, *rest = steps

        def then() -> None:
            called()
            self._carry(message, fate, tuple(rest), _nothing, ended)
            if step.status == "delivered":
                self._on_delivered(message)

        self._courier.post(
            partial(self._webhook, message, fate, step),
            delay=step.delay,
            copies=2 if fate.calling == "twice" else 1,
            then=then,
        )

    def _webhook(self, message: Accepted, fate: Fate, step: _Step) -> Webhook:
        return Webhook(
            message.message_uuid,
            "status",
            step.status,
            _BODIES[message.webhook_version](message, step.status, step.code, step.ago),
            # A message sent with a JWT is its application's, one sent with Basic the account's.
            self._application_id if message.scheme == "bearer" else "",
            _SIGNED.get(fate.calling, "right"),
            message.channel,
            message.webhook_url,
        )


def _steps(message: Accepted, fate: Fate) -> tuple[_Step, ...]:
    statuses = _statuses(message, fate)
    late = fate.seconds if fate.calling == "delayed" else 0.0
    steps = [
        _Step(
            status,
            late + _AFTER.get(status, OUTCOME_AFTER),
            fate.code if status == statuses[-1] and len(statuses) > 1 else None,
            late,
        )
        for status in statuses
    ]
    return tuple(_reverse(steps)) if fate.calling == "reversed" else tuple(steps)


def _statuses(message: Accepted, fate: Fate) -> tuple[str, ...]:
    statuses = fate.outcome.statuses
    if CHANNELS[message.channel].has_read_receipts:
        return statuses
    return tuple(status for status in statuses if status != "read")


def _reverse(steps: list[_Step]) -> list[_Step]:
    """Tell all of it when the last step has happened, the last one first."""
    happened = list(accumulate(step.delay for step in steps))
    told = [
        replace(step, delay=SUBMITTED_AFTER, ago=happened[-1] - moment)
        for step, moment in zip(steps, happened, strict=True)
    ]
    told.reverse()
    return [replace(told[0], delay=happened[-1]), *told[1:]] if told else []


def _nothing() -> None:
    """Nobody waits for the later steps."""
