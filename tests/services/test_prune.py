"""vonage_prune: batches, leftovers of interrupted runs, progress and interruption."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models.signals import post_delete
from django.utils import timezone

from django_vonage_messages import queue_message
from django_vonage_messages.models import Conversation, Message, SignalDispatch, Workflow
from django_vonage_messages.services.operations import prune
from django_vonage_messages.testing import simulate_inbound

pytestmark = pytest.mark.django_db

TO = "447700900000"
OLD = timezone.now() - timedelta(days=40)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "BATCH", 2)


@pytest.fixture
def signal_on_delete(request: pytest.FixtureRequest) -> Iterator[None]:
    """Send this process a signal when the first message is deleted."""

    def interrupt(**kwargs: Any) -> None:
        post_delete.disconnect(interrupt, sender=Message)
        os.kill(os.getpid(), request.param)

    post_delete.connect(interrupt, sender=Message)
    yield
    post_delete.disconnect(interrupt, sender=Message)


def old_messages(count: int) -> list[int]:
    pks = [simulate_inbound(TO, f"Hello {n}").pk for n in range(count)]
    Message.objects.filter(pk__in=pks).update(created_at=OLD)
    return pks


def run(*options: str) -> str:
    out = StringIO()
    call_command("vonage_prune", *options, stdout=out)
    return out.getvalue()


def test_kept_rows_between_the_batches_do_not_stop_the_removal() -> None:
    first, _, third, *_ = pks = old_messages(7)
    Message.objects.filter(pk=first).update(status="queued")
    SignalDispatch.objects.create(signal="message_received", message_id=third, error="Error")
    new = simulate_inbound(TO, "New").pk

    assert run("--messages=30", "--dry-run") == "messages: 5 would be removed\n"
    assert Message.objects.count() == len(pks) + 1
    assert run("--messages=30") == "messages: 5 removed\n"
    assert set(Message.objects.values_list("pk", flat=True)) == {first, third, new}


def test_old_row_behind_a_newer_row_is_removed() -> None:
    first, *_ = old_messages(2)
    Message.objects.filter(pk=first).update(created_at=timezone.now())

    assert run("--messages=30") == "messages: 1 removed\n"
    assert Message.objects.get().pk == first


def test_rows_that_are_too_new_are_read_once(django_assert_max_num_queries: Any) -> None:
    old_messages(1)
    for n in range(20):
        simulate_inbound(TO, f"New {n}")

    with django_assert_max_num_queries(20):
        assert run("--messages=30") == "messages: 1 removed\n"


def test_workflows_without_messages_are_removed_with_the_messages() -> None:
    workflows = [Workflow.objects.create(account="default", created_at=OLD) for _ in range(5)]
    used = queue_message(TO, "Hello")
    Message.objects.filter(pk=used.pk).update(created_at=OLD, workflow=workflows[0])
    new = Workflow.objects.create(account="default")

    assert run("--messages=30", "--dry-run") == "messages: 0 would be removed\n"
    assert Workflow.objects.count() == 6
    assert run("--messages=30") == "messages: 0 removed\n"
    assert set(Workflow.objects.all()) == {workflows[0], new}


def test_previews_are_emptied_after_an_interrupted_run() -> None:
    old_messages(3)
    Message.objects.update(text="", content={}, payload={})  # as the interrupted run did
    other = simulate_inbound("447700900001", "New").conversation

    run("--texts=30")

    previews = Conversation.objects.values_list("pk", "last_message_preview")
    assert dict(previews)[other.pk] == "New"
    assert sorted(dict(previews).values()) == ["", "New"]


def test_all_counts_are_in_one_line() -> None:
    old_messages(3)
    out = run("--webhooks=30", "--texts=30", "--messages=30")
    assert out == "webhooks: 0, texts: 3, messages: 3 removed\n"


def test_terminal_shows_the_count_of_each_batch() -> None:
    old_messages(5)
    terminal = Terminal()

    call_command("vonage_prune", "--messages=30", stdout=terminal, no_color=True)

    *batches, last = terminal.getvalue().split("\r\x1b[K")
    assert last == "messages: 5 removed\n"
    for count in (2, 4, 5):
        assert f"\rmessages: {count} removed…" in "".join(batches)


@pytest.mark.parametrize("signal_on_delete", [signal.SIGINT, signal.SIGTERM], indirect=True)
def test_signal_stops_the_command_after_its_batch(signal_on_delete: None) -> None:
    old_messages(5)
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    out = StringIO()

    with pytest.raises(CommandError, match="Interrupted; run the command again") as exc:
        call_command("vonage_prune", "--messages=30", stdout=out)

    assert exc.value.returncode == 130
    assert out.getvalue() == "messages: 2 removed\n"
    assert Message.objects.count() == 3
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers

    assert run("--messages=30") == "messages: 3 removed\n"
