"""Webhooks of v1, recognised by the body alone."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, UnprocessedWebhook
from tests.webhooks.v1_bodies import MMS, RCS, SMS, URL, VIBER, WHATSAPP, status_of

pytestmark = pytest.mark.django_db

INBOUND: list[tuple[dict[str, Any], str, str, int]] = [
    (SMS | {"text": "Hi", "sms": {"num_messages": "2", "keyword": "HI"}}, "text", "Hi", 0),
    (VIBER | {"message_type": "text", "text": "Hi"}, "text", "Hi", 0),
    (MMS | {"message_type": "vcard", "vcard": {"url": URL}}, "vcard", "", 1),
    (
        MMS
        | {
            "message_type": "image",
            "image": {"url": URL},
            "content": [
                {"type": "image", "url": URL},
                {"type": "audio", "url": URL + ".mp3"},
                {"type": "image", "url": URL, "caption": "Again"},
                {"type": "file", "url": "javascript:alert(1)"},
                "odd",
            ],
        },
        "image",
        "Again",
        2,
    ),
    (
        MMS
        | {
            "message_type": "image",
            "text": "Beside",
            "image": {"url": URL, "caption": "First"},
            "content": [
                {"type": "image", "url": URL, "caption": "First"},
                {"type": "image", "url": URL + ".png", "caption": "Second"},
            ],
        },
        "image",
        "Beside\nFirst\nSecond",
        2,
    ),
    (
        WHATSAPP | {"message_type": "order", "order": {"text": "Two, please"}},
        "order",
        "Two, please",
        0,
    ),
    (WHATSAPP | {"channel": "WhatsApp", "message_type": "text", "text": "Hi"}, "text", "Hi", 0),
    (
        RCS | {"message_type": "reply", "reply": {"id": "1", "title": "Yes"}},
        "reply",
        "Yes",
        0,
    ),
    (
        WHATSAPP | {"message_type": "button", "button": {"payload": {"a": 1}, "text": "Sent"}},
        "button",
        "Sent",
        0,
    ),
    (
        WHATSAPP | {"message_type": "reaction", "reaction": {"action": "react", "emoji": "👍"}},
        "reaction",
        "👍",
        0,
    ),
    (WHATSAPP | {"message_type": "reaction", "reaction": {"action": "unreact"}}, "reaction", "", 0),
    (WHATSAPP | {"message_type": "contacts", "contacts": [{"name": {}}]}, "contacts", "", 0),
    (WHATSAPP | {"message_type": "sticker", "sticker": {"url": URL}}, "sticker", "", 1),
    (
        WHATSAPP | {"message_type": "order", "order": {"catalog_id": "1", "product_items": []}},
        "order",
        "",
        0,
    ),
    (WHATSAPP | {"message_type": "unsupported"}, "unsupported", "", 0),
    (WHATSAPP | {"message_type": "of tomorrow", "of tomorrow": [1]}, "of tomorrow", "", 0),
    (WHATSAPP | {"message_type": "image", "image": "odd", "content": 3}, "image", "", 0),
]


@pytest.mark.parametrize(("body", "content_type", "text", "files"), INBOUND)
def test_an_inbound_message_is_threaded_and_shown(
    body: dict[str, Any], content_type: str, text: str, files: int, post_webhook: Any
) -> None:
    body = body | {"message_uuid": str(uuid.uuid4()), "timestamp": "2026-11-24T10:00:00Z"}
    assert post_webhook("inbound-message", body).json() == {"result": "applied"}
    message = Message.objects.inbound().get(message_uuid=body["message_uuid"])
    assert (message.content_type, message.text) == (content_type, text)
    assert len(message.media) == files
    assert message.payload == body
    assert message.conversation.their_address == "447700900000"
    desk = Client()
    desk.force_login(User.objects.create_superuser("ada"))
    pages = (
        reverse("admin:vonage_messages_conversation_change", args=[message.conversation_id]),
        reverse("admin:vonage_messages_message_change", args=[message.pk]),
    )
    for page in pages:
        shown = desk.get(page)
        assert shown.status_code == 200
        lines = text.split("\n")
        assert all(line in shown.content.decode() for line in lines)


def test_several_files_keep_their_order_in_the_conversation(post_webhook: Any) -> None:
    urls = [f"https://example.com/{name}" for name in ("b", "a", "c")]
    files = [{"type": "file", "url": url} for url in (*urls, urls[0])]
    body = MMS | {"timestamp": "2026-11-24T10:00:00Z"}
    for kind in (
        {"message_type": "text", "text": "Hi"},
        {"message_type": "file", "file": files[0]},
    ):
        body |= kind | {"message_uuid": str(uuid.uuid4()), "content": files}
        assert post_webhook("inbound-message", body).json() == {"result": "applied"}
        message = Message.objects.inbound().latest("id")
        assert [file.url for file in message.media] == urls
    desk = Client()
    desk.force_login(User.objects.create_superuser("ada"))
    page = reverse("admin:vonage_messages_conversation_change", args=[message.conversation_id])
    shown = desk.get(page).content.decode()
    assert [shown.count(f'href="{url}"') for url in urls] == [2, 2, 2]


def test_a_location_is_stored_by_the_names_of_v0_1(post_webhook: Any) -> None:
    body = WHATSAPP | {
        "message_uuid": str(uuid.uuid4()),
        "timestamp": "2026-11-24T10:00:00Z",
        "message_type": "location",
        "location": {"lat": 40.34772, "long": -74.18847, "name": "Shop"},
    }
    assert post_webhook("inbound-message", body).json() == {"result": "applied"}
    place = Message.objects.inbound().get().place
    assert place is not None
    assert (place.latitude, place.longitude, place.name) == ("40.34772", "-74.18847", "Shop")


def _status(message: Message, status: str = "rejected", **fields: Any) -> dict[str, Any]:
    return status_of(message, status, **fields)


_TYPE = "https://developer.vonage.com/api-errors/messages#1120"
ERRORS: list[tuple[Any, tuple[str, str]]] = [
    ({"type": _TYPE, "title": "1120", "detail": "Words"}, ("1120", "Words")),
    ({"type": _TYPE, "title": 1120, "detail": "Words"}, ("1120", "Words")),
    ({"error": {"type": _TYPE, "title": 1120, "detail": "Words"}}, ("1120", "Words")),
    ({"type": _TYPE, "title": "A title", "detail": "Words"}, ("1120", "A title")),
    ({"title": "A title"}, ("", "A title")),
    ({"title": "¹"}, ("", "¹")),
    ({}, ("", "")),
    (7, ("", "")),
]


@pytest.mark.parametrize(("error", "expected"), ERRORS)
def test_every_form_of_an_error_is_parsed(
    error: Any, expected: tuple[str, str], post_webhook: Any
) -> None:
    message = send_message("447700900000", "Hello")
    body = _status(message, error=error)
    assert post_webhook("message-status", body).json() == {"result": "applied"}
    message.refresh_from_db()
    assert message.status == "rejected"
    assert (message.error_code, message.error_title) == expected


TIMESTAMPS = [
    "2025-02-03T12:14:25Z",
    "2025-02-03T12:14:25.000Z",
    "2025-02-03 12:14:25 +0000",
    "2025-02-03 12:14:25 UTC",
]


@pytest.mark.parametrize("timestamp", TIMESTAMPS)
def test_every_form_of_a_time_is_parsed(timestamp: str, post_webhook: Any) -> None:
    message = send_message("447700900000", "Hello")
    body = _status(message, status="delivered", timestamp=timestamp)
    assert post_webhook("message-status", body).json() == {"result": "applied"}
    message.refresh_from_db()
    assert message.delivered_at is not None
    assert message.delivered_at.isoformat() == "2025-02-03T12:14:25+00:00"


def test_status_without_a_valid_time_is_applied_once(post_webhook: Any) -> None:
    message = send_message("447700900000", "Hello")
    body = _status(message, status="delivered", timestamp={})
    assert post_webhook("message-status", body).json() == {"result": "applied"}
    assert post_webhook("message-status", body).json() == {"result": "duplicate"}


def test_statuses_of_both_versions_update_the_same_message(post_webhook: Any) -> None:
    message = send_message("447700900000", "Hello")
    old = {
        "message_uuid": message.message_uuid,
        "to": {"type": "sms", "number": message.their_address},
        "from": {"type": "sms", "number": message.our_address},
        "timestamp": "2026-11-24T09:00:00Z",
        "status": "submitted",
    }
    usage = {"usage": {"currency": "EUR", "price": "0.0333"}, "sms": {"count_total": "2"}}
    new = _status(message, status="delivered", **usage)
    for body in (old, new):
        assert post_webhook("message-status", body).json() == {"result": "applied"}
    message.refresh_from_db()
    assert (message.status, message.price_as_received) == ("delivered", "0.0333")
    assert message.submitted_at is not None


def test_status_before_the_response_is_matched_by_client_ref(post_webhook: Any) -> None:
    message = send_message("447700900000", "Hello")
    Message.objects.filter(pk=message.pk).update(message_uuid=None, status="unconfirmed")
    body = _status(message, message_uuid="early", status="delivered")
    assert post_webhook("message-status", body).json() == {"result": "applied"}
    message.refresh_from_db()
    assert (message.message_uuid, message.status) == ("early", "delivered")


def test_body_without_a_uuid_is_stored(post_webhook: Any) -> None:
    for body in (SMS | {"status": "delivered"}, SMS | {"text": "Hi"}, {"channel": "x", "to": "1"}):
        assert post_webhook("inbound-message", body).json() == {"result": "stored"}
    assert UnprocessedWebhook.objects.count() == 3
