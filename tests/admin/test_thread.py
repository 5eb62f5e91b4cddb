from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.admin.conversations.thread import PAGE_SIZE
from django_vonage_messages.exceptions import VonageMessagesError
from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.protocol.outcomes import (
    NotSent,
    Outcome,
    Rejected,
    Throttled,
    Unconfirmed,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from tests.admin.conftest import CUSTOMER, Receive, Staff

SCRIPT = "<script>alert(1)</script>\n<b>bold</b> & https://example.org"


def page_of(client: Client, conversation: Conversation, **query: Any) -> str:
    url = f"/admin/vonage_messages/conversation/{conversation.pk}/change/"
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


def entry_of(page: str, message: Message) -> str:
    return page.partition(f'id="message-{message.pk}"')[2].partition("</li>")[0]


def failed_send(text: str) -> Message:
    with pytest.raises(VonageMessagesError) as caught:
        send_message(CUSTOMER, text)
    assert caught.value.message
    return caught.value.message


@pytest.fixture
def reader(staff: Staff) -> Client:
    return staff("view_conversation")


def test_messages_are_in_order_with_their_authors(reader: Client, receive_text: Receive) -> None:
    send_message(CUSTOMER, "Your order has shipped.")
    receive_text("Thanks! When?")
    named = User.objects.create_user("ben", first_name="Ben", last_name="Okoro")
    unnamed = User.objects.create_user("carol")
    send_message(CUSTOMER, "On Thursday.", created_by=named)
    message = send_message(CUSTOMER, "Before noon.", created_by=unnamed)

    page = page_of(reader, message.conversation)
    expected = [
        ("Automatic", "Your order has shipped."),
        ("Customer", "Thanks! When?"),
        ("Ben Okoro", "On Thursday."),
        ("carol", "Before noon."),
    ]
    places = [page.index(text) for _author, text in expected]
    assert places == sorted(places)
    for message, (who, text) in zip(Message.objects.order_by("id"), expected, strict=True):
        entry = entry_of(page, message)
        assert f"<bdi>{who}</bdi>" in entry
        assert text in entry


def test_text_of_a_customer_is_escaped(staff: Staff, receive_text: Receive) -> None:
    message = receive_text(SCRIPT)
    client = staff("view_conversation", "view_message")
    escaped = (
        "&lt;script&gt;alert(1)&lt;/script&gt;\n&lt;b&gt;bold&lt;/b&gt; &amp; https://example.org"
    )
    assert escaped in page_of(client, message.conversation)
    for url in (
        "/admin/vonage_messages/conversation/",
        "/admin/vonage_messages/message/",
        f"/admin/vonage_messages/message/{message.pk}/change/",
    ):
        page = client.get(url).content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert 'href="https://example.org' not in page


@pytest.mark.parametrize(
    ("status", "expected_text"),
    [
        ("queued", ["Queued", "Waiting to be sent"]),
        ("sending", ["Sending", "Being sent now"]),
        ("expired", ["Expired", "not sent in time"]),
        ("cancelled", ["Cancelled", "It was not sent"]),
        ("accepted", ["Sent", "Vonage has it"]),
        ("submitted", ["Sent to carrier", "Not delivered yet"]),
        ("rejected", ["Did not arrive", "Vonage or the carrier rejected it", "No reason given"]),
        ("undeliverable", ["Did not arrive", "could not be delivered"]),
        ("delivered", ["Delivered", "arrived"]),
        ("read", ["Read", "customer opened it"]),
        ("something_new", ["something_new"]),
    ],
)
def test_status_has_a_text(status: str, expected_text: list[str], reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status=status)
    entry = entry_of(page_of(reader, message.conversation), message)
    assert all(word in entry for word in expected_text)


def test_a_catalogued_error_is_explained(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status="rejected", error_code="1240", error_title="Illegal Number")
    entry = entry_of(page_of(reader, message.conversation), message)
    assert "Illegal Number (1240)" in entry
    assert "The customer has opted out" in entry
    assert "Do not write again" in entry
    assert "Who must act? <strong>The customer</strong>" in entry


def test_error_that_needs_no_action_names_nobody(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status="rejected", error_code="1320")
    entry = entry_of(page_of(reader, message.conversation), message)
    assert "Do not send the message again" in entry
    assert "Who must act?" not in entry


def test_unknown_error_is_shown_as_received(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status="undeliverable", error_code="9999", error_title="Odd thing")
    assert "Odd thing (9999)" in entry_of(page_of(reader, message.conversation), message)


def test_error_of_a_delivered_message_is_not_shown(reader: Client, db: None) -> None:
    """The sample of the reference is delivered with an error; the status decides."""
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status="delivered", error_code="1300", error_title="Not part")
    entry = entry_of(page_of(reader, message.conversation), message)
    assert "vonage-failure" not in entry
    assert "1300" not in entry


@pytest.mark.parametrize(
    ("outcome", "expected_text"),
    [
        (
            Unconfirmed("Connection lost", "ReadTimeout"),
            [
                "Not known if sent",
                "Do not send the message again",
                "Connection lost",
                "can still show",
            ],
        ),
        (NotSent("No connection could be made"), ["Not sent", "could not be reached"]),
        (Throttled(error=ErrorInfo("1000", "Throttled")), ["Not sent", "rate limit"]),
        # Code 1120 of a response differs from code 1120 of a status.
        (
            Rejected(error=ErrorInfo("1120", "Invalid sender")),
            [
                "Not sent",
                "Vonage rejected the message",
                "Invalid sender",
                "send from our number or name",
            ],
        ),
    ],
)
def test_failed_attempt_shows_its_remedy(
    outcome: Outcome, expected_text: list[str], reader: Client, db: None, outcomes: list[Any]
) -> None:
    outcomes.append(outcome)
    message = failed_send("Hello")
    entry = entry_of(page_of(reader, message.conversation), message)
    assert all(word in entry for word in expected_text)
    assert "Illegal Sender Address" not in entry


def test_late_message_shows_that_it_came_in_late(reader: Client, receive_text: Receive) -> None:
    message = receive_text()
    now = timezone.now()
    Message.objects.update(created_at=now, occurred_at=now - timedelta(minutes=1))
    assert "received late" not in page_of(reader, message.conversation)
    Message.objects.update(occurred_at=now - timedelta(hours=3))
    assert "received late" in page_of(reader, message.conversation)


def test_older_messages_are_on_another_page(reader: Client, receive_text: Receive) -> None:
    messages = [receive_text(f"Line {number}.") for number in range(PAGE_SIZE + 2)]
    conversation = messages[0].conversation
    newest = page_of(reader, conversation)
    assert "Line 1." not in newest
    assert "Line 2." in newest
    assert f"Line {PAGE_SIZE + 1}." in newest
    assert f'href="?before={messages[2].pk}"' in newest

    older = page_of(reader, conversation, before=messages[2].pk)
    assert "Line 0." in older
    assert "Line 1." in older
    assert "Line 2." not in older
    assert "Show older" not in older
    assert "Show newest messages" in older


@pytest.mark.parametrize("before", ["x", "", "-1", "9" * 40])
def test_invalid_page_parameter_is_ignored(
    before: str, reader: Client, conversation: Conversation
) -> None:
    page_of(reader, conversation, before=before)


def test_older_page_does_not_mark_the_conversation_read(
    staff: Staff, conversation: Conversation
) -> None:
    client = staff("view_conversation", "reply_conversation")
    page_of(client, conversation, before=1)
    conversation.refresh_from_db()
    assert conversation.unread_count == 1


def test_new_messages_are_marked(staff: Staff, receive_text: Receive) -> None:
    client = staff("view_conversation", "reply_conversation")
    old = receive_text("Old")
    page_of(client, old.conversation)
    new = receive_text("New")
    page = page_of(client, old.conversation)
    mark = page.index("New messages")
    assert page.index(f"message-{old.pk}") < mark < page.index(f"message-{new.pk}")
    assert "New messages" not in page_of(client, old.conversation)


def test_post_to_the_conversation_page_is_refused(staff: Staff, conversation: Conversation) -> None:
    client = staff("view_conversation", "reply_conversation")
    url = f"/admin/vonage_messages/conversation/{conversation.pk}/change/"
    assert client.post(url, {"status": "closed"}).status_code == 403


def test_page_contains_no_inline_code(staff: Staff, conversation: Conversation) -> None:
    """A strict Content-Security-Policy forbids inline scripts, styles and handlers."""
    client = staff("view_conversation", "reply_conversation")
    page = page_of(client, conversation)
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    assert all("src=" in tag for tag in page.split("<script")[1:])


def test_reply_of_a_deleted_user_is_still_shown_as_from_staff(reader: Client, db: None) -> None:
    user = User.objects.create_user("ben")
    message = send_message(CUSTOMER, "On Thursday.", created_by=user)
    user.delete()

    assert "Deleted user" in entry_of(page_of(reader, message.conversation), message)
