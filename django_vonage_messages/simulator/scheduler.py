"""Scheduler that runs delayed jobs in threads."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

logger = logging.getLogger("django_vonage_messages.simulator")

Job = Callable[[], None]
WORKERS: Final = 8


class Scheduler:
    """Runner of delayed jobs. It can be started only once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._pending = 0
        self._stopping = False
        self._clock = threading.Thread(target=self._run, name="vonage-simulator-clock")
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="vonage-simulator-worker")

    def start(self) -> None:
        self._clock.start()

    def stop(self) -> None:
        """Drop waiting jobs, wait for running jobs, and end all threads."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._clock.join()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def run_later(self, seconds: float, job: Job) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), job))
            self._pending += 1
            self._changed.notify_all()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Make ``wait_until_idle()`` wait until the block ``with scheduler.busy():`` ends."""
        with self._changed:
            self._pending += 1
        try:
            yield
        finally:
            self._finish_one()

    def wait_until_idle(self, timeout: float) -> None:
        """Wait until all jobs and ``busy()`` blocks have ended, or raise TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._pending, timeout):
                raise TimeoutError(
                    f"The simulator is still busy after {timeout} s. "
                    f"Requests and webhooks pending: {self._pending}."
                )

    def _run(self) -> None:
        while (job := self._next()) is not None:
            self._workers.submit(self._run_job, job)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._stopping:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None

    def _run_job(self, job: Job) -> None:
        try:
            job()
        except Exception:
            logger.exception("A job of the simulator failed.")
        finally:
            self._finish_one()

    def _finish_one(self) -> None:
        with self._changed:
            self._pending -= 1
            self._changed.notify_all()
