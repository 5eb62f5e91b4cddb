"""Buttons that update a message at Vonage: mark as read, revoke."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_vonage_messages.backends import BaseBackend, MessageUpdate
from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.protocol.outcomes import (
    Accepted,
    NotSent,
    Outcome,
    Rejected,
    Throttled,
    Unconfirmed,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from tests.admin.conftest import CUSTOMER, Staff
from tests.admin.test_actions import buttons, message_url, shown_text, thread_url
from tests.admin.test_thread import entry_of
from tests.settings import VONAGE_MESSAGES

BASE = VONAGE_MESSAGES["default"]
READ, REVOKED = {"status": "read"}, {"status": "revoked"}
TELL = "Send read receipt"
EVERYTHING = ("view_conversation", "view_message", "reply_conversation")
REQUESTED: list[MessageUpdate] = []
OUTCOMES: list[Outcome] = []


class FakeBackend(BaseBackend):
    supports_update = True

    def update(self, update: MessageUpdate) -> Outcome:
        REQUESTED.append(update)
        return OUTCOMES.pop(0) if OUTCOMES else Accepted(update.message_uuid)


@pytest.fixture(autouse=True)
def _v1(settings: Any, db: None) -> None:
    account = {**BASE, "API_VERSION": "v1", "BACKEND": f"{__name__}.FakeBackend"}
    settings.VONAGE_MESSAGES = {"default": account}
    REQUESTED.clear()
    OUTCOMES.clear()


@pytest.fixture
def anna(staff: Staff) -> Client:
    return staff(*EVERYTHING)


def new(direction: str, channel: str, **columns: Any) -> Message:
    thread, _ = Conversation.objects.get_or_create(
        account="default", channel=channel, our_address="447700900002", their_address=CUSTOMER
    )
    defaults = {
        "conversation": thread,
        "account": "default",
        "our_address": "447700900002",
        "their_address": CUSTOMER,
        "message_uuid": f"uuid-{Message.objects.count()}",
        "content_type": "text",
        "content": {"text": "Hello"},
        "text": "Hello",
        "status": "received" if direction == "inbound" else "accepted",
    }
    return Message.objects.create(direction=direction, channel=channel, **defaults | columns)


def inbound_message() -> Message:
    return new("inbound", "whatsapp")


def rcs_message() -> Message:
    return new("outbound", "rcs")


PLACES = [
    pytest.param(inbound_message, "mark-read", thread_url, READ, id="read"),
    pytest.param(rcs_message, "revoke", message_url, REVOKED, id="revoke"),
]
places = pytest.mark.parametrize(("make", "name", "url_of", "body"), PLACES)


@places
def test_button_requests_the_update_and_logs_it(
    make: Any, name: str, url_of: Any, body: Any, anna: Client
) -> None:
    message = make()
    assert list(buttons(anna, url_of(message))) == [url_of(message, name)]
    response = anna.post(url_of(message, name))
    assert [(update.message_uuid, update.body) for update in REQUESTED] == [("uuid-0", body)]
    assert url_of(message) in response["Location"]
    done = "Message revoked." if name == "revoke" else "Read receipt sent."
    assert shown_text(response) == done
    note = "Revoked." if name == "revoke" else "Sent a read receipt."
    assert [entry.change_message for entry in LogEntry.objects.all()] == [note]
    assert buttons(anna, url_of(message)) == {}
    assert "already" in shown_text(anna.post(url_of(message, name))).lower()
    assert len(REQUESTED) == LogEntry.objects.count() == 1


def test_only_the_last_customer_message_has_the_read_button(anna: Client) -> None:
    first, last = inbound_message(), inbound_message()
    new("outbound", "whatsapp")
    assert buttons(anna, thread_url(last)) == {thread_url(last, "mark-read"): TELL}
    assert TELL not in anna.get(thread_url(first), {"before": last.pk}).content.decode()


def test_thread_shows_when_a_message_was_marked_read(anna: Client) -> None:
    message = inbound_message()
    anna.post(thread_url(message, "mark-read"))
    page = anna.get(thread_url(message)).content.decode()
    assert "Read receipt sent: " in entry_of(page, message)


def test_revoke_button_asks_for_confirmation(anna: Client) -> None:
    message = rcs_message()
    page = anna.get(message_url(message)).content.decode()
    details = re.search(r"<details[^>]*>(.*?)</details>", page, re.S)
    assert details
    assert "<summary>Revoke…</summary>" in details[1]
    assert "You cannot undo a revocation." in details[1]
    assert message_url(message, "revoke") in details[1]
    assert message_url(message, "revoke") not in page.replace(details[0], "")
    assert buttons(anna, thread_url(message)) == {}


def test_revocation_is_shown_on_both_pages(anna: Client) -> None:
    message = rcs_message()
    assert "Revoked: " not in anna.get(message_url(message)).content.decode()
    anna.post(message_url(message, "revoke"))
    for url in (message_url(message), thread_url(message)):
        assert "<strong>Revoked: " in anna.get(url).content.decode()


@pytest.mark.parametrize(
    "message",
    [
        {"direction": "inbound", "channel": "sms"},
        {"direction": "inbound", "channel": "rcs"},
        {"direction": "outbound", "channel": "whatsapp"},
        {"direction": "inbound", "channel": "whatsapp", "marked_read_at": timezone.now()},
        {"direction": "outbound", "channel": "rcs", "revoked_at": timezone.now()},
        {
            "direction": "outbound",
            "channel": "rcs",
            "created_at": timezone.now() - timedelta(hours=25),
        },
        {"direction": "outbound", "channel": "rcs", "status": "sending", "message_uuid": None},
    ],
)
def test_other_messages_have_no_update_button(message: dict[str, Any], anna: Client) -> None:
    row = new(**message)
    assert buttons(anna, thread_url(row)) == buttons(anna, message_url(row)) == {}


@places
def test_account_without_updates_has_no_update_button(
    make: Any, name: str, url_of: Any, body: Any, anna: Client, settings: Any
) -> None:
    message = make()
    settings.VONAGE_MESSAGES = {"default": BASE}
    assert buttons(anna, url_of(message)) == {}
    assert "uses API v0.1" in shown_text(anna.post(url_of(message, name)))
    settings.VONAGE_MESSAGES = {"other": BASE}
    assert buttons(anna, url_of(message)) == {}
    assert "has no account 'default'" in shown_text(anna.post(url_of(message, name)))
    assert REQUESTED == []


@places
def test_button_requires_the_permission_to_reply_and_to_view(
    make: Any, name: str, url_of: Any, body: Any, staff: Staff
) -> None:
    message = make()
    reader = staff("view_conversation", "view_message", username="reader")
    assert buttons(reader, url_of(message)) == {}
    other = "view_conversation" if url_of is message_url else "view_message"
    outsider = staff("reply_conversation", other, username="outsider")
    for client in (reader, outsider):
        assert client.post(url_of(message, name)).status_code == 403
    assert Client().post(url_of(message, name)).status_code == 302
    strict = staff(*EVERYTHING, username="strict", enforce_csrf_checks=True)
    assert strict.post(url_of(message, name)).status_code == 403
    assert staff(*EVERYTHING).get(url_of(message, name)).status_code == 302
    assert REQUESTED == []


@places
@pytest.mark.parametrize(
    ("outcome", "expected_text"),
    [
        (
            Rejected(error=ErrorInfo("", "Unknown", f"No {CUSTOMER}")),
            ["Vonage rejected the request.", "Unknown: No"],
        ),
        (Throttled(), ["rate limit was reached.", "then try again."]),
        (NotSent("No connection could be made"), ["could not be reached."]),
        (Unconfirmed("HTTP 500"), ["Not known if", "HTTP 500.", "safely try again."]),
    ],
)
def test_failed_update_is_shown_and_not_logged(
    outcome: Outcome,
    expected_text: list[str],
    make: Any,
    name: str,
    url_of: Any,
    body: Any,
    anna: Client,
) -> None:
    message = make()
    OUTCOMES.append(outcome)
    shown = shown_text(anna.post(url_of(message, name)))
    assert all(part in shown for part in expected_text)
    assert ("Not known if" in shown) == (outcome.reason == "unconfirmed")
    assert CUSTOMER not in shown
    assert not LogEntry.objects.exists()
    assert url_of(message, name) in buttons(anna, url_of(message))


@pytest.mark.parametrize("rows", [1, 20])
def test_buttons_take_no_query(
    rows: int, anna: Client, settings: Any, django_assert_num_queries: Any
) -> None:
    messages = [inbound_message() for _ in range(rows)]
    url = thread_url(messages[-1])
    anna.get(url)
    with django_assert_num_queries(_queries(anna, url, settings)):
        assert TELL in anna.get(url).content.decode()


def _queries(client: Client, url: str, settings: Any) -> int:
    """Return the number of queries of the page without the buttons."""
    before = settings.VONAGE_MESSAGES
    settings.VONAGE_MESSAGES = {"default": BASE}
    with CaptureQueriesContext(connection) as counted:
        assert TELL not in client.get(url).content.decode()
    settings.VONAGE_MESSAGES = before
    return len(counted)
