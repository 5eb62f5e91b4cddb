"""Faults by chance: what goes wrong between this simulator and a site, for any recipient."""

import random
import threading
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from django_vonage_messages.simulator.outcomes import OUTCOMES, Fate, Outcome

_FAULTS: Final = {outcome.name: outcome for outcome in OUTCOMES if outcome.is_fault}
_NONE: Final[Mapping[str, float]] = MappingProxyType({})


class Faults:
    """``chances`` maps the name of a fault to its chance, from 0 to 1.

    The names are those outcomes of the table that disturb a request, its answer or its webhooks:
    ``Faults({"drops": 0.1, "duplicated": 0.5}, seed=7)``. A message has at most one fault of its
    answer (a refusal is one) and one of its webhooks, and a recipient whose number names a fault
    has that one. The same seed makes the same choices, in the order in which requests come.
    ``longest`` is the most seconds of what is late, dripped or delayed. With ``mended``, webhooks
    that were not rightly signed at first are so on their retries.

    Raises ValueError for a fault that does not exist, and for chances that exceed 1 together.
    """

    def __init__(
        self,
        chances: Mapping[str, float] = _NONE,
        *,
        seed: int = 0,
        longest: float = 1.0,
        mended: bool = True,
    ) -> None:
        if unknown := chances.keys() - _FAULTS.keys():
            raise ValueError(
                f"There is no fault {min(unknown)!r}. There are: {', '.join(_FAULTS)}."
            )
        self._of_answers, self._of_webhooks = _split(chances)
        self.longest = longest
        self.mended = mended
        self._lock = threading.Lock()
        self._random = random.Random(seed)  # noqa: S311 -- chances, not secrets

    def strike(self, fate: Fate) -> Fate:
        """Return the fate with what chance adds to it."""
        with self._lock:
            answer = self._draw(self._of_answers)
            webhooks = self._draw(self._of_webhooks)
            seconds = self._random.uniform(0, self.longest)
        if fate.outcome.is_fault:
            return fate
        if answer is not None:
            fate = replace(
                fate, refusal=answer.refusal, answering=answer.answering, seconds=seconds
            )
        if webhooks is not None:
            fate = replace(fate, calling=webhooks.calling, seconds=seconds)
        return fate

    def _draw(self, chances: Mapping[str, float]) -> Outcome | None:
        left = self._random.random()
        for name, chance in chances.items():
            left -= chance
            if left < 0:
                return _FAULTS[name]
        return None


def _split(chances: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    of_answers: dict[str, float] = {}
    of_webhooks: dict[str, float] = {}
    for name, chance in chances.items():
        calls = _FAULTS[name].calling != "in order"
        (of_webhooks if calls else of_answers)[name] = chance
    for group in (of_answers, of_webhooks):
        if any(chance < 0 for chance in group.values()) or sum(group.values()) > 1 + 1e-9:
            raise ValueError("Chances are from 0 to 1, and those of one kind at most 1 together.")
    return of_answers, of_webhooks
