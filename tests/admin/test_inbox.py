from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.protocol.outcomes import NotSent, Unconfirmed
from django_vonage_messages.services.sending.resend import resend_message
from tests.admin.conftest import Receive, Staff
from tests.admin.test_thread import failed_send

LIST = "/admin/vonage_messages/conversation/"


def shown(client: Client, **query: Any) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [each.their_address for each in response.context["cl"].result_list]


@pytest.fixture
def reader(staff: Staff) -> Client:
    return staff("view_conversation", "view_message")


def test_inbox_contains_conversations_with_customer_or_staff_messages(
    reader: Client, receive_text: Receive
) -> None:
    send_message("447700900001", "Automatic, and nobody answered")
    send_message("447700900002", "Automatic")
    receive_text(sender="447700900002")
    send_message("447700900003", "By hand", created_by=User.objects.create_user("ben"))
    assert shown(reader) == ["447700900003", "447700900002"]
    assert shown(reader, show="all") == ["447700900003", "447700900002", "447700900001"]


def test_search_includes_conversations_outside_the_inbox(reader: Client, db: None) -> None:
    send_message("447700900001", "Automatic, and nobody answered")
    assert shown(reader) == []
    assert shown(reader, q="447700900001") == ["447700900001"]
    assert shown(reader, q="447700900001", show="inbox") == []


def test_conversations_are_sorted_newest_first(reader: Client, receive_text: Receive) -> None:
    receive_text(sender="447700900001")
    receive_text(sender="447700900002")
    receive_text(sender="447700900001")
    assert shown(reader) == ["447700900001", "447700900002"]


def test_attention_filter_shows_unread_or_waiting_conversations(
    reader: Client, receive_text: Receive
) -> None:
    receive_text(sender="447700900001")
    receive_text(sender="447700900002")
    Conversation.objects.filter(their_address="447700900001").update(unread_count=0)
    Conversation.objects.filter(their_address="447700900002").update(waiting_since=None)
    assert shown(reader, attention="unread") == ["447700900002"]
    assert shown(reader, attention="waiting") == ["447700900001"]


def test_account_filter_appears_with_several_accounts(
    reader: Client, receive_text: Receive, settings: Any
) -> None:
    receive_text(sender="447700900001")
    assert "in_account" not in reader.get(LIST).content.decode()
    account = settings.VONAGE_MESSAGES["default"]
    settings.VONAGE_MESSAGES = {"default": account, "shop": account}
    assert "in_account=shop" in reader.get(LIST).content.decode()
    assert shown(reader, in_account="shop") == []
    assert shown(reader, in_account="default") == ["447700900001"]


def test_row_shows_the_last_author_and_failure(
    reader: Client, db: None, outcomes: list[Any]
) -> None:
    outcomes.append(Unconfirmed("The connection broke"))
    failed_send("Are you there?")
    page = reader.get(LIST, {"show": "all"}).content.decode()
    row = page.partition('class="field-latest_message"')[2].partition("</td>")[0]
    assert "Us:" in row
    # The status comes first, because a narrow screen shows only the start of the text.
    assert row.index("Not known if sent") < row.index("Are you there?")


def test_row_shows_that_a_customer_waits(reader: Client, receive_text: Receive) -> None:
    receive_text("Hello?")
    row = reader.get(LIST).content.decode().partition('id="result_list"')[2]
    assert "Customer:" in row
    assert '<strong class="vonage-badge">1</strong>' in row
    assert row.count("<time") == 2


def latest(client: Client) -> str:
    page = client.get(LIST).content.decode()
    return page.partition('class="field-latest_message"')[2].partition("</td>")[0]


@pytest.mark.parametrize(
    ("content", "label", "expected_text"),
    [
        ({"type": "image", "image": {"url": "https://a.example/1"}}, "Image", ""),
        (
            {"type": "file", "file": {"url": "x", "caption": "<i>Bill</i>"}},
            "File",
            "&lt;i&gt;Bill&lt;/i&gt;",
        ),
        (
            {"type": "location", "location": {"latitude": "1", "longitude": "2", "name": "Pier"}},
            "Location",
            "Pier",
        ),
        ({"type": "button", "button": {"text": "Yes"}}, "Pressed button", "Yes"),
        ({"type": "unsupported"}, "Unsupported", ""),
        ({"type": "<u>new</u>", "text": "x"}, "&lt;u&gt;new&lt;/u&gt;", "x"),
    ],
)
def test_content_label_precedes_the_text(
    content: dict[str, Any],
    label: str,
    expected_text: str,
    reader: Client,
    receive_content: Receive,
) -> None:
    receive_content(content)
    row = latest(reader)
    assert (
        f'<span class="vonage-content-label"><bdi>{label}</bdi></span> <bdi>{expected_text}</bdi>'
        in row
    )
    assert row.index("Customer:") < row.index(label)


@pytest.mark.parametrize("content_type", ["", "text"])
def test_text_without_a_content_type_has_no_label(
    content_type: str, reader: Client, receive_text: Receive
) -> None:
    receive_text()
    Conversation.objects.update(
        last_message_content_type=content_type, last_message_preview="[image]"
    )
    assert "<bdi>[image]</bdi>" in latest(reader)
    assert "vonage-content-label" not in latest(reader)


def test_the_channel_is_shown_with_the_customer(
    reader: Client, staff: Staff, receive_content: Receive
) -> None:
    conversation = receive_content({"type": "text", "text": "Hi"}, "messenger").conversation

    def customer(client: Client) -> str:
        page = client.get(LIST).content.decode()
        return page.partition("field-customer")[2].partition("</th>")[0]

    masked = customer(reader)
    assert ">Messenger</span>" in masked
    assert f"#{conversation.pk}<" in masked
    assert conversation.their_address not in masked
    whole = customer(staff("view_conversation", "view_full_address", username="trusted"))
    assert ">Messenger</span>" in whole
    assert conversation.their_address in whole


def _rows(count: int, receive_text: Receive) -> None:
    user = User.objects.create_user(f"user{count}")
    for number in range(count):
        address = f"4477009{count:02d}{number:03d}"
        receive_text(sender=address)
        send_message(address, "Hello", created_by=user)


def _queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def _queue(count: int, outcomes: list[Any]) -> None:
    """Create overdue, unconfirmed and resent messages of one customer."""
    for _ in range(count):
        queue_message("447700900000", "Hello")
        outcomes += [Unconfirmed("The connection broke"), NotSent("No connection")]
        failed_send("Hello")
        resend_message(failed_send("Hello"))
    past = timezone.now() - timedelta(hours=1)
    Message.objects.filter(status="queued").update(due_at=past)
    Message.objects.filter(status="unconfirmed").update(started_at=past)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["conversation/?show=all", "message/", "thread", "message"])
def test_messages_that_need_attention_take_a_fixed_number_of_queries(
    page: str, staff: Staff, outcomes: list[Any]
) -> None:
    client = staff("view_conversation", "reply_conversation", "view_message")
    _queue(1, outcomes)
    message = Message.objects.filter(status="failed").get()
    urls = {
        "thread": f"{LIST}{message.conversation_id}/change/",
        "message": f"/admin/vonage_messages/message/{message.pk}/change/",
    }
    url = urls.get(page, f"/admin/vonage_messages/{page}")
    queries_for_one = _queries(client, url)
    _queue(50, outcomes)
    assert _queries(client, url) == queries_for_one <= 14


@pytest.mark.parametrize("model", ["conversation", "message", "statusevent"])
def test_lists_take_a_fixed_number_of_queries(
    model: str, staff: Staff, receive_text: Receive
) -> None:
    client = staff(f"view_{model}", "view_full_address", "view_signaldispatch")
    url = f"/admin/vonage_messages/{model}/"
    _rows(1, receive_text)
    queries_for_one = _queries(client, url)
    _rows(50, receive_text)
    assert _queries(client, url) == queries_for_one <= 14


def test_conversation_page_takes_a_fixed_number_of_queries(
    staff: Staff, receive_text: Receive, outcomes: list[Any]
) -> None:
    client = staff("view_conversation", "reply_conversation", "view_message")
    conversation = receive_text().conversation
    url = f"{LIST}{conversation.pk}/change/"
    queries_for_one = _queries(client, url)
    for number in range(50):
        user = User.objects.create_user(f"user{number}")
        outcomes.append(Unconfirmed("The connection broke"))
        with pytest.raises(Exception, match="not known"):
            send_message(conversation.their_address, "Hello", created_by=user)
    assert _queries(client, url) == queries_for_one <= 9


def test_message_page_takes_a_fixed_number_of_queries(staff: Staff, db: None) -> None:
    client = staff("view_message")
    message = send_message("447700900001", "Hello")
    url = f"/admin/vonage_messages/message/{message.pk}/change/"
    queries_for_one = _queries(client, url)
    for number in range(50):
        message.events.create(
            source="vonage", status="submitted", dedupe_key=str(number), received_at=timezone.now()
        )
    assert _queries(client, url) == queries_for_one <= 9


def test_message_list_is_searched_by_number_uuid_and_reference(staff: Staff, db: None) -> None:
    message = send_message("447700900001", "Hello", client_ref="order-42")
    send_message("447700900002", "Hello")
    client = staff("view_message")

    def finds(term: str) -> list[Message]:
        response = client.get("/admin/vonage_messages/message/", {"q": term})
        return list(response.context["cl"].result_list)

    for term in ("447700900001", message.message_uuid, "order-42", str(message.reference)):
        assert finds(term) == [message]
    assert finds("4477") == []
