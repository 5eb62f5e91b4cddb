"""Each benchmark runs at its smallest size on SQLite and prints the expected rows."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = ("admin index", "conversations,", "vonage_worker", "vonage_reconcile", "--texts")
SCRIPTS = {
    "worker": ["--count=4", "--threads=2", "--processes=1", "--latency=0.01"],
    "scale": ["--sizes=20,40", *(f"--only={text}" for text in WORK)],
    "startup": [],
    "sends": ["--count=2", "--sdk-count=1"],
    "webhooks": ["--count=2"],
    "served": ["--count=4"],
}

Outputs = dict[str, "Future[subprocess.CompletedProcess[str]]"]


@pytest.fixture(scope="module")
def outputs() -> Iterator[Outputs]:
    """Run all scripts, one per core at a time."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {script: pool.submit(run, script, options) for script, options in SCRIPTS.items()}


def run(script: str, options: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.{script}", "--rounds=1", *options],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )


def printed(outputs: Outputs, script: str, *, exit_code: int = 0) -> str:
    """Return the output of a script, both streams."""
    done = outputs[script].result()
    assert done.returncode == exit_code, done.stdout
    return done.stdout


def row(output: str, name: str) -> list[str]:
    """Return the cells of the row that begins with ``name``."""
    (line,) = [line for line in output.splitlines() if line.startswith(f"{name}  ")]
    return line.removeprefix(name).split()


def is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def test_webhooks_prints_statement_counts(outputs):
    output = printed(outputs, "webhooks")
    counts = {
        name: row(output, name)[:3]
        for name in ("bare view, one INSERT", "empty view", "status", "inbound, 1 receiver")
    }
    assert counts["bare view, one INSERT"] == ["1", "0", "1"]
    assert counts["empty view"] == ["0", "0", "0"]
    assert counts["status"][1:] == ["0", "1"]
    assert counts["inbound, 1 receiver"][1:] == ["1", "1"]


def test_sends_prints_counts_for_bare_posts_and_the_sdk(outputs):
    output = printed(outputs, "sends")
    assert row(output, "bare POST, INSERT and UPDATE")[:2] == ["2", "2"]
    assert row(output, "bare POST")[:2] == ["0", "0"]
    assert row(output, "send_message()")[1] == "2"
    assert row(output, "queue_message()")[1] == "1"
    if is_installed("vonage"):
        assert row(output, "Vonage SDK")[:2] == ["0", "0"]
    else:
        assert "make bench-sends" in output


def test_served_stores_every_webhook_that_it_answers(outputs):
    if not is_installed("gunicorn"):
        assert "make bench-served" in printed(outputs, "served", exit_code=1)
        return
    output = printed(outputs, "served")
    for name in ("bare view, one INSERT", "status", "inbound"):
        assert row(output, name)[-4:] == ["0", "8", "of", "8"]


def test_worker_delivers_the_whole_queue(outputs):
    output = printed(outputs, "worker")
    assert row(output, "bare pool")[-3:] == ["4", "of", "4"]
    assert row(output, "vonage_worker × 1")[-3:] == ["4", "of", "4"]


def test_scale_measures_pages_and_commands(outputs):
    output = printed(outputs, "scale")
    assert "SQL ms, 40" in output
    for name in (
        "admin index",
        "conversations, search a number",
        "vonage_worker, nothing due",
        "vonage_worker, 8 due",
        "vonage_reconcile",
        "vonage_prune --texts, 200 old messages",
    ):
        assert int(row(output, name)[0]) > 0


def test_startup_names_the_packages_that_the_app_loads(outputs):
    output = printed(outputs, "startup")
    for name in ("django.setup(), CPU ms", "later request, CPU µs", "modules after a request"):
        assert row(output, name)
    assert "because of the app: " in output
