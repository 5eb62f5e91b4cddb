"""One run of the site that is killed, from the first send to the last ``reconcile()``."""

import json
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django_vonage_messages.simulator import Faults, Simulator
from tests.crash.places import IN_SENDING, IN_WRITING, TIMEOUT
from tests.crash.processes import SenderSlot, Site, Slot
from tests.crash.variants import Database

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
WITHOUT_ANSWER = {"as an error", "cut off", "empty"}
"""Modes in which the simulator accepts a message and answers nothing usable."""


@dataclass(frozen=True)
class Size:
    """The minimum of kills, the number of sends, and the latest passage of a death."""

    kills: int
    sends: int
    latest_passage: int


class Run:
    """One run of the site, from the first send to the last ``reconcile()``."""

    def __init__(
        self,
        database: Database,
        directory: Path,
        simulator: Simulator,
        port: int,
        size: Size,
        seed: int,
    ) -> None:
        options = {"base_url": simulator.base_url, "timeout": (TIMEOUT, TIMEOUT)}
        self.size = size
        self.seed = seed
        self.database = database
        self.simulator = simulator
        self.inbound: list[str] = []
        self.sent = 0
        self.uncertain: set[int] = set()
        self.random = random.Random(seed)
        self.work: queue.Queue[int] = queue.Queue(maxsize=SENDERS)
        self.site = Site(
            {
                "CRASH_DATABASE_URL": database.site_url,
                "CRASH_DATABASE_SETTINGS": json.dumps(database.settings),
                "CRASH_ACCOUNT": json.dumps(simulator.settings(OPTIONS=options)),
                "CRASH_PORT": str(port),
            },
            directory,
            seed,
            size.latest_passage,
        )
        self._direct = {"CRASH_DATABASE_URL": database.url, "CRASH_DATABASE_SETTINGS": "{}"}
        self.site.run("create", self._direct)

    def disturb(self) -> None:
        """Send everything while processes are killed; return after enough kills."""
        slots = [Slot(self.site, f"{role} {n}") for role in ("web", "worker") for n in (1, 2)]
        senders = [
            SenderSlot(self.site, f"sender {n}", self.work, self.uncertain) for n in range(SENDERS)
        ]
        for slot in (*slots, *senders):
            slot.start()
        with self._reaper():
            self._send_all()
            for _ in senders:
                self.work.put(-1)
            for sender in senders:
                sender.join()
            while self.site.killed < self.size.kills:
                time.sleep(0.1)
        self.site.armed, self.site.stopping = False, True
        self.site.terminate()
        for slot in slots:
            slot.join(30)

    def _send_all(self) -> None:
        for n in range(self.size.sends):
            while self.site.killed < self.size.kills * n / self.size.sends - 3:
                time.sleep(0.02)
            self.work.put(n)
            self.sent = n + 1
            if n % 8 == 0:
                customer = f"4477008{self.random.randrange(10):05}"
                self.inbound.append(self.simulator.customer_sends(f"inbound {n}", customer))

    @contextmanager
    def _reaper(self) -> Iterator[None]:
        """Disturb the database; kill processes at random, and more if the failpoints lag."""
        done = threading.Event()

        def reap() -> None:
            while not done.wait(0.2):
                progress = self.sent / self.size.sends
                expected = self.size.kills * progress
                at_random = self.site.killed_at["at random"]
                tolerated = 2 if progress < 1 else 0
                if (
                    self.site.killed < expected - tolerated
                    or at_random < expected * self.random.random() / 2
                ):
                    self.site.kill_one(self.random)
                self.database.disturb(progress)

        thread = threading.Thread(target=reap, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def finish(self) -> None:
        """Let the site answer its webhooks and run ``reconcile()`` without faults."""
        self.simulator.faults = Faults()
        self.database.calm()
        self.site.stopping = False
        web = Slot(self.site, "web 3")
        web.start()
        for _ in range(3):
            self.simulator.wait_until_idle(IDLE)
            self.site.reconcile()
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
        recorded = {
            "accepted": accepted,
            "inbound": self.inbound,
            "sends": self.size.sends,
            "uncertain": sorted(self.uncertain),
            "without_answer": sorted(self._without_answer()),
            "interrupted": sorted(self._interrupted()),
        }
        answer = self.site.run("agree", self._direct, json.dumps(recorded))
        report: dict[str, Any] = json.loads(answer)
        return report

    def _interrupted(self) -> set[str]:
        """Return the messages in whose sending a process has died or paused."""
        left = Counter(self.site.lines("begun")) - Counter(self.site.lines("ended"))
        return {message for _pid, message in left}

    def _without_answer(self) -> set[str]:
        """Return the texts of the messages that a fault of the simulator left without an answer."""
        failed = {
            json.loads(refused.body)["message"]["content"]["text"]
            for refused in self.simulator.refused
            if refused.status == 500
        }
        answerless = {m.text for m in self.simulator.accepted if m.response_mode in WITHOUT_ANSWER}
        return failed | answerless | {text for _, text in self.site.lines("slow")}

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
            "seed": self.seed,
            "kills": self.site.killed,
            "kills by place": {
                place: places[place] for place in (*IN_WRITING, *IN_SENDING, "at random")
            },
            "pauses beyond the lease": self.site.paused,
            **self.database.numbers(),
            "sends": self.size.sends,
            "sends with an unknown result": len(self.uncertain),
            "webhooks": len(callbacks),
            "webhook retries": len(attempts) - len(callbacks),
            "webhook answers": Counter(a.error or str(a.status) for a in attempts),
        }
