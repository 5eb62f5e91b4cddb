"""When a queued message that was certainly not accepted is tried again."""

import random
from datetime import timedelta
from typing import Final

MAX_ATTEMPTS: Final = 12
_BASE_SECONDS: Final = 5.0
_MAX_SECONDS: Final = 1800.0


def retry_delay(attempts: int, retry_after: float | None = None) -> timedelta | None:
    """Return how long to wait after ``attempts`` attempts, or None at the end.

    Exponential from 5 seconds to 30 minutes, jittered to between half and all of that, and never
    shorter than what the API asked for (``retry_after``, in seconds).
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    longest = min(_MAX_SECONDS, _BASE_SECONDS * 2 ** (attempts - 1))
    delay = random.uniform(longest / 2, longest)  # noqa: S311 -- jitter
    return timedelta(seconds=max(delay, retry_after or 0.0))
