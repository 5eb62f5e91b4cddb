"""A site from the page "Use Celery", with a Redis server and workers of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.crash.servers import CI, free_port
from tests.docs.blocks import ROOT, blocks_of

PAGE = ROOT / "docs" / "celery.md"
EXECUTOR = "shop.executors.executor"
TASKS_OF_THE_TESTS = '''

import os
import signal


@shared_task
def run_worker(path):
    """Run vonage_worker, and note the signal handlers around it."""
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    call_command("vonage_worker", once=True, threads=2)
    after = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with open(f"{path}.new", "w") as file:
        file.write("restored" if after == before else f"{before} {after}")
    os.rename(f"{path}.new", path)
'''
QUEUE = """
import sys
import django
django.setup()
from django_vonage_messages import queue_message
for number in range(int(sys.argv[1])):
    queue_message(f"4477009{number:05}", f"Message {number}")
"""


class CelerySite:
    """The files of the site, and the processes that use them."""

    def __init__(self, place: Path, redis_url: str) -> None:
        self._place = place
        self._running: list[subprocess.Popen[bytes]] = []
        package = place / "shop"
        package.mkdir()
        (package / "__init__.py").write_text("from shop.celery import app\n")
        for block in blocks_of(PAGE):
            if block.name.endswith(".py"):
                (package / block.name).write_text(block.code)
        with (package / "tasks.py").open("a") as tasks:
            tasks.write(TASKS_OF_THE_TESTS)
        page_settings = (package / "settings.py").read_text()
        base = "from tests.races.process_settings import *\n"
        (package / "settings.py").write_text(base + page_settings)
        self._environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "PYTHONPATH": f"{place}{os.pathsep}{ROOT}",
            "RACES_DATABASE": json.dumps(_database(), default=str),
            "RACES_ACCOUNTS": json.dumps(_accounts()),
            "REDIS_URL": redis_url,
        }

    def queue(self, count: int) -> None:
        """Queue messages in a process of the site, which calls its EXECUTOR."""
        self.run("-c", QUEUE, str(count))

    def call(self, task: str, *args: object, **options: object) -> None:
        """Enqueue a task of the site by its name."""
        sending = "import sys, json, shop; options = json.loads(sys.argv[1]); "
        sending += "shop.app.send_task(**options)"
        self.run("-c", sending, json.dumps({"name": task, "args": args, **options}))

    def run(self, *arguments: str) -> str:
        """Run Python in a process of the site, and return its output."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self._place,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_worker(self, pool: str) -> subprocess.Popen[bytes]:
        """Start a Celery worker with four processes or threads."""
        options = ("--pool", pool, "--concurrency", "4", "--without-gossip", "--without-mingle")
        with (self._place / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "shop", "worker", *options],
                cwd=self._place,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that close() ends its processes too
            )
        self._running.append(worker)
        return worker

    def stop(self, worker: subprocess.Popen[bytes]) -> None:
        """Send SIGTERM to a worker, and wait until its tasks are finished."""
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=120) == 0, self.log()

    def wait_until(self, condition: Callable[[], bool], seconds: float = 150.0) -> None:
        """Wait until the condition holds; the log of the workers is the error."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def log(self) -> str:
        """Return the end of the workers' log."""
        return (self._place / "worker.log").read_text()[-4000:]

    def close(self) -> None:
        """Kill the workers that still run."""
        for worker in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


@contextmanager
def redis_server(directory: Path) -> Iterator[str]:
    """Start a Redis server, yield its URL, and stop it."""
    found = subprocess.run([CI / "redis"], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        text = f"The test of Celery needs Redis: {found.stderr}"
        pytest.fail(text) if os.environ.get("CI") else pytest.skip(text)
    port = free_port()
    options = ("--bind", "127.0.0.1", "--save", "", "--dir", str(directory))
    command = [found.stdout.strip(), "--port", str(port), *options]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/5"
    finally:
        server.terminate()
        server.wait()


def _database() -> dict[str, Any]:
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    return {name: connection.settings_dict[name] for name in names}


def _accounts() -> dict[str, Any]:
    (account,) = settings.VONAGE_MESSAGES.values()
    return {"default": {**account, "EXECUTOR": EXECUTOR}}
