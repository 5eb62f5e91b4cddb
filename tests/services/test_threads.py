"""Columns of a conversation repeat the state of its messages."""

import pytest
from django.contrib.auth import get_user_model

from django_vonage_messages import send_message
from django_vonage_messages.exceptions import DeliveryUnconfirmed
from django_vonage_messages.models import Conversation
from django_vonage_messages.protocol.outcomes import Unconfirmed
from django_vonage_messages.services.history.conversations import mark_read

TO = "447700900000"


@pytest.fixture
def ada(db):
    return get_user_model().objects.create(username="ada")


@pytest.fixture
def customer_writes(post_webhook, inbound_body):
    def write(number: int, text: str = "Hello?") -> None:
        uuid = f"bbbbbbbb-0000-4000-8000-{number:012d}"
        assert post_webhook("inbound-message", inbound_body(text, message_uuid=uuid)).json() == {
            "result": "applied"
        }

    return write


def test_message_after_a_reply_still_waits(
    ada, outcomes, customer_writes, post_webhook, status_body
):
    customer_writes(1)
    outcomes.append(Unconfirmed("Broken"))
    with pytest.raises(DeliveryUnconfirmed) as raised:
        send_message(TO, "An answer", created_by=ada)
    reply = raised.value.message
    customer_writes(2, "stop")
    customer_writes(3, "And another thing")

    body = status_body(reply, "delivered") | {"message_uuid": "aaaa"}
    assert post_webhook("message-status", body).json() == {"result": "applied"}

    thread = Conversation.objects.get()
    assert thread.waiting_since == thread.messages.get(text="And another thing").created_at


def test_reply_ends_the_waiting_of_all_earlier_messages(ada, outcomes, customer_writes):
    customer_writes(1)
    customer_writes(2)
    send_message(TO, "An answer", created_by=ada)

    assert Conversation.objects.get().waiting_since is None


def test_conversation_enters_the_inbox_when_staff_or_customer_write(ada, outcomes, customer_writes):
    def in_inbox(message) -> bool:
        return Conversation.objects.get(pk=message.conversation_id).in_inbox

    assert not in_inbox(send_message(TO, "Automatic"))
    assert in_inbox(send_message("447700900009", "From a person", created_by=ada))
    customer_writes(1)
    assert in_inbox(send_message(TO, "Automatic"))


def test_message_after_the_page_was_loaded_stays_unread(ada, outcomes, customer_writes):
    customer_writes(1)
    loaded = Conversation.objects.get()
    customer_writes(2)

    mark_read(loaded)
    assert Conversation.objects.get().unread_count == 2

    mark_read(Conversation.objects.get())
    assert Conversation.objects.get().unread_count == 0
