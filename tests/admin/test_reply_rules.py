"""Rules for replies: length, reply windows, and channels without replies."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from django_vonage_messages.models import Conversation, Message
from tests.admin.conftest import ADDRESSES, CUSTOMER, Receive, Staff
from tests.admin.test_reply import TEXT, reply, shown_messages, text_in_box, thread_url
from tests.conftest import SENT

LIMITS = {"sms": 1000, "whatsapp": 4096, "viber": 1000}
HELLO = {"type": "text", "text": "Hello"}


@pytest.fixture
def anna(staff: Staff) -> Client:
    return staff("view_conversation", "reply_conversation")


def page_of(client: Client, conversation: Conversation) -> str:
    response = client.get(thread_url(conversation))
    assert response.status_code == 200
    return response.content.decode()


def box_of(page: str) -> str:
    found = re.search(r"<textarea[^>]*>", page)
    assert found
    return found[0]


def post(client: Client, conversation: Conversation, text: str = TEXT) -> Any:
    data = {"text": text, "token": str(uuid.uuid4())}
    return client.post(thread_url(conversation, "reply"), data)


@pytest.mark.parametrize(("channel", "limit"), LIMITS.items())
def test_reply_length_is_limited_by_the_channel(
    channel: str, limit: int, anna: Client, receive_content: Receive, outcomes: list[Any]
) -> None:
    conversation = receive_content(HELLO, channel).conversation
    page = page_of(anna, conversation)
    assert f'maxlength="{limit}"' in box_of(page)
    assert f"Up to {limit} characters" in page
    assert "{used} of {most} characters" in page

    response = reply(anna, conversation, "x" * (limit + 1))
    assert f"your reply has {limit + 1} characters" in response.context["vonage_error"]
    assert f"the limit is {limit}." in response.context["vonage_error"]
    assert text_in_box(response) == "x" * (limit + 1)
    assert f'maxlength="{limit}"' in box_of(response.content.decode())
    assert not SENT

    assert reply(anna, conversation, "x" * limit).status_code == 302
    (sent,) = SENT
    assert (sent.sender, sent.to) == ADDRESSES[channel]
    assert sent.channel == channel


def test_messenger_sets_no_limit(
    anna: Client, receive_content: Receive, outcomes: list[Any]
) -> None:
    conversation = receive_content(HELLO, "messenger").conversation
    page = page_of(anna, conversation)
    assert "maxlength" not in box_of(page)
    assert "Up to" not in page
    assert "Characters: {used}" in page
    assert reply(anna, conversation, "x" * 9000).status_code == 302
    assert len(SENT) == 1


@pytest.mark.parametrize(
    ("channel", "expected_text"),
    [
        ("sms", "SMS to {them}, from {us}"),
        ("whatsapp", "WhatsApp to {them}, from {us}"),
        ("viber", "Viber to {them}, from our ID {us}"),
        ("messenger", "Messenger to the ID {them}, from our ID {us}"),
    ],
)
def test_box_label_names_the_channel_and_both_addresses(
    channel: str, expected_text: str, anna: Client, staff: Staff, receive_content: Receive
) -> None:
    conversation = receive_content(HELLO, channel).conversation
    us, them = ADDRESSES[channel]
    boss = staff("view_conversation", "reply_conversation", "view_full_address", username="boss")

    def label(client: Client) -> str:
        page = page_of(client, conversation)
        found = re.search(r'<label for="id_text"[^>]*>(.*?)</label>', page, re.S)
        assert found
        return re.sub(r"<[^>]*>", "", found[1]).strip()

    assert label(boss) == expected_text.format(them=them, us=us)
    assert label(anna).startswith(expected_text.partition("{")[0] + them[:4] + "•")
    assert them not in page_of(anna, conversation)


@pytest.mark.parametrize(
    ("channel", "expected_text"),
    [
        ("whatsapp", "WhatsApp delivers only templates"),
        ("messenger", "Messenger requires a message tag"),
    ],
)
def test_closed_reply_window_shows_a_warning_and_blocks_nothing(
    channel: str, expected_text: str, anna: Client, receive_content: Receive, outcomes: list[Any]
) -> None:
    conversation = receive_content(HELLO, channel).conversation

    def note(**ago: float) -> str:
        last = timezone.now() - timedelta(**ago) if ago else None
        Conversation.objects.update(last_inbound_at=last)
        page = page_of(anna, conversation)
        return page.partition('id="vonage-window"')[2].partition("</p>")[0]

    assert note(hours=23, minutes=59) == ""
    closed = note(hours=24, minutes=1)
    assert "The customer last wrote more than 24 hours ago." in closed
    assert expected_text in closed
    assert "1340" in closed
    never = note()
    assert "The customer has not written in this conversation yet." in never
    assert expected_text in never
    assert reply(anna, conversation).status_code == 302
    assert len(SENT) == 1


@pytest.mark.parametrize("channel", ["sms", "viber"])
def test_sms_and_viber_have_no_reply_window(
    channel: str, anna: Client, receive_content: Receive
) -> None:
    conversation = receive_content(HELLO, channel).conversation
    Conversation.objects.update(last_inbound_at=timezone.now() - timedelta(days=9))
    assert 'id="vonage-window"' not in page_of(anna, conversation)


@pytest.mark.parametrize(
    ("channel", "expected_text"),
    [
        ("mms", ["On this account, MMS can send only pictures.", "for example by SMS"]),
        ("rcs", ["Messages API v0.1 does not support RCS", "in another way"]),
    ],
)
def test_channel_without_texts_shows_a_notice_in_place_of_the_box(
    channel: str, expected_text: list[str], anna: Client, receive_content: Receive
) -> None:
    image = {"type": "image", "image": {"url": "https://a.example/1"}}
    conversation = receive_content(image, "mms").conversation
    Conversation.objects.update(channel=channel)
    page = page_of(anna, conversation)
    assert "You cannot reply here" in page
    assert all(part in page for part in expected_text)
    assert "<textarea" not in page
    response = post(anna, conversation)
    assert response.status_code == 302
    assert "You cannot reply here" in shown_messages(response)[0]
    assert not Message.objects.outbound().exists()


def test_conversation_of_a_sender_name_cannot_be_answered(
    anna: Client, receive_text: Receive
) -> None:
    conversation = receive_text().conversation
    Conversation.objects.update(our_address="ACME")
    page = page_of(anna, conversation)
    assert "You cannot reply here" in page
    assert "<textarea" not in page
    assert "You cannot reply here" in shown_messages(post(anna, conversation))[0]
    assert not Message.objects.outbound().exists()


def test_conversation_of_an_id_with_letters_can_be_answered(
    anna: Client, receive_content: Receive
) -> None:
    conversation = receive_content(HELLO, "viber").conversation
    Conversation.objects.update(our_address="our-shop")
    assert "<textarea" in page_of(anna, conversation)


@pytest.mark.parametrize("channel", ADDRESSES)
@pytest.mark.parametrize("broken", ["gone", "version", "unusable"])
def test_missing_or_unusable_account_is_shown_in_place_of_the_box(
    channel: str, broken: str, anna: Client, receive_content: Receive, settings: Any
) -> None:
    conversation = receive_content(HELLO, channel).conversation
    account = settings.VONAGE_MESSAGES["default"]
    settings.VONAGE_MESSAGES = {
        "gone": {"other": account},
        "version": {"default": account | {"API_VERSION": "v9"}},
        "unusable": None,
    }[broken]
    page = page_of(anna, conversation)
    assert "have no usable account" in page
    assert "<textarea" not in page
    assert anna.get("/admin/vonage_messages/conversation/").status_code == 200

    response = post(anna, conversation)
    assert response.status_code == 200
    assert "settings of this site are incomplete or wrong" in response.context["vonage_error"]
    assert text_in_box(response) == TEXT
    assert not Message.objects.outbound().exists()


def test_window_warning_is_only_for_users_who_may_reply(
    staff: Staff, receive_content: Receive
) -> None:
    conversation = receive_content(HELLO, "whatsapp").conversation
    Conversation.objects.update(last_inbound_at=None)
    assert 'id="vonage-window"' not in page_of(staff("view_conversation"), conversation)
    assert CUSTOMER not in page_of(staff("view_conversation", username="ben"), conversation)
