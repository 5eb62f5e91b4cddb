"""Loop of the command ``vonage_worker``."""

import logging
import os
import queue
import socket
import threading
import time
from dataclasses import dataclass
from typing import Final

from django.db import InterfaceError, OperationalError

from django_vonage_messages.models import Worker
from django_vonage_messages.protocol.outcomes import Throttled
from django_vonage_messages.services.db import idle_connections
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import (
    now,
    primary,
    refuse_callers_transaction,
    run_committed,
)
from django_vonage_messages.services.delivery.claims import Claim, claim_batch, release
from django_vonage_messages.services.delivery.deliver import deliver_claimed
from django_vonage_messages.services.delivery.pauses import (
    Sender,
    pause_after,
    paused_senders,
)
from django_vonage_messages.services.operations.due import deliver_due
from django_vonage_messages.services.operations.reconcile import reconcile_in_steps

logger = logging.getLogger("django_vonage_messages")

HEARTBEAT_INTERVAL: Final = 10.0
RECONCILE_INTERVAL: Final = 60.0
RECONCILE_SECONDS: Final = 5.0
"""Maximum time for each kind of work in a run. No messages are claimed in this time."""
MAX_FAILURES_ONCE: Final = 4
"""Number of failed claims in a row after which ``run(once=True)`` raises."""
SHARE_CONNECTIONS: Final = 60.0
"""Seconds after a database error in which each thread closes its connection after each message."""
KEEP_CONNECTION: Final = 1.0
"""Seconds that a thread without work keeps its database connection."""


class PausedSenders:
    """Senders that must wait after a response 429 to this worker.

    The pauses of all workers are stored in the database. This worker does not wait for the database
    before it stops sending.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[Sender, float] = {}

    def pause(self, sender: Sender, seconds: float) -> None:
        with self._lock:
            until = time.monotonic() + seconds
            self._until[sender] = max(until, self._until.get(sender, until))

    def paused_now(self) -> set[Sender]:
        with self._lock:
            moment = time.monotonic()
            self._until = {s: until for s, until in self._until.items() if until > moment}
            return set(self._until)


@dataclass
class WorkerLoop:
    """Claim due messages, and send them in threads."""

    threads: int = 4
    poll: float = 1.0  # seconds to wait if no message is due

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._jobs: queue.Queue[Claim | None] = queue.Queue()
        self._idle = threading.Semaphore(self.threads)
        self._paused = PausedSenders()
        self._sharing_until = 0.0
        self._name = f"{socket.gethostname()[:120]}:{os.getpid()}:{id(self) % 10**6}"
        self._heartbeat_at = self._reconciled_at = -RECONCILE_INTERVAL

    def stop(self) -> None:
        """Make ``run()`` send the claimed messages and then return."""
        self._stopping.set()  # safe in a signal handler

    def run(self, *, once: bool = False) -> None:
        """Send messages until ``stop()`` is called.

        If ``once`` is True, return when no message is due. If other threads cannot use the caller's
        connection, as in a TestCase, the calling thread sends the messages.
        """
        refuse_callers_transaction()
        if once and idle_connections.is_private():
            self._run_in_this_thread()
            return
        pool = [
            threading.Thread(target=self._work, name=f"vonage-{n}") for n in range(self.threads)
        ]
        try:
            for thread in pool:
                thread.start()
            self._loop(once)
        finally:
            for _ in pool:
                self._jobs.put(None)
            for thread in pool:
                if thread.ident is not None:  # started
                    thread.join()
            self._remove_heartbeat()

    def _run_in_this_thread(self) -> None:
        self._reconcile()
        while not self._stopping.is_set() and deliver_due(limit=1):
            pass

    def _loop(self, once: bool) -> None:
        failed_claims = 0
        while not self._stopping.wait(_back_off(failed_claims)):
            # Before the claim: a thread that ends after the claim can make more messages due.
            all_idle = once and self._count_busy() == 0
            try:
                claimed = self._claim_for_idle_threads()
                failed_claims = 0
            except Exception as exc:
                # The threads may have all connections: they close them soon after their work.
                if once and failed_claims >= MAX_FAILURES_ONCE and self._count_busy() == 0:
                    raise  # cron reports the error; a permanent worker waits for the database
                failed_claims += 1
                self._sharing_until = time.monotonic() + SHARE_CONNECTIONS
                logger.error(  # noqa: TRY400 -- a traceback could quote the message
                    "The worker could not claim messages, and tries again: %s", identify(exc)
                )
                self._put_back_connection(close=True)
                continue
            # Waiting needs no connection.
            if not claimed or self._shares_connections():
                self._put_back_connection(close=True)
            if not claimed and all_idle:
                return
            if not claimed:
                self._stopping.wait(min(self.poll, 0.05) if once else self.poll)

    def _claim_for_idle_threads(self) -> int:
        # A claimed message must not wait for a thread, because its claim could expire.
        idle = int(self._idle.acquire(timeout=min(self.poll, KEEP_CONNECTION)))
        while 0 < idle < self.threads and self._idle.acquire(blocking=False):
            idle += 1
        batch: list[Claim] = []
        try:
            self._send_heartbeat()
            self._reconcile()
            if idle and not self._stopping.is_set():
                batch = claim_batch(idle, self._paused.paused_now() | paused_senders())
            for claimed in batch:
                self._jobs.put(claimed)
        finally:
            for _ in range(idle - len(batch)):
                self._idle.release()
        return len(batch)

    def _count_busy(self) -> int:
        # Only for the thread of run(): during the count, all threads seem busy.
        idle = 0
        while self._idle.acquire(blocking=False):
            idle += 1
        for _ in range(idle):
            self._idle.release()
        return self.threads - idle

    def _work(self) -> None:
        failures = 0
        while (claimed := self._next_job()) is not None:
            try:
                self._deliver(claimed)
                failures = 0
            except BaseException as exc:  # noqa: BLE001 -- one message must not stop the others
                if isinstance(exc, OperationalError | InterfaceError):
                    failures += 1
                logger.error("Delivery of message %d failed: %s", claimed.pk, identify(exc))  # noqa: TRY400 -- as above
            if failures:
                self._sharing_until = time.monotonic() + SHARE_CONNECTIONS
            self._put_back_connection()
            self._stopping.wait(_back_off(failures))
            self._idle.release()
        self._put_back_connection(close=True)

    def _put_back_connection(self, *, close: bool = False) -> None:
        try:
            if close or self._shares_connections():
                idle_connections.close_all()
            else:
                idle_connections.renew()
        except Exception as exc:  # noqa: BLE001 -- the next query connects again
            logger.warning("A database connection was not closed: %s", identify(exc))

    def _shares_connections(self) -> bool:
        # Without a pool, for a while after a failure: perhaps the server has no connection left.
        return idle_connections.pool_size() is not None or time.monotonic() < self._sharing_until

    def _next_job(self) -> Claim | None:
        try:
            return self._jobs.get(timeout=KEEP_CONNECTION)
        except queue.Empty:
            self._put_back_connection(close=True)
            return self._jobs.get()

    def _deliver(self, claimed: Claim) -> None:
        if claimed.sender in self._paused.paused_now():
            release(claimed)
            return
        outcome = deliver_claimed(claimed.pk, claimed.token, record_until=claimed.expires_at)
        if isinstance(outcome, Throttled):
            pause = pause_after(outcome.retry_after)
            self._paused.pause(claimed.sender, pause.total_seconds())

    def _send_heartbeat(self) -> None:
        if time.monotonic() - self._heartbeat_at < HEARTBEAT_INTERVAL:
            return
        self._heartbeat_at = time.monotonic()
        run_committed(self._store_heartbeat)

    def _store_heartbeat(self) -> None:
        workers = primary(Worker)
        # Write first: SQLite rejects a transaction that reads first while another one writes.
        if not workers.filter(name=self._name).update(seen_at=now()):
            times = {"started_at": now(), "seen_at": now()}
            workers.get_or_create(name=self._name, defaults=times)

    def _reconcile(self) -> None:
        if time.monotonic() - self._reconciled_at < RECONCILE_INTERVAL:
            return
        self._reconciled_at = time.monotonic()
        for _ in reconcile_in_steps(deliver=False, seconds=RECONCILE_SECONDS):
            if self._stopping.is_set():
                return

    def _remove_heartbeat(self) -> None:
        heartbeat = primary(Worker).filter(name=self._name)
        try:
            run_committed(heartbeat.delete)
        except Exception as exc:  # noqa: BLE001 -- the messages are done, and the row becomes stale
            logger.warning("The worker's heartbeat was not deleted: %s", identify(exc))


def _back_off(failures: int) -> float:
    """Return the pause in seconds after failures in a row to reach the database."""
    return min(0.1 * 2.0 ** min(failures, 10), 5.0) if failures else 0.0
