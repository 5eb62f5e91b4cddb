"""Inbound messages and their conversations."""

import pytest

from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.signals import message_received

pytestmark = pytest.mark.django_db


def test_reply_of_a_customer_joins_the_conversation(message, post_webhook, inbound_body):
    response = post_webhook("inbound-message", inbound_body("Thank you"))

    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    thread = Conversation.objects.get()
    assert [m.text for m in thread.messages.order_by("id")] == ["Hello", "Thank you"]
    assert (thread.unread_count, thread.last_message_direction) == (1, "inbound")
    assert thread.waiting_since == thread.last_inbound_at == thread.last_message_at


@pytest.mark.parametrize("number", ["447700900000", "+447700900000", "00447700900000"])
def test_every_spelling_of_a_number_joins_one_conversation(
    message, post_webhook, inbound_body, number
):
    post_webhook("inbound-message", inbound_body(**{"from": {"type": "sms", "number": number}}))
    assert Conversation.objects.count() == 1


def test_duplicate_is_stored_and_signalled_once(connected, post_webhook, inbound_body):
    received = []

    def receiver(sender, message, **kwargs):
        received.append(message.text)

    with connected(message_received, receiver):
        results = [
            post_webhook("inbound-message", inbound_body()).json()["result"] for _ in range(3)
        ]
    assert results == ["applied", "duplicate", "duplicate"]
    assert received == ["Where is my order?"]
    assert Message.objects.count() == 1
    assert Conversation.objects.get().unread_count == 1


def test_conversation_waits_since_the_first_unanswered_message(post_webhook, inbound_body):
    for number in range(3):
        post_webhook("inbound-message", inbound_body(f"{number}", message_uuid=f"u{number}"))
    thread = Conversation.objects.get()
    assert thread.unread_count == 3
    assert thread.waiting_since == thread.messages.order_by("id").first().created_at
    assert thread.last_message_preview == "2"


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop. ", "unsubscribe"])
def test_opt_out_does_not_wait_for_a_reply(post_webhook, inbound_body, text):
    post_webhook("inbound-message", inbound_body(text))
    thread = Conversation.objects.get()
    assert thread.waiting_since is None
    assert thread.unread_count == 1


def test_inbound_message_reopens_a_closed_conversation(message, post_webhook, inbound_body):
    Conversation.objects.update(status="closed")
    post_webhook("inbound-message", inbound_body())
    assert Conversation.objects.get().status == "open"
