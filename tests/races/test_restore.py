"""A restored copy of a site with queued messages sends nothing, if the steps are followed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_vonage_messages import queue_message
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message, SignalDispatch
from django_vonage_messages.services.operations.deployment import record_deployment
from django_vonage_messages.simulator import Simulator
from django_vonage_messages.testing import simulate_inbound
from tests.docs.blocks import blocks_of
from tests.docs.tables import page
from tests.races.copies import Copy, manage_arguments, restored

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("without_receivers"),
]
COUNT = 100
ASKING = "447700899999"
SOON = timedelta(seconds=3)
COPY = "vonage_messages.W016"
DUE = 80
"""Messages that are due before the end of a test."""


@pytest.fixture
def site(vonage: Simulator) -> dict[str, Any]:
    """Return the accounts of a site with 100 queued messages and an answer that failed."""
    now = timezone.now()
    for number in range(COUNT):
        options: dict[str, Any] = {"idempotency_key": f"appointment-{number}"}
        if number % 5 == 0:
            options["send_at"] = now + timedelta(days=1)
        elif number % 5 == 1:
            options["send_at"] = now + SOON
        if number % 10 in (0, 1, 2):
            options["failover"] = [Failover("See you then", channel="whatsapp")]
        queue_message(f"4477009{number:05}", "See you tomorrow at 9", **options)
    claimed = Message.objects.filter(status="queued", send_at=None)[:5]
    Message.objects.filter(pk__in=[message.pk for message in claimed]).update(
        claim_token="9f9d51bc-70ef-4ca5-9c14-5a0b5c21d1d1",
        claim_expires_at=now - timedelta(minutes=10),
    )
    question = simulate_inbound(ASKING, "Can I come at 10?")
    SignalDispatch.objects.create(
        signal="message_received", message=question, error="ConnectionError", next_try_at=now
    )
    assert Message.objects.filter(status="queued").count() == COUNT
    record_deployment()
    account = vonage.settings()
    return {"default": account | {"SENDERS": account["SENDERS"] | {"sms": "447700900001"}}}


def requests(vonage: Simulator) -> int:
    return len(vonage.accepted) + len(vonage.refused)


def wait_for_requests(vonage: Simulator, count: int) -> None:
    """Wait until the simulator has received this number of requests."""
    deadline = time.monotonic() + 30
    while requests(vonage) < count:
        assert time.monotonic() < deadline, f"{requests(vonage)} of {count} requests"
        time.sleep(0.1)


@contextmanager
def running(copy: Copy, command: str) -> Iterator[list[str]]:
    """Run a worker on the copy inside the block. The list has its output after the block."""
    worker = copy.start(*manage_arguments(f"{command} --poll 0.2"))
    printed: list[str] = []
    try:
        yield printed
    finally:
        worker.terminate()
        printed.append(worker.communicate(timeout=30)[0])
        print(printed[0])  # noqa: T201 -- shown if the test fails
    assert worker.returncode == 0


def steps_of(heading: str) -> tuple[dict[str, Any], list[str]]:
    """Return the settings and the commands in a section of the page, in order."""
    lines = page("restore").read_text(encoding="utf-8").splitlines()
    first = lines.index(f"## {heading}")
    last = next(n for n, line in enumerate(lines) if n > first and line.startswith("## "))
    blocks = [block for block in blocks_of(page("restore")) if first < block.line < last]
    namespace: dict[str, Any] = {}
    for block in blocks:
        if block.language == "python":
            exec(block.compiled(), namespace)
    commands = [line for b in blocks if b.language == "sh" for line in b.code.splitlines()]
    return namespace["VONAGE_MESSAGES"]["default"], commands


def test_copy_that_is_restored_by_the_documented_steps_sends_nothing(site, vonage):
    settings, (hold, check, work) = steps_of("Run a staging copy")
    assert settings["ALLOWED_RECIPIENTS"] == []
    accounts = {"default": site["default"] | {"ALLOWED_RECIPIENTS": []}}
    with restored(accounts) as copy:
        output = copy.manage(hold)
        assert "held: 130" in output  # with the failover messages
        assert "failed signals: 1" in output
        assert COPY not in copy.manage(check)
        with running(copy, work) as printed:
            started = time.monotonic()
            while _dispatch(copy, "done_at") == "None":  # the receiver answers the customer
                assert time.monotonic() - started < 30
            time.sleep(max(0.0, SOON.total_seconds() + 1 - (time.monotonic() - started)))
        assert "another host" not in printed[0]
        notices = _notices(copy)
        assert "131 messages are held" in notices  # with the answer
        assert "another host" not in notices
    assert requests(vonage) == 0


def test_copy_without_the_steps_warns_and_sends(site, vonage):
    """Without this test, the one before it could pass because its worker does not work."""
    with restored(site) as copy:
        assert COPY in copy.manage("python manage.py check --database default")
        assert "another host" in _notices(copy)
        with running(copy, "python manage.py vonage_worker") as printed:
            wait_for_requests(vonage, DUE + 1)  # with the answer of the receiver
        assert "last used by another host" in printed[0]
        assert "run manage.py vonage_hold" in printed[0]
        assert COPY in copy.manage("python manage.py check --database default")
    assert requests(vonage) == DUE + 1


def test_copy_that_is_only_held_sends_each_message_once_after_the_release(site, vonage):
    """In production, the settings allow everybody, so that receivers run again."""
    with restored(site) as copy:
        copy.manage("python manage.py vonage_hold")
        with running(copy, "python manage.py vonage_worker"):
            wait_for_requests(vonage, 1)
            time.sleep(SOON.total_seconds())
        assert [accepted.to for accepted in vonage.accepted] == [ASKING]
        assert "released: 130" in copy.manage("python manage.py vonage_hold --release")
        copy.manage("python manage.py vonage_worker --once")
    references = [accepted.client_ref for accepted in vonage.accepted]
    assert len(references) == len(set(references)) == DUE + 1


def _dispatch(copy: Copy, column: str) -> str:
    code = (
        "import django; django.setup()\n"
        "from django_vonage_messages.models import SignalDispatch\n"
        f"print(SignalDispatch.objects.get().{column})"
    )
    process = copy.start("-c", code)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    return output.splitlines()[-1]


def _notices(copy: Copy) -> str:
    process = copy.start("-m", "tests.races.notices")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    return output
