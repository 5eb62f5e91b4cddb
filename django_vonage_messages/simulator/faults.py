"""Random faults in responses and webhooks, for messages to any recipient."""

import random
import threading
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from django_vonage_messages.simulator.scenarios import OUTCOMES, Outcome, Scenario

_FAULTS: Final = {outcome.name: outcome for outcome in OUTCOMES if outcome.is_fault}
_NO_CHANCES: Final[Mapping[str, float]] = MappingProxyType({})


class Faults:
    """Random faults, for example ``Faults({"drops": 0.1, "duplicated": 0.5}, seed=7)``.

    ``chances`` is a dict of probabilities from 0 to 1. The keys are names of faults, as in
    ``number_for()``. With a response fault, the request is refused, or its response is wrong, late
    or missing. With a webhook fault, the webhooks are sent twice, late, in the wrong order or
    without a valid signature. A message gets at most one response fault and one webhook fault. If
    the recipient's number selects a fault, the message gets only this fault.

    ``seed`` makes a test repeatable: the same requests in the same order get the same faults.
    ``longest`` is the maximum random delay in seconds. If ``resign_retries`` is True, retried
    webhooks have the correct signature, even if the first attempt had a wrong signature or none.

    Raises ValueError for an unknown fault or a negative chance. Raises ValueError if the chances of
    all response faults, or of all webhook faults, add up to more than 1.
    """

    def __init__(
        self,
        chances: Mapping[str, float] = _NO_CHANCES,
        *,
        seed: int = 0,
        longest: float = 1.0,
        resign_retries: bool = True,
    ) -> None:
        if unknown := chances.keys() - _FAULTS.keys():
            raise ValueError(f"Unknown fault {min(unknown)!r}. Use one of: {', '.join(_FAULTS)}.")
        self._response_chances, self._webhook_chances = _split(chances)
        self.longest = longest
        self.resign_retries = resign_retries
        self._lock = threading.Lock()
        self._random = random.Random(seed)  # noqa: S311 -- chances, not secrets

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with random faults added to it."""
        with self._lock:
            response = self._draw(self._response_chances)
            webhooks = self._draw(self._webhook_chances)
            seconds = self._random.uniform(0, self.longest)
        if scenario.outcome.is_fault:  # selected by the recipient's number
            return scenario
        if response is not None:
            mode = response.response_mode
            scenario = replace(scenario, error=response.error, response_mode=mode, seconds=seconds)
        if webhooks is not None:
            scenario = replace(scenario, webhook_mode=webhooks.webhook_mode, seconds=seconds)
        return scenario

    def _draw(self, chances: Mapping[str, float]) -> Outcome | None:
        left = self._random.random()
        for name, chance in chances.items():
            left -= chance
            if left < 0:
                return _FAULTS[name]
        return None


def _split(chances: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    of_response: dict[str, float] = {}
    of_webhooks: dict[str, float] = {}
    for name, chance in chances.items():
        is_webhook_fault = _FAULTS[name].webhook_mode != "in order"
        (of_webhooks if is_webhook_fault else of_response)[name] = chance
    for group in (of_response, of_webhooks):
        if any(chance < 0 for chance in group.values()) or sum(group.values()) > 1 + 1e-9:
            raise ValueError(
                "Chances must be from 0 to 1. They must add up to at most 1 for response faults, "
                "and to at most 1 for webhook faults."
            )
    return of_response, of_webhooks
