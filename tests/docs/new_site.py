"""A new Django site that follows the steps of the README, with the README's own blocks.

Three things differ: the ports and the simulator's pauses, and ``createsuperuser`` runs without
input. The installation is skipped, because a test has no network.
"""

import os
import shlex
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from tests.docs.blocks import ROOT, Block, blocks_of

HEADING = "## Add it to a site"
SITE_PORT, SIMULATOR_PORT = "8000", "8090"
PATIENCE = 15.0
PASSWORD = "only for this test"

T = TypeVar("T")


def steps() -> list[Block]:
    """Return the blocks below the README's heading of the steps."""
    readme = ROOT / "README.md"
    begin = readme.read_text(encoding="utf-8").splitlines().index(HEADING)
    return [block for block in blocks_of(readme) if block.line > begin]


class NewSite:
    """A site made by ``django-admin startproject`` and by the steps."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.ports = {SITE_PORT: free_port(), SIMULATOR_PORT: free_port()}
        self.output: dict[str, str] = {}
        self.environment = without_vonage(os.environ) | {
            "DJANGO_SUPERUSER_USERNAME": "ada",
            "DJANGO_SUPERUSER_EMAIL": "ada@example.com",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "error",
        }
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self._running: list[subprocess.Popen[str]] = []
        self.run(sys.executable, "-m", "django", "startproject", "shop", ".")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[SITE_PORT]}"

    def follow(self, block: Block) -> None:
        """Execute one block of the steps."""
        match block.language, block.name:
            case "python", "settings.py" | "urls.py":
                with (self.place / "shop" / block.name).open("a", encoding="utf-8") as module:
                    module.write(f"\n{block.code}\n")
            case "python", "shell":
                self.output["shell"] = self.run(*self.manage("shell"), typed=block.code)
            case "text", "simulator":
                self.type_into_simulator(block.code)
            case "sh", "":
                for line in block.code.splitlines():
                    self.command(line)
            case kind:
                raise AssertionError(f"{block}: nothing follows a step of the kind {kind}.")

    def command(self, line: str) -> None:
        """Run one line of a terminal."""
        match shlex.split(line):
            case ["export", assignment]:
                name, _, value = assignment.partition("=")
                self.environment[name] = self.ported(value)
            case ["python", "-m", "pip", "install", _]:
                pass
            case ["python", "manage.py", "runserver"]:
                address = f"127.0.0.1:{self.ports[SITE_PORT]}"
                self.start(*self.manage("runserver", "--noreload", address))
                eventually(lambda: accepts_connections(self.ports[SITE_PORT]))
            case ["python", "manage.py", "vonage_simulator"]:
                port, site = str(self.ports[SIMULATOR_PORT]), f"{self.url}/webhooks/"
                options = ("--port", port, "--site", site, "--time-scale", "0.2")
                self.start(*self.manage("vonage_simulator", *options))
                eventually(lambda: accepts_connections(self.ports[SIMULATOR_PORT]))
            case ["python", "manage.py", "createsuperuser"]:
                self.run(*self.manage("createsuperuser", "--noinput"))
            case ["python", "manage.py", command]:
                self.output[command] = self.run(*self.manage(command))
            case _:
                raise AssertionError(f"No step runs this: {line}")

    def ported(self, text: str) -> str:
        """Replace the README's ports by this site's ports."""
        for documented, own_port in self.ports.items():
            text = text.replace(f":{documented}", f":{own_port}")
        return text

    def manage(self, *arguments: str) -> tuple[str, ...]:
        return (sys.executable, "manage.py", *arguments)

    def run(self, *command: str, typed: str = "") -> str:
        """Run a command and return its output; a failure fails the test."""
        done = subprocess.run(
            command,
            cwd=self.place,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{command[1:]}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def start(self, *command: str) -> None:
        """Start a long-running command; its output goes to a file beside the site."""
        with (self.place / f"{command[2]}.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command,
                cwd=self.place,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
            )
        self._running.append(process)

    def type_into_simulator(self, text: str) -> None:
        keyboard = self._running[-1].stdin
        assert keyboard is not None
        keyboard.write(f"{text}\n")
        keyboard.flush()

    def stop(self) -> None:
        """Stop the long-running commands."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.communicate(timeout=10)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the site's database."""
        with closing(sqlite3.connect(self.place / "db.sqlite3")) as database:
            return database.execute(sql).fetchall()


def without_vonage(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("VONAGE_")}


def eventually(find: Callable[[], T]) -> T:
    """Call ``find`` until its result is true; return the result."""
    deadline = time.monotonic() + PATIENCE
    while not (found := find()):
        assert time.monotonic() < deadline, "The condition was not met in time."
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
