"""vonage_prune while another transaction changes an old message."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, StatusEvent
from django_vonage_messages.testing import simulate_status

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def message(outcomes: object) -> Message:
    message = send_message("447700900000", "Hello")
    Message.objects.update(created_at=timezone.now() - timedelta(days=40))
    return message


def prune_during(change: Callable[[], object]) -> str:
    """Run the command while a transaction with a change is open, and return its output."""
    changed, reached = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                change()
                changed.set()
                assert reached.wait(30)
                time.sleep(0.3)  # the command waits for the lock in this time
        finally:
            connections.close_all()

    def notice_lock(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if "FOR UPDATE" in sql or sql.startswith("UPDATE"):  # SQLite locks with an update
            reached.set()
        return execute(sql, *arguments)

    thread = threading.Thread(target=work)
    thread.start()
    assert changed.wait(30)
    out = StringIO()
    with connection.execute_wrapper(notice_lock):
        call_command("vonage_prune", "--messages=30", stdout=out)
    thread.join()
    return out.getvalue()


def test_message_is_removed_with_an_event_that_arrives_meanwhile(message: Message) -> None:
    assert prune_during(lambda: simulate_status(message, "delivered")) == "messages: 1 removed\n"
    assert not StatusEvent.objects.exists()


def test_message_that_is_queued_again_meanwhile_is_kept(message: Message) -> None:
    queued_again = Message.objects.filter(pk=message.pk)
    assert prune_during(lambda: queued_again.update(status="queued")) == "messages: 0 removed\n"
    assert Message.objects.get() == message
