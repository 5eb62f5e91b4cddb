"""Delivery summaries of messages, in the conversation and on the message page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message, PausedSender, Suppression, Worker
from django_vonage_messages.protocol.outcomes import NotSent, Outcome, Throttled
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.delivery.deliver import deliver
from tests.admin.conftest import CUSTOMER, Staff
from tests.admin.test_actions import message_url, thread_url

END = "\N{POP DIRECTIONAL ISOLATE}"
NOON = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
THROTTLED = Throttled(error=ErrorInfo("1000", "Throttled"), retry_after=600)
UNREACHABLE = NotSent("No connection could be made")


@pytest.fixture(params=[message_url, thread_url], ids=["page", "thread"])
def text_of(request: pytest.FixtureRequest, staff: Staff) -> Callable[[Message], str]:
    """Return the text of a page that shows a message, without tags."""
    client: Client = staff("view_conversation", "view_message")

    def text_of(message: Message) -> str:
        with timezone.override(UTC):
            page = client.get(request.param(message)).content.decode()
        text: str = re.sub(r"<[^>]+>", " ", page)
        return re.sub(r"\s+", " ", text.replace("\N{FIRST STRONG ISOLATE}", "").replace(END, ""))

    return text_of


Text = Callable[[Message], str]


def test_scheduled_message_shows_its_times(text_of: Text) -> None:
    message = queue_message(CUSTOMER, "Hi", send_at=NOON, expires_at=NOON + timedelta(hours=2))
    text = text_of(message)
    assert "Queued" in text
    assert "Will be sent: May 4, 2031, noon." in text
    assert "Expires: May 4, 2031, 2 p.m." in text
    assert "Tried" not in text


def test_time_with_a_full_stop_does_not_get_a_second_one(text_of: Text) -> None:
    message = queue_message(CUSTOMER, "Hi", send_at=NOON + timedelta(hours=2))
    text = text_of(message)
    assert "Will be sent: May 4, 2031, 2 p.m." in text
    assert ".." not in text


def test_due_message_shows_its_due_time(text_of: Text) -> None:
    message = queue_message(CUSTOMER, "Hi")
    text = text_of(message)
    assert "Due since " in text
    assert "Will be sent:" not in text
    assert "Overdue" not in text


@pytest.mark.parametrize(
    ("outcome", "expected_text"),
    [
        (THROTTLED, "The last attempt failed: Vonage’s rate limit was reached"),
        (UNREACHABLE, "The last attempt failed: Vonage could not be reached"),
    ],
)
def test_retry_shows_its_attempts_reason_and_next_time(
    outcome: Outcome, expected_text: str, text_of: Text, outcomes: list[Any]
) -> None:
    message = queue_message(CUSTOMER, "Hi")
    outcomes += [outcome, outcome]
    deliver(message.pk)
    Message.objects.update(due_at=NOON)
    assert "Tried 1 time. Next attempt: May 4, 2031, noon." in text_of(message)
    Message.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    deliver(message.pk)
    Message.objects.update(due_at=NOON)
    text = text_of(message)
    assert "Tried 2 times. Next attempt:" in text
    assert expected_text in text
    assert "No action needed: nothing was sent, and the next attempt is automatic." in text
    assert "Who must act?" not in text
    assert "then send" not in text
    assert "Try again" not in text


def test_accepted_message_shows_its_number_of_attempts(text_of: Text, outcomes: list[Any]) -> None:
    message = queue_message(CUSTOMER, "Hi")
    outcomes.append(UNREACHABLE)
    deliver(message.pk)
    Message.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    deliver(message.pk)
    text = text_of(message)
    assert "Tried 2 times." in text
    assert "Next attempt" not in text
    assert "could not be reached" not in text.partition("Timeline")[0]


def test_expired_message_shows_its_deadline(text_of: Text) -> None:
    message = queue_message(CUSTOMER, "Hi", expires_at=timezone.now() + timedelta(hours=1))
    Message.objects.update(expires_at=datetime(2021, 5, 4, 12, tzinfo=UTC))
    deliver(message.pk)
    text = text_of(message)
    assert "Expired" in text
    assert "Expired: May 4, 2021, noon." in text
    assert "Who must act? You" in text
    assert "not in the list of known errors" not in text


def test_suppressed_message_is_not_shown_as_refused_by_vonage(
    text_of: Text,
) -> None:
    message = queue_message(CUSTOMER, "Hi")
    Suppression.objects.create(address=CUSTOMER, evidence="STOP")
    deliver(message.pk)
    text = text_of(message)
    assert "The recipient is suppressed" in text
    assert "Vonage rejected the message" not in text


def test_overdue_message_shows_its_owner_and_remedy(text_of: Text) -> None:
    message = queue_message(CUSTOMER, "Hi")
    expected_text = "Overdue"
    Message.objects.update(due_at=timezone.now() - timedelta(seconds=115))
    assert expected_text not in text_of(message)
    Message.objects.update(due_at=timezone.now() - timedelta(seconds=125))
    text = text_of(message)
    assert expected_text in text
    assert "vonage_worker" in text
    assert "Who must act? The operators of this site" in text
    Message.objects.update(claim_expires_at=timezone.now() + timedelta(minutes=1))
    assert expected_text not in text_of(message)
    Message.objects.update(claim_expires_at=timezone.now() - timedelta(minutes=1))
    assert expected_text in text_of(message)
    Message.objects.update(status="sending")
    assert expected_text not in text_of(message)


def test_missing_worker_is_marked(staff: Staff) -> None:
    worker = Worker.objects.create(name="host:1:1")
    client = staff("view_worker")
    pages = [
        "/admin/vonage_messages/worker/",
        f"/admin/vonage_messages/worker/{worker.pk}/change/",
    ]
    stale = "Not seen for over a minute"
    for age, marked in ((50, False), (70, True)):
        Worker.objects.update(seen_at=timezone.now() - timedelta(seconds=age))
        for page in pages:
            text = client.get(page).content.decode()
            assert (stale in text) is marked
            assert ("Running" in text) is not marked
        assert ("start one" in text) is marked


def test_message_of_a_paused_sender_shows_the_pause(text_of: Text, outcomes: list[Any]) -> None:
    sent, waiting = (queue_message(CUSTOMER, "Hi", sender="ACME") for _ in range(2))
    outcomes.append(Throttled(retry_after=86_400))
    deliver(sent.pk)
    PausedSender.objects.update(until=NOON, paused_at=NOON - timedelta(minutes=9))
    expected_text = "Waits: the sender is paused until May 4, 2031, noon"
    for message in (sent, waiting):
        Message.objects.update(due_at=timezone.now() - timedelta(minutes=3))
        text = text_of(message)
        assert expected_text in text
        assert "No action needed" in text
        assert "Overdue" not in text
        assert "vonage_worker" not in text
    Message.objects.update(due_at=NOON + timedelta(seconds=1))
    assert expected_text not in text_of(waiting)
    Message.objects.update(our_address="OTHER", due_at=timezone.now())
    assert expected_text not in text_of(waiting)


def test_overdue_message_of_a_running_worker_does_not_ask_for_a_worker(text_of: Text) -> None:
    message = queue_message(CUSTOMER, "Hi")
    Message.objects.update(due_at=timezone.now() - timedelta(minutes=3))
    Worker.objects.create(name="host:1:1")
    text = text_of(message)
    assert "A worker is running, but has not sent the message yet." in text
    assert "vonage_worker" not in text
