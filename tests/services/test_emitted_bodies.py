"""Request bodies of v0.1, compared with the reference's examples and schemas."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from django_vonage_messages import resend_message, send_message
from django_vonage_messages.backends.locmem import outbox
from django_vonage_messages.content import (
    Audio,
    Content,
    Custom,
    File,
    Image,
    Location,
    Template,
    Video,
    load_content,
)
from django_vonage_messages.models import Message
from django_vonage_messages.options import MessengerOptions, ViberOptions, load_options
from tests.openapi.contents import calls
from tests.openapi.documents import load_document
from tests.services.test_contents import SENDERS

pytestmark = pytest.mark.django_db
URL = "https://example.com/cat.jpg"
IDS = {"messenger": "0123456789012345"}


@pytest.mark.parametrize(
    ("channel", "content", "options", "message"),
    [
        ("mms", Image(URL), None, {"content": {"type": "image", "image": {"url": URL}}}),
        ("whatsapp", "Hello", None, {"content": {"type": "text", "text": "Hello"}}),
        (
            "whatsapp",
            Template("ns:verify", ["Daisy", "12345"], locale="en-GB", policy="deterministic"),
            None,
            {
                "content": {
                    "type": "template",
                    "template": {"name": "ns:verify", "parameters": ["Daisy", "12345"]},
                },
                "whatsapp": {"locale": "en-GB", "policy": "deterministic"},
            },
        ),
        (
            "whatsapp",
            Template("ns:hello", locale="en"),
            None,
            {
                "content": {"type": "template", "template": {"name": "ns:hello"}},
                "whatsapp": {"locale": "en"},
            },
        ),
        (
            "whatsapp",
            Image(URL, caption="My tabby cat, Oliver."),
            None,
            {
                "content": {
                    "type": "image",
                    "image": {"url": URL, "caption": "My tabby cat, Oliver."},
                }
            },
        ),
        (
            "whatsapp",
            File("https://example.com/a.pdf", caption="A report"),
            None,
            {
                "content": {
                    "type": "file",
                    "file": {"url": "https://example.com/a.pdf", "caption": "A report"},
                }
            },
        ),
        ("whatsapp", Audio(URL), None, {"content": {"type": "audio", "audio": {"url": URL}}}),
        ("whatsapp", Video(URL), None, {"content": {"type": "video", "video": {"url": URL}}}),
        (
            "whatsapp",
            Location("37.758056", -122.425332, name="HQ", address="1 Hacker Way"),
            None,
            {
                "content": {
                    "type": "custom",
                    "custom": {
                        "type": "location",
                        "location": {
                            "latitude": 37.758056,
                            "longitude": -122.425332,
                            "name": "HQ",
                            "address": "1 Hacker Way",
                        },
                    },
                }
            },
        ),
        (
            "whatsapp",
            Custom({"type": "contacts", "contacts": [{"name": {"first_name": "Ada"}}]}),
            None,
            {
                "content": {
                    "type": "custom",
                    "custom": {"type": "contacts", "contacts": [{"name": {"first_name": "Ada"}}]},
                }
            },
        ),
        (
            "viber",
            "Hello",
            ViberOptions(category="promotion", ttl=600, type="text"),
            {
                "content": {"type": "text", "text": "Hello"},
                "viber_service_msg": {"category": "promotion", "ttl": 600, "type": "text"},
            },
        ),
        (
            "viber",
            Template("verify", ["Daisy"]),
            ViberOptions(type="template"),
            {
                "content": {
                    "type": "template",
                    "template": {"name": "verify", "parameters": ["Daisy"]},
                },
                "viber_service_msg": {"type": "template"},
            },
        ),
        ("viber", "Hello", ViberOptions(), {"content": {"type": "text", "text": "Hello"}}),
        (
            "messenger",
            Image(URL),
            MessengerOptions(category="message_tag", tag="CONFIRMED_EVENT_UPDATE"),
            {
                "content": {"type": "image", "image": {"url": URL}},
                "messenger": {"category": "message_tag", "tag": "CONFIRMED_EVENT_UPDATE"},
            },
        ),
    ],
)
def test_send_posts_the_expected_body(
    channel: str, content: Any, options: Any, message: Any
) -> None:
    wire = "viber_service_msg" if channel == "viber" else channel
    recipient_key, sender_key = {
        "viber": ("number", "id"),
        "messenger": ("id", "id"),
    }.get(channel, ("number", "number"))
    to = IDS.get(channel, "447700900000")

    sent = send_message(to, content, channel=channel, options=options, client_ref="client-ref2")

    assert outbox[-1].body == {
        "client_ref": "client-ref2",
        "to": {"type": wire, recipient_key: to},
        "from": {"type": wire, sender_key: SENDERS[channel]},
        "message": message,
    }
    assert (outbox[-1].channel, outbox[-1].text) == (channel, sent.text)
    if not isinstance(content, str):
        assert outbox[-1].content == load_content(sent.content_type, sent.content)


def test_outbox_keeps_the_content_for_comparison() -> None:
    send_message("447700900000", Image(URL, caption="Oliver"), channel="whatsapp")
    assert outbox[-1].content == Image(URL, caption="Oliver")
    assert URL not in repr(outbox[-1])


def send_call(call: dict[str, Any]) -> Message:
    return send_message(call.pop("to"), call.pop("content"), **call)


@pytest.mark.slow
@hypothesis_settings(max_examples=150)
@given(calls())
def test_every_body_fits_the_schema(call: dict[str, Any]) -> None:
    document = load_document("messages-v0.1.openapi.yml")
    send_call(call)
    body = outbox[-1].body
    if body["message"]["content"]["type"] != "custom":
        assert document.problems(body, document.schema("message")) == []


@pytest.mark.slow
@hypothesis_settings(max_examples=100)
@given(calls())
def test_row_restores_the_content_and_options_of_its_body(call: dict[str, Any]) -> None:
    message = send_call(dict(call))
    body = outbox[-1].body
    stored = Message.objects.get(pk=message.pk)
    content: Content = load_content(stored.content_type, stored.content)
    expected = call["options"] if call["options"] and call["options"].as_json() else None
    assert load_options(stored.channel, stored.options) == expected
    assert stored.text == content.text
    assert stored.content_type == call["content"].content_type

    Message.objects.filter(pk=message.pk).update(status="failed")
    stored.refresh_from_db()
    resend_message(stored)

    again = outbox[-1].body
    assert again.pop("client_ref") != body.pop("client_ref")
    assert again == body


@pytest.mark.parametrize("content", [Image(URL), Template("a:b", locale="en"), Custom({"a": 1})])
def test_repr_hides_the_content(content: Any) -> None:
    assert repr(content) == f"{type(content).__name__}(…)"


def test_idempotency_key_of_another_content_or_options_conflicts() -> None:
    from django_vonage_messages.exceptions import IdempotencyConflict

    first = send_message("447700900000", Image(URL), channel="viber", idempotency_key="k")
    again = send_message("447700900000", Image(URL), channel="viber", idempotency_key="k")
    assert again == first
    for content, options in (
        (Image(URL + "?2"), None),
        (Custom({"image": {"url": URL}}), None),
        (Image(URL), ViberOptions(ttl=60)),
    ):
        with pytest.raises(IdempotencyConflict):
            send_message(
                "447700900000", content, channel="viber", options=options, idempotency_key="k"
            )
