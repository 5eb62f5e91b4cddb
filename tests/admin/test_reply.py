import re
import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client

from django_vonage_messages.models import Conversation, Message, Priority, StatusEvent, Suppression
from django_vonage_messages.protocol.outcomes import (
    NotSent,
    Outcome,
    Rejected,
    Throttled,
    Unconfirmed,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from tests.admin.conftest import CUSTOMER, Receive, Staff
from tests.conftest import SENT

TEXT = "It left this morning."


@pytest.fixture
def anna(staff: Staff) -> Client:
    return staff("view_conversation", "reply_conversation")


def thread_url(conversation: Conversation, page: str = "change") -> str:
    return f"/admin/vonage_messages/conversation/{conversation.pk}/{page}/"


def token_in(response: Any) -> str:
    found = re.search(r'name="token" value="([0-9a-f-]{36})"', response.content.decode())
    assert found
    return found[1]


def reply(client: Client, conversation: Conversation, text: str = TEXT, token: str = "") -> Any:
    token = token or token_in(client.get(thread_url(conversation)))
    return client.post(thread_url(conversation, "reply"), {"text": text, "token": token})


def shown_messages(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def text_in_box(response: Any) -> str:
    box = re.search(r"<textarea[^>]*>\r?\n?(.*?)</textarea>", response.content.decode(), re.S)
    assert box
    return box[1]


def test_reply_is_sent_from_the_address_of_the_conversation(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    response = reply(anna, conversation)
    assert response.status_code == 302
    assert response["Location"] == thread_url(conversation) + "#vonage-reply"
    assert shown_messages(response) == ["Reply sent."]
    (sent,) = SENT
    assert (sent.to, sent.sender, sent.text) == (CUSTOMER, "447700900001", TEXT)
    message = Message.objects.outbound().get()
    assert message.created_by is not None
    assert message.created_by.username == "anna"
    assert message.conversation == conversation
    assert message.priority == Priority.ANSWER
    conversation.refresh_from_db()
    assert conversation.waiting_since is None


def test_a_double_click_sends_once(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    token = str(uuid.uuid4())
    reply(anna, conversation, token=token)
    second = reply(anna, conversation, token=token)
    assert len(SENT) == 1
    assert "Already sent" in shown_messages(second)[-1]


def test_double_click_during_the_first_request_sends_once(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    token = str(uuid.uuid4())
    reply(anna, conversation, token=token)
    StatusEvent.objects.all().delete()
    Message.objects.outbound().update(status="sending")
    assert "Already sending" in shown_messages(reply(anna, conversation, token=token))[-1]
    assert len(SENT) == 1


def test_the_same_text_can_be_sent_again_from_a_fresh_page(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    reply(anna, conversation)
    reply(anna, conversation)
    assert len(SENT) == 2


def test_reply_that_was_cancelled_keeps_its_text_in_the_box(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    token = str(uuid.uuid4())
    reply(anna, conversation, token=token)
    Message.objects.outbound().update(status="cancelled")
    response = reply(anna, conversation, token=token)
    assert "The reply of this form was cancelled or has expired" in response.content.decode()
    assert text_in_box(response) == TEXT
    assert len(SENT) == 1


def test_other_text_under_a_used_token_asks_for_confirmation(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    token = str(uuid.uuid4())
    reply(anna, conversation, token=token)
    response = reply(anna, conversation, "Something else", token=token)
    assert response.status_code == 200
    assert len(SENT) == 1
    assert "already sent a different reply" in response.content.decode()
    assert text_in_box(response) == "Something else"
    reply(anna, conversation, "Something else", token=token_in(response))
    assert [sent.text for sent in SENT] == [TEXT, "Something else"]


@pytest.mark.parametrize(
    ("outcome", "expected_text"),
    [
        (
            Rejected(error=ErrorInfo("1120", "Invalid sender", "It is invalid.")),
            ["Reply not sent.", "Vonage rejected the message.", "Invalid sender: It is invalid."],
        ),
        (
            Throttled(error=ErrorInfo("1000", "Throttled")),
            ["Reply not sent.", "rate limit", "Wait a minute"],
        ),
        (
            NotSent("No connection could be made", "ConnectTimeout"),
            ["Reply not sent.", "could not be reached", "Try again in a few minutes"],
        ),
    ],
)
def test_unsent_text_stays_in_the_box(
    outcome: Outcome,
    expected_text: list[str],
    anna: Client,
    conversation: Conversation,
    outcomes: list[Any],
) -> None:
    outcomes.append(outcome)
    token = str(uuid.uuid4())
    response = reply(anna, conversation, token=token)
    assert response.status_code == 200
    error = response.context["vonage_error"]
    assert all(part in error for part in expected_text)
    assert text_in_box(response) == TEXT
    assert "<title>Error:" in response.content.decode().replace("\n", "")

    reloaded = reply(anna, conversation, token=token)
    assert reloaded.context["vonage_error"] == error
    assert len(SENT) == 1

    assert token_in(response) != token
    assert reply(anna, conversation, token=token_in(response)).status_code == 302
    assert [sent.text for sent in SENT] == [TEXT, TEXT]


def test_unconfirmed_text_does_not_stay_in_the_box(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    outcomes.append(Unconfirmed("The connection was lost before Vonage answered", "ReadTimeout"))
    token = str(uuid.uuid4())
    response = reply(anna, conversation, token=token)
    assert response.status_code == 302
    assert "Not known if your reply was sent" in shown_messages(response)[0]
    assert "Do not send the message again" in shown_messages(response)[0]
    page = anna.get(response["Location"].partition("#")[0])
    assert text_in_box(page) == ""
    assert "Not known if sent" in page.content.decode()
    reply(anna, conversation, token=token)
    assert len(SENT) == 1


def test_exception_in_the_backend_is_shown_as_unconfirmed(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    outcomes.append(RuntimeError("boom"))
    response = reply(anna, conversation)
    assert response.status_code == 302
    assert "Not known if your reply was sent" in shown_messages(response)[0]


def test_number_in_an_error_of_vonage_is_masked(
    staff: Staff, conversation: Conversation, outcomes: list[Any]
) -> None:
    refusal = Rejected(error=ErrorInfo("1170", "Invalid", f"No such number {CUSTOMER}"))
    anna = staff("view_conversation", "reply_conversation")
    boss = staff("view_conversation", "reply_conversation", "view_full_address", username="boss")
    outcomes += [refusal, refusal]
    assert CUSTOMER not in reply(anna, conversation).content.decode()
    assert f"No such number {CUSTOMER}" in reply(boss, conversation).content.decode()


def test_too_long_text_stays_complete_in_the_box(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    response = reply(anna, conversation, "x" * 1001)
    assert response.status_code == 200
    assert "1001 characters" in response.context["vonage_error"]
    assert text_in_box(response) == "x" * 1001
    assert not SENT
    assert not Message.objects.outbound().exists()


def test_a_line_end_counts_as_one_character(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    text = "x\n" * 499 + "xx"
    assert len(text) == 1000
    assert reply(anna, conversation, text.replace("\n", "\r\n")).status_code == 302
    assert SENT[0].text == text


@pytest.mark.parametrize("text", ["", "  \r\n "])
def test_empty_reply_is_not_sent(
    text: str, anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    response = reply(anna, conversation, text)
    assert "Write your reply first." in response.context["vonage_error"]
    assert not SENT


@pytest.mark.parametrize("token", [None, "no uuid"])
def test_a_form_without_its_token_sends_nothing(
    token: str | None, anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    data = {"text": TEXT} | ({"token": token} if token else {})
    response = anna.post(thread_url(conversation, "reply"), data)
    assert "Not sent" in response.context["vonage_error"]
    assert text_in_box(response) == TEXT
    assert not SENT


def test_reply_to_a_suppressed_customer_is_refused(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    token = token_in(anna.get(thread_url(conversation)))
    Suppression.objects.create(address=CUSTOMER, evidence="STOP")
    response = reply(anna, conversation, token=token)
    assert "You cannot message this customer" in response.context["vonage_error"]
    assert text_in_box(response) == TEXT
    assert not SENT
    page = anna.get(thread_url(conversation)).content.decode()
    assert "You cannot message this customer" in page
    assert "<textarea" not in page


def test_get_request_to_the_reply_url_redirects_to_the_conversation(
    anna: Client, conversation: Conversation
) -> None:
    response = anna.get(thread_url(conversation, "reply"))
    assert response["Location"] == thread_url(conversation) + "#vonage-reply"


def test_reply_keeps_the_filters_of_the_list(
    anna: Client, conversation: Conversation, outcomes: list[Any]
) -> None:
    filters = "?_changelist_filters=attention%3Dwaiting"
    page = anna.get(thread_url(conversation) + filters)
    assert "/conversation/?attention=waiting" in page.content.decode()
    action = thread_url(conversation, "reply") + filters
    assert f'action="{action}"' in page.content.decode()
    response = anna.post(action, {"text": TEXT, "token": token_in(page)})
    assert response["Location"] == thread_url(conversation) + filters + "#vonage-reply"


@pytest.mark.django_db(transaction=True)
def test_failure_is_shown_at_once_under_atomic_requests(
    staff: Staff,
    receive_text: Receive,
    outcomes: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversation = receive_text().conversation
    anna = staff("view_conversation", "reply_conversation")
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    outcomes.append(NotSent("No connection could be made"))
    response = reply(anna, conversation)
    assert "could not be reached" in response.context["vonage_error"]
    assert reply(anna, conversation).status_code == 302
    assert [message.status for message in Message.objects.outbound().order_by("id")] == [
        "failed",
        "accepted",
    ]
