"""Faults by chance: what goes wrong between this simulator and a site, for any recipient."""

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
    """``chances`` maps the name of a fault to its chance, from 0 to 1.

    The names are the outcomes of the table that disturb a request, its response or its webhooks:
    ``Faults({"drops": 0.1, "duplicated": 0.5}, seed=7)``. A message has at most one fault of its
    response (an error is one) and one of its webhooks. A recipient whose number names a fault has
    that one. The same seed makes the same choices, in the order in which requests come.
    ``longest`` is the maximum of random delays, in seconds. With ``resign_retries``, retries of
    webhooks are signed correctly even if the first attempt was not.

    Raises ValueError for a fault that does not exist, and for chances that exceed 1 together.
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
            raise ValueError(
                f"There is no fault {min(unknown)!r}. There are: {', '.join(_FAULTS)}."
            )
        self._response_chances, self._webhook_chances = _split(chances)
        self.longest = longest
        self.resign_retries = resign_retries
        self._lock = threading.Lock()
        self._random = random.Random(seed)  # noqa: S311 -- chances, not secrets

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the faults that chance adds to it."""
        with self._lock:
            response = self._draw(self._response_chances)
            webhooks = self._draw(self._webhook_chances)
            seconds = self._random.uniform(0, self.longest)
        if scenario.outcome.is_fault:
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
    """Return the chances of faults of the response, and of faults of the webhooks."""
    of_response: dict[str, float] = {}
    of_webhooks: dict[str, float] = {}
    for name, chance in chances.items():
        is_webhook_fault = _FAULTS[name].webhook_mode != "in order"
        (of_webhooks if is_webhook_fault else of_response)[name] = chance
    for group in (of_response, of_webhooks):
        if any(chance < 0 for chance in group.values()) or sum(group.values()) > 1 + 1e-9:
            raise ValueError("Chances are from 0 to 1, and those of one kind at most 1 together.")
    return of_response, of_webhooks
