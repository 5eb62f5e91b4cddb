"""Kill processes at any moment, with faults; then the records and the tables must agree.

``VONAGE_KILL_TEST_SIZE=full`` kills more processes, ``VONAGE_KILL_TEST_SEED`` repeats the random
choices of a run, and ``pytest -s`` shows the numbers.
"""

import json
import os
import queue
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from django_vonage_messages.simulator import Faults, Simulator
from tests.crash.places import IN_SENDING, IN_WRITING
from tests.crash.processes import SenderSlot, Site, Slot

FULL = os.environ.get("VONAGE_KILL_TEST_SIZE") == "full"
KILLS, SENDS, LATEST_PASSAGE = (220, 2000, 50) if FULL else (36, 300, 15)
"""The minimum of kills, the number of sends, and the latest passage at which a process dies."""
SEED = int(os.environ.get("VONAGE_KILL_TEST_SEED") or random.SystemRandom().randrange(10**6))
SENDERS = 3
IDLE = 120.0
FAULTS = {
    "throttled": 0.05,
    "throttled_retry_after": 0.005,
    "server_error": 0.02,
    "error_after_accepting": 0.03,
    "times_out": 0.02,
    "drops": 0.04,
    "empty_answer": 0.03,
    "webhook_first": 0.10,
    "slow": 0.03,
    "drips": 0.02,
    "duplicated": 0.15,
    "reversed": 0.15,
    "delayed": 0.05,
    "unsigned": 0.05,
    "wrongly_signed": 0.05,
}


@pytest.mark.long
def test_nothing_is_sent_twice_and_nothing_is_lost(database: str, tmp_path: Path) -> None:
    began = time.monotonic()
    sys.stdout.write(f"\nVONAGE_KILL_TEST_SEED={SEED}: {KILLS} kills, {SENDS} sends\n")
    with closing(socket.create_server(("127.0.0.1", 0), reuse_port=True)) as reserved:
        port = reserved.getsockname()[1]
    with Simulator(
        status_url=f"http://127.0.0.1:{port}/webhooks/message-status",
        inbound_url=f"http://127.0.0.1:{port}/webhooks/inbound-message",
        time_scale=0.03,
        faults=Faults(FAULTS, seed=SEED, longest=1.5),
    ) as simulator:
        run = Run(database, tmp_path, simulator, port)
        try:
            run.disturb()
            run.finish()
            report = run.compare()
        finally:
            run.site.close()
    numbers = run.numbers() | report["numbers"] | {"seconds": round(time.monotonic() - began)}
    sys.stdout.write(json.dumps(numbers, indent=2) + "\n")
    assert run.failures() == []
    assert report["problems"] == [], f"VONAGE_KILL_TEST_SEED={SEED}"
    assert run.site.killed >= KILLS


class Run:
    """One run of the site, from the first send to the last ``reconcile()``."""

    def __init__(self, database: str, directory: Path, simulator: Simulator, port: int) -> None:
        options = {"base_url": simulator.base_url, "timeout": (1, 1)}
        self.database = database
        self.simulator = simulator
        self.inbound: list[str] = []
        self.sent = 0
        self.terminated = 0
        self.random = random.Random(SEED)
        self.work: queue.Queue[int] = queue.Queue(maxsize=SENDERS)
        self.site = Site(
            {
                "CRASH_DATABASE_URL": database,
                "CRASH_ACCOUNT": json.dumps(simulator.settings(OPTIONS=options)),
                "CRASH_PORT": str(port),
            },
            directory,
            SEED,
            LATEST_PASSAGE,
        )
        self.site.run("create")

    def disturb(self) -> None:
        """Send everything while processes are killed; return after enough kills."""
        slots = [Slot(self.site, f"{role} {n}") for role in ("web", "worker") for n in (1, 2)]
        senders = [SenderSlot(self.site, f"sender {n}", self.work) for n in range(SENDERS)]
        for slot in (*slots, *senders):
            slot.start()
        with self._reaper():
            self._send_all()
            for _ in senders:
                self.work.put(-1)
            for sender in senders:
                sender.join()
            while self.site.killed < KILLS:
                time.sleep(0.1)
        self.site.armed, self.site.stopping = False, True
        self.site.terminate()
        for slot in slots:
            slot.join(30)

    def _send_all(self) -> None:
        for n in range(SENDS):
            while self.site.killed < KILLS * n / SENDS - 3:
                time.sleep(0.02)
            self.work.put(n)
            self.sent = n + 1
            if n % 8 == 0:
                customer = f"4477008{self.random.randrange(10):05}"
                self.inbound.append(self.simulator.customer_sends(f"inbound {n}", customer))

    @contextmanager
    def _reaper(self) -> Iterator[None]:
        """Kill processes and connections at random, and more of them if the failpoints lag."""
        done = threading.Event()

        def reap() -> None:
            while not done.wait(0.2):
                expected = KILLS * self.sent / SENDS
                at_random = self.site.killed_at["at random"]
                tolerated = 2 if self.sent < SENDS else 0
                if (
                    self.site.killed < expected - tolerated
                    or at_random < expected * self.random.random() / 2
                ):
                    self.site.kill_one(self.random)
                if self.random.random() < 0.1:
                    self._terminate_a_backend()

        thread = threading.Thread(target=reap, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _terminate_a_backend(self) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            terminated = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE "
                "datname = current_database() AND pid <> pg_backend_pid() "
                "ORDER BY random() LIMIT 1) AS one"
            )
            self.terminated += terminated.rowcount

    def finish(self) -> None:
        """Let the site answer its webhooks and run ``reconcile()`` without faults."""
        self.simulator.faults = Faults()
        self.site.stopping = False
        web = Slot(self.site, "web 3")
        web.start()
        for _ in range(3):
            self.simulator.wait_until_idle(IDLE)
            self.site.run("reconcile")
        self.simulator.wait_until_idle(IDLE)
        self.site.stopping = True
        self.site.terminate()
        web.join(30)

    def compare(self) -> dict[str, Any]:
        """Return the differences between the simulator and the tables, and the numbers."""
        statuses = self.simulator.status_deliveries
        accepted = [
            {
                "uuid": message.message_uuid,
                "client_ref": message.client_ref,
                "text": message.text,
                "answering": message.response_mode,
                "calling": message.webhook_mode,
                "statuses": statuses[message.message_uuid],
            }
            for message in self.simulator.accepted
        ]
        recorded = {"accepted": accepted, "inbound": self.inbound, "sends": SENDS}
        report: dict[str, Any] = json.loads(self.site.run("agree", json.dumps(recorded)))
        return report

    def failures(self) -> list[str]:
        """Return unexpected ends of processes, with the end of their logs."""
        return [
            f"{count} x {role} ended with {code}: {self.site.log(role)}"
            for (role, code), count in self.site.exits.items()
            if code not in {0, -9, -15}  # -15: a web server, or a worker that was still starting
        ]

    def numbers(self) -> dict[str, Any]:
        callbacks = self.simulator.callbacks
        attempts = [attempt for callback in callbacks for attempt in callback.attempts]
        places = self.site.killed_at
        return {
            "seed": SEED,
            "kills": self.site.killed,
            "kills by place": {
                place: places[place] for place in (*IN_WRITING, *IN_SENDING, "at random")
            },
            "pauses beyond the lease": self.site.paused,
            "connections terminated": self.terminated,
            "sends": SENDS,
            "webhooks": len(callbacks),
            "webhook retries": len(attempts) - len(callbacks),
            "webhook answers": Counter(a.error or str(a.status) for a in attempts),
        }
