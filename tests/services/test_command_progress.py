"""Progress and interruption of vonage_reconcile and vonage_replay."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message, UnprocessedWebhook
from django_vonage_messages.signals import message_received, message_status_changed
from tests.conftest import SENT, PostWebhook

pytestmark = pytest.mark.django_db(transaction=True)

BATCH = "django_vonage_messages.services.receiving.receive._BATCH"
ATTACH = "django_vonage_messages.services.receiving.receive.attach_inbound"


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Send this process SIGINT while the first message is handled."""
    signals = (message_received, message_status_changed)

    def interrupt(**kwargs: Any) -> None:
        for each in signals:
            each.disconnect(interrupt)
        os.kill(os.getpid(), signal.SIGINT)

    for each in signals:
        each.connect(interrupt)
    yield
    for each in signals:
        each.disconnect(interrupt)


@pytest.fixture
def late_messages() -> None:
    for n in range(3):
        queue_message(f"44770090000{n}", "Hello")
    Message.objects.update(due_at=timezone.now() - timedelta(hours=1))


@pytest.fixture
def stored_webhooks(
    monkeypatch: pytest.MonkeyPatch, post_webhook: PostWebhook, inbound_body: Callable[..., Any]
) -> None:
    """Three stored webhooks of inbound messages, and batches of one webhook."""
    with monkeypatch.context() as broken:
        broken.setattr(ATTACH, None)
        for n in range(3):
            post_webhook("inbound-message", inbound_body(message_uuid=f"uuid-{n}"))
    monkeypatch.setattr(BATCH, 1)


def run(command: str, out: StringIO) -> str:
    call_command(command, stdout=out, no_color=True)
    return out.getvalue()


def interrupted(command: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError, match="Interrupted; run the command again") as exc:
        run(command, out)
    assert exc.value.returncode == 130
    return out.getvalue()


def test_interrupted_reconcile_finishes_its_message_and_starts_no_other(
    late_messages: None, outcomes: object, interrupts: None
) -> None:
    assert (
        interrupted("vonage_reconcile")
        == "delivered: 1, unconfirmed: 0, dispatched: 0, replayed: 0\n"
    )
    statuses = Message.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["accepted", "queued", "queued"]

    assert run("vonage_reconcile", StringIO()).startswith("delivered: 2, ")
    assert len(SENT) == 3


def test_interrupted_replay_can_be_continued(stored_webhooks: None, interrupts: None) -> None:
    assert interrupted("vonage_replay") == "applied: 1\n"
    assert Message.objects.count() == 1

    assert run("vonage_replay", StringIO()) == "applied: 2, still unprocessed: 0\n"
    assert not UnprocessedWebhook.objects.filter(processed_at=None).exists()


def test_terminal_shows_the_counts_while_the_command_runs(
    late_messages: None, stored_webhooks: None, outcomes: object
) -> None:
    replayed = run("vonage_replay", Terminal())
    assert "\rapplied: 2…" in replayed
    assert replayed.endswith("\r\x1b[Kapplied: 3, still unprocessed: 0\n")
    assert "\rdelivered: 2, " in run("vonage_reconcile", Terminal())


def test_command_runs_in_a_thread() -> None:
    out = StringIO()

    def prune() -> None:
        call_command("vonage_prune", "--refusals=1", stdout=out)
        connection.close()

    thread = Thread(target=prune)
    thread.start()
    thread.join()
    assert out.getvalue() == "refusals: 0 removed\n"
