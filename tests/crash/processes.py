"""Processes of the site: start, kill and restart."""

import contextlib
import itertools
import os
import queue
import random
import subprocess
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.crash.forks import COMMAND, ROOT, Fork, Forker
from tests.crash.places import IN_SENDING, IN_WRITING, PAUSES
from tests.crash.ways import WITHOUT_A_KEY, way_of

PLACES = {
    "web": (*IN_WRITING, *IN_WRITING, *IN_SENDING),
    "worker": (*IN_WRITING, *IN_SENDING, *PAUSES),
    "sender": (*IN_WRITING, *IN_SENDING, *PAUSES),
}
"""Places of death by role; a web server sends only the replies to customers."""


class Site:
    """Start processes with ``environment``; while ``armed`` is set, processes of slots are to die.

    A process dies at its n-th passage of its place; n is at most ``latest_passage``.
    """

    def __init__(
        self, environment: Mapping[str, str], directory: Path, seed: int, latest_passage: int
    ) -> None:
        self._environment = {
            **os.environ,
            **environment,
            "CRASH_DIRECTORY": str(directory),
            "CRASH_FAILPOINT": "",
        }
        self._forker = Forker(self._environment, directory / "forker.log")
        self._directory = directory
        self.seed = seed
        self.latest_passage = latest_passage
        self._lock = threading.Lock()
        self._started = itertools.count(1)
        self._living: list[Fork] = []
        self.armed = True
        self.stopping = False
        self.exits: Counter[tuple[str, int]] = Counter()

    @property
    def killed(self) -> int:
        """Number of processes that died of SIGKILL."""
        with self._lock:
            return sum(count for (_, code), count in self.exits.items() if code == -9)

    @property
    def killed_at(self) -> Counter[str]:
        """Number of kills by place; "at random" are those of ``kill_one``."""
        places = Counter(place for _, place in self.lines("kills"))
        places["at random"] = self.killed - places.total()
        return places

    @property
    def paused(self) -> int:
        """Number of pauses longer than the lease."""
        return len(self.lines("pauses"))

    def start(self, role: str, place: str = "") -> Fork:
        """Start a process of a role; it dies at ``place`` ("name:n") if one is given."""
        environment = {
            "CRASH_FAILPOINT": place,
            "CRASH_SEED": f"{self.seed}:{next(self._started)}",
        }
        process = self._forker.fork(role, environment, self._directory / f"{role}.log")
        with self._lock:
            self._living.append(process)
        return process

    def ended(self, role: str, process: Fork) -> int:
        """Wait for the end of a process, and record it."""
        code = process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        with self._lock:
            self._living.remove(process)
            self.exits[role, code] += 1
        return code

    def reconcile(self) -> None:
        """Run a process that calls ``reconcile()`` until there is no more work."""
        role = "reconcile"
        process = self.start(role)
        assert self.ended(role, process) == 0, f"{role} failed: {self.log(role)}"

    def run(self, role: str, environment: Mapping[str, str], typed: str = "") -> str:
        """Run a role in a new process with more of an environment; return its output."""
        done = subprocess.run(
            [*COMMAND, role],
            cwd=ROOT,
            env=self._environment | environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{role} failed: {done.stderr[-3000:]}"
        return done.stdout

    def kill_one(self, chance: random.Random) -> None:
        """Kill a random running process."""
        with self._lock:
            if self._living:
                chance.choice(self._living).kill()

    def terminate(self) -> None:
        """Send SIGTERM to every process."""
        with self._lock:
            for process in self._living:
                process.terminate()

    def close(self) -> None:
        """Start no more processes, and kill the running ones."""
        self.stopping = True
        with self._lock:
            for process in self._living:
                process.kill()
        self._forker.close()

    def log(self, role: str) -> str:
        path = self._directory / f"{role}.log"
        return path.read_text()[-3000:] if path.exists() else ""

    def lines(self, file: str) -> list[tuple[int, str]]:
        """Return the lines that processes have appended to a file, with their ids."""
        path = self._directory / file
        lines = path.read_text().splitlines() if path.exists() else ()
        return [(int(pid), what) for pid, _, what in (line.partition(" ") for line in lines)]


class Slot(threading.Thread):
    """A thread that restarts one process of a role after every kill."""

    def __init__(self, site: Site, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.site = site
        self.role = name.partition(" ")[0]
        self._random = random.Random(f"{site.seed}:{name}")
        self._deck: list[str] = []

    def start_process(self) -> Fork:
        return self.site.start(self.role, self._place() if self.site.armed else "")

    def run(self) -> None:
        while not self.site.stopping:
            process = self.start_process()
            if self.site.stopping:  # it started after the other processes were terminated
                process.terminate()
            self.site.ended(self.role, process)

    def _place(self) -> str:
        """Draw the place of the next death; every place is drawn before one is drawn again."""
        if not self._deck:
            self._deck = list(PLACES[self.role])
            self._random.shuffle(self._deck)
        place = self._deck.pop()
        latest = self.site.latest_passage
        if place not in IN_WRITING:
            latest //= 5  # a process commits and runs receivers far more often than it sends
        elif self.role == "web":
            latest *= 5  # and a web server even more often
        return f"{place}:{self._random.randint(1, max(latest, 1))}"


class SenderSlot(Slot):
    """A slot whose process sends the numbers in the queue.

    After a death it sends again, except messages without an idempotency key. The numbers of those
    are added to ``uncertain``, also after a database error: the message is stored or it is not.
    """

    def __init__(
        self, site: Site, name: str, work: "queue.Queue[int]", uncertain: set[int]
    ) -> None:
        super().__init__(site, name)
        self._work = work
        self._uncertain = uncertain

    def run(self) -> None:
        process = self.start_process()
        while (n := self._work.get()) >= 0:
            while (answer := _ask(process, n)) == "" and not self.site.stopping:
                self.site.ended(self.role, process)
                process = self.start_process()
                if way_of(n) in WITHOUT_A_KEY:
                    break
            if answer != "sent":
                self._uncertain.add(n)
        process.stdin.close()
        self.site.ended(self.role, process)


def _ask(process: Fork, n: int) -> str:
    """Return the answer of a sender, or "" if it has died."""
    try:
        process.stdin.write(f"{n}\n")
        process.stdin.flush()
    except BrokenPipeError:
        return ""
    return process.stdout.readline().strip()
