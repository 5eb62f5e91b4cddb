"""Webhooks of every v0.1 channel: contents of each type, statuses and workflows."""

from typing import Any

import pytest

from django_vonage_messages import send_message
from django_vonage_messages.content import Image
from django_vonage_messages.models import Conversation, Message, StatusEvent, UnprocessedWebhook
from django_vonage_messages.signals import message_received

pytestmark = pytest.mark.django_db
NUMBER = "447700900000"
URL = "https://example.com/cat.jpg"
ENDS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "sms": ({"number": "447700900001"}, {"number": NUMBER}),
    "mms": ({"number": "12345"}, {"number": NUMBER}),
    "whatsapp": ({"number": "447700900001"}, {"number": NUMBER}),
    "viber_service_msg": ({"id": "654321"}, {"number": NUMBER}),
    "messenger": ({"id": "107083064136738"}, {"id": "0123456789012345"}),
}
"""The address keys in ``to`` and ``from`` of an inbound message."""

CONTENTS: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "text", "text": "Hi"}, "Hi", "Hi"),
    ({"type": "text", "text": 5}, "5", "5"),
    ({"type": "image", "image": {"url": URL}}, "", ""),
    ({"type": "image", "image": {"url": URL, "caption": "My cat"}}, "My cat", "My cat"),
    ({"type": "audio", "audio": {"url": URL}}, "", ""),
    ({"type": "video", "video": {"url": URL}}, "", ""),
    ({"type": "file", "file": {"url": URL, "caption": "A report"}}, "A report", "A report"),
    (
        {"type": "location", "location": {"longitude": "-122.425332", "latitude": "37.758056"}},
        "",
        "37.758056, -122.425332",
    ),
    (
        {
            "type": "location",
            "location": {"longitude": "0", "latitude": "51", "name": "Shop", "address": "1 High"},
        },
        "",
        "Shop",
    ),
    ({"type": "button", "button": {"payload": "yes", "text": "Yes please"}}, *["Yes please"] * 2),
    ({"type": "unsupported"}, "", ""),
    ({"type": "hologram", "hologram": {"text": "?"}, "x": [1]}, "", ""),
    ({"type": "image", "image": "not an object"}, "", ""),
    ({"type": "image"}, "", ""),
    ({"type": "location", "location": {"latitude": "north", "longitude": None}}, "", ""),
    ({"type": "location", "location": {"latitude": "91", "longitude": "0"}}, "", ""),
    ({"type": "location", "location": {"latitude": "nan", "longitude": "inf"}}, "", ""),
    ({"type": "text", "text": {"body": "nested"}}, "", ""),
    ({"type": 7}, "", ""),
    ({}, "", ""),
]  # fmt: skip


@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize(("content", "text", "summary"), CONTENTS)
def test_every_content_is_applied_on_every_channel(
    post_webhook, inbound_body, kind, content, text, summary
) -> None:
    to_key, from_key = ENDS[kind]
    body = inbound_body(
        to={"type": kind} | to_key,
        **{"from": {"type": kind} | from_key},
        message={"content": content},
    )
    response = post_webhook("inbound-message", body)

    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    message = Message.objects.get()
    assert message.channel == {"viber_service_msg": "viber"}.get(kind, kind)
    assert [message.our_address] == list(to_key.values())
    assert [message.their_address] == list(from_key.values())
    assert message.content_type == str(content.get("type", "unknown"))
    assert message.content == {key: value for key, value in content.items() if key != "type"}
    assert (message.text, message.summary) == (text, summary)
    assert message.payload == body
    thread = message.conversation
    assert (thread.unread_count, thread.waiting_since) == (1, message.created_at)
    assert thread.last_message_content_type == message.content_type
    assert thread.last_message_preview == summary


@pytest.mark.parametrize("kind", ENDS)
def test_unused_address_key_of_a_channel_is_ignored(post_webhook, inbound_body, kind) -> None:
    to_key, from_key = ENDS[kind]
    both = {"id": "an-id-of-ours", "number": "447700900999"}
    body = inbound_body(
        to={"type": kind} | both | to_key, **{"from": {"type": kind} | both | from_key}
    )
    assert post_webhook("inbound-message", body).json() == {"result": "applied"}
    message = Message.objects.get()
    assert [message.our_address] == list(to_key.values())
    assert [message.their_address] == list(from_key.values())


@pytest.mark.parametrize(
    ("content", "urls"),
    [
        ({"type": "image", "image": {"url": URL, "caption": "My cat"}}, [URL]),
        ({"type": "file", "file": {"url": "http://example.com/a.pdf"}}, ["http://example.com/a.pdf"]),
        ({"type": "image", "image": {"url": "javascript:alert(1)"}}, []),
        ({"type": "image", "image": {"url": "https://user:pass@example.com/"}}, []),
        ({"type": "image", "image": {"url": "https://example.com/\" onclick=\"x"}}, []),
        ({"type": "image", "image": {"url": ["https://example.com/"]}}, []),
        ({"type": "image", "image": {}}, []),
        ({"type": "hologram", "hologram": {"url": URL}}, []),
        ({"type": "text", "text": URL}, []),
    ],
)  # fmt: skip
def test_media_lists_only_valid_http_urls(post_webhook, inbound_body, content, urls) -> None:
    post_webhook("inbound-message", inbound_body(message={"content": content}))
    media = Message.objects.get().media
    assert [file.url for file in media] == urls
    assert all(file.content_type == content["type"] for file in media)
    assert URL not in repr(media)


def test_receiver_gets_the_text_and_payload_of_a_button(post_webhook, inbound_body) -> None:
    received = []

    def receive(message: Message, **_kwargs: Any) -> None:
        received.append((message.text, message.content["button"]["payload"]))

    message_received.connect(receive)
    try:
        button = {"type": "button", "button": {"payload": "order-42-yes", "text": "Yes"}}
        post_webhook("inbound-message", inbound_body(message={"content": button}))
    finally:
        message_received.disconnect(receive)
    assert received == [("Yes", "order-42-yes")]


@pytest.mark.parametrize(
    "content",
    [
        {"type": "button", "button": {"payload": "cancel-42", "text": "Cancel"}},
        {"type": "image", "image": {"url": URL, "caption": "End"}},
    ],
)
def test_button_or_caption_does_not_opt_out(post_webhook, inbound_body, content) -> None:
    post_webhook("inbound-message", inbound_body(message={"content": content}))
    assert Conversation.objects.get().waiting_since is not None


@pytest.fixture
def sent() -> Any:
    """Send on a channel; return the message."""

    def send(channel: str) -> Message:
        to = "0123456789012345" if channel == "messenger" else NUMBER
        content: Any = Image(URL) if channel == "mms" else "Hello"
        return send_message(to, content, channel=channel)

    return send


def status_of(message: Message, kind: str, status: str, **extra: Any) -> dict[str, Any]:
    to_key, from_key = ENDS[kind]
    return {
        "message_uuid": message.message_uuid,
        "to": {"type": kind} | from_key,
        "from": {"type": kind} | to_key,
        "timestamp": "2026-01-01T14:00:00.000Z",
        "status": status,
        "client_ref": message.client_ref,
    } | extra


@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("status", ["submitted", "delivered", "read", "rejected", "undeliverable"])
def test_every_status_is_applied_on_every_channel(post_webhook, sent, kind, status) -> None:
    message = sent(kind)
    body = status_of(message, kind, status)

    assert post_webhook("message-status", body).json() == {"result": "applied"}
    assert post_webhook("message-status", body).json() == {"result": "duplicate"}
    message.refresh_from_db()
    assert message.status == status
    assert (message.read_at is not None) == (status == "read")


@pytest.mark.parametrize("kind", ENDS)
def test_early_status_is_matched_by_channel_and_both_addresses(post_webhook, sent, kind) -> None:
    message = sent(kind)
    Message.objects.filter(pk=message.pk).update(status="unconfirmed", message_uuid=None)
    StatusEvent.objects.filter(message=message).delete()
    for other in ENDS:
        if other == kind:
            continue
        stray = status_of(message, other, "delivered", message_uuid="aaaaaaaa-0000-4000-8000-0001")
        assert post_webhook("message-status", stray).json() == {"result": "stored"}

    body = status_of(message, kind, "delivered", message_uuid="bbbbbbbb-0000-4000-8000-0001")
    assert post_webhook("message-status", body).json() == {"result": "applied"}
    message.refresh_from_db()
    assert (message.status, message.message_uuid) == ("delivered", body["message_uuid"])


def test_status_from_the_dispatch_api_is_applied(post_webhook, sent) -> None:
    message = sent("viber")
    links = {"dispatch": {"href": "https://api.nexmo.com/v0.1/dispatch/x", "dispatch_uuid": "x"}}
    body = status_of(message, "viber_service_msg", "read", _links=links, dispatch_uuid="x")
    assert post_webhook("message-status", body).json() == {"result": "applied"}
    message.refresh_from_db()
    assert message.status == "read"


WORKFLOW = {
    "template": "failover",
    "status": "completed",
    "timestamp": "2026-01-01T14:00:00.000Z",
    "usage": {"price": "0.04", "currency": "EUR"},
    "dispatch_uuid": "aaaaaaaa-1111-4111-8111-000000000001",
    "_links": {
        "messages": [{"message_uuid": "bbbbbbbb-0001", "channel": "sms", "status": "delivered"}]
    },
}


@pytest.mark.parametrize("path", ["message-status", "inbound-message"])
def test_workflow_status_is_accepted_and_stored_once(post_webhook, path) -> None:
    for deliveries in (1, 2):
        assert post_webhook(path, WORKFLOW).json() == {"result": "stored"}
        webhook = UnprocessedWebhook.objects.get()
        assert (webhook.reason, webhook.deliveries) == ("workflow", deliveries)
        assert webhook.processed_at is not None  # it needs no further action
    assert not Message.objects.exists()
    assert not Conversation.objects.exists()
