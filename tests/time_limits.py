"""A soft time limit of Celery, without Celery."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class SoftTimeLimitExceeded(Exception):
    """The exception of Celery's soft time limit, which has this name."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """A soft time limit as Celery's prefork pool raises it: by a signal, at any statement."""

    def expire(*args: object) -> None:
        raise SoftTimeLimitExceeded

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
