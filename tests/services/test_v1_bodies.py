"""Request bodies of v1, compared with its OpenAPI document's examples and schemas."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_vonage_messages import resend_message, send_message
from django_vonage_messages.backends.locmem import outbox
from django_vonage_messages.content import (
    Attachments,
    Card,
    Carousel,
    Content,
    Custom,
    File,
    Image,
    Location,
    Reaction,
    Sticker,
    Template,
    VCard,
    Video,
    load_content,
)
from django_vonage_messages.content.suggestions import OpenUrl, Reply
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.options import (
    MessengerOptions,
    MmsOptions,
    RcsOptions,
    SmsOptions,
    ViberAction,
    ViberOptions,
    WhatsAppOptions,
    load_options,
)
from django_vonage_messages.simulator.v1.validate import validate
from tests.accounts import v1_account
from tests.openapi.contents import v1_calls
from tests.openapi.documents import Schema, load_document

pytestmark = pytest.mark.django_db
URL = "https://example.com/cat.jpg"
UUID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
NEWER_THAN_THE_DOCUMENT = frozenset({"card", "carousel"})
CARD = Card("Oliver", "A tabby cat", URL, suggestions=[Reply("Take him", "take")])
CARD_JSON = {
    "title": "Oliver",
    "text": "A tabby cat",
    "media_url": URL,
    "suggestions": [{"type": "reply", "text": "Take him", "postback_data": "take"}],
}
QUIET = hypothesis_settings(max_examples=150)


@pytest.fixture(autouse=True)
def on_v1() -> Iterator[None]:
    with v1_account():
        yield


@pytest.mark.parametrize(
    ("channel", "content", "options", "expected"),
    [
        ("sms", "Hello", None, {"message_type": "text", "text": "Hello"}),
        (
            "sms",
            "Hello",
            SmsOptions(
                ttl=600, encoding_type="unicode", content_id="c", entity_id="e", pool_id="p"
            ),
            {
                "message_type": "text",
                "text": "Hello",
                "ttl": 600,
                "sms": {
                    "encoding_type": "unicode",
                    "content_id": "c",
                    "entity_id": "e",
                    "pool_id": "p",
                },
            },
        ),
        (
            "sms",
            "Hello",
            SmsOptions(
                webhook_url="https://example.com/status",
                webhook_version="v0.1",
                trusted_recipient=True,
                extra={"newer": 1, "sms": {"newest": [True]}},
                encoding_type="text",
            ),
            {
                "message_type": "text",
                "text": "Hello",
                "webhook_url": "https://example.com/status",
                "webhook_version": "v0.1",
                "trusted_recipient": True,
                "newer": 1,
                "sms": {"encoding_type": "text", "newest": [True]},
            },
        ),
        (
            "mms",
            VCard("https://example.com/a.vcf", caption="Me"),
            MmsOptions(ttl=300),
            {
                "message_type": "vcard",
                "vcard": {"url": "https://example.com/a.vcf", "caption": "Me"},
                "ttl": 300,
            },
        ),
        (
            "mms",
            Attachments([Image(URL, caption="Oliver"), File(URL)]),
            None,
            {
                "message_type": "content",
                "content": [
                    {"type": "image", "url": URL, "caption": "Oliver"},
                    {"type": "file", "url": URL},
                ],
            },
        ),
        (
            "mms",
            Attachments([Image(URL, extra={"newer": {"extra": 1}}), File(URL)]),
            None,
            {
                "message_type": "content",
                "content": [
                    {"type": "image", "url": URL, "newer": {"extra": 1}},
                    {"type": "file", "url": URL},
                ],
            },
        ),
        (
            "whatsapp",
            Image(URL, extra={"newer": True}),
            None,
            {"message_type": "image", "image": {"url": URL, "newer": True}},
        ),
        (
            "rcs",
            Carousel([Card("a", "b", URL, extra={"n": 1}), Card("a", "b", URL)]),
            None,
            {
                "message_type": "carousel",
                "carousel": {
                    "cards": [
                        {"title": "a", "text": "b", "media_url": URL, "n": 1},
                        {"title": "a", "text": "b", "media_url": URL},
                    ]
                },
            },
        ),
        (
            "rcs",
            Card("a", "b", URL, suggestions=[Reply("Yes", "y", extra={"n": 2})], extra={"n": 1}),
            None,
            {
                "message_type": "card",
                "card": {
                    "title": "a",
                    "text": "b",
                    "media_url": URL,
                    "suggestions": [{"type": "reply", "text": "Yes", "postback_data": "y", "n": 2}],
                    "n": 1,
                },
            },
        ),
        (
            "rcs",
            "Hello",
            RcsOptions(suggestions=[Reply("Yes", "y", extra={"n": 1})], extra={"extra": 2}),
            {
                "message_type": "text",
                "text": "Hello",
                "suggestions": [{"type": "reply", "text": "Yes", "postback_data": "y", "n": 1}],
                "extra": 2,
            },
        ),
        (
            "whatsapp",
            Custom({"extra": {"a": 1}}),
            None,
            {"message_type": "custom", "custom": {"extra": {"a": 1}}},
        ),
        (
            "whatsapp",
            Template("ns:verify", ["Daisy"], locale="en-GB", policy="deterministic"),
            None,
            {
                "message_type": "template",
                "template": {"name": "ns:verify", "parameters": ["Daisy"]},
                "whatsapp": {"locale": "en-GB", "policy": "deterministic"},
            },
        ),
        (
            "whatsapp",
            Reaction("👍"),
            WhatsAppOptions(context=UUID),
            {
                "message_type": "reaction",
                "reaction": {"action": "react", "emoji": "👍"},
                "context": {"message_uuid": UUID},
            },
        ),
        (
            "whatsapp",
            Reaction(action="unreact"),
            WhatsAppOptions(context=UUID),
            {
                "message_type": "reaction",
                "reaction": {"action": "unreact"},
                "context": {"message_uuid": UUID},
            },
        ),
        (
            "whatsapp",
            Sticker(id="abc"),
            None,
            {"message_type": "sticker", "sticker": {"id": "abc"}},
        ),
        (
            "whatsapp",
            Location("37.7", -122.4),
            WhatsAppOptions(context=UUID),
            {
                "message_type": "custom",
                "custom": {
                    "type": "location",
                    "location": {"latitude": 37.7, "longitude": -122.4},
                },
                "context": {"message_uuid": UUID},
            },
        ),
        (
            "viber",
            Image(URL, caption="Oliver"),
            ViberOptions(category="promotion", ttl=600, action=ViberAction(URL, "Look")),
            {
                "message_type": "image",
                "image": {"url": URL, "caption": "Oliver"},
                "viber_service": {
                    "category": "promotion",
                    "ttl": 600,
                    "action": {"url": URL, "text": "Look"},
                },
            },
        ),
        (
            "viber",
            Video(URL, thumb_url=URL),
            ViberOptions(duration=60, file_size=10),
            {
                "message_type": "video",
                "video": {"url": URL, "thumb_url": URL, "duration": "60", "file_size": "10"},
                "viber_service": {"duration": "60", "file_size": "10"},
            },
        ),
        (
            "messenger",
            "Hello",
            MessengerOptions(category="message_tag", tag="ACCOUNT_UPDATE"),
            {
                "message_type": "text",
                "text": "Hello",
                "messenger": {"category": "message_tag", "tag": "ACCOUNT_UPDATE"},
            },
        ),
        (
            "rcs",
            "Hello",
            RcsOptions(
                ttl=300,
                category="promotion",
                suggestions=[OpenUrl("Look", "look", url=URL), Reply("Yes", "yes")],
            ),
            {
                "message_type": "text",
                "text": "Hello",
                "ttl": 300,
                "rcs": {"category": "promotion"},
                "suggestions": [
                    {"type": "open_url", "text": "Look", "postback_data": "look", "url": URL},
                    {"type": "reply", "text": "Yes", "postback_data": "yes"},
                ],
            },
        ),
        (
            "rcs",
            CARD,
            RcsOptions(card_orientation="HORIZONTAL", image_alignment="LEFT"),
            {
                "message_type": "card",
                "card": CARD_JSON,
                "rcs": {"card_orientation": "HORIZONTAL", "image_alignment": "LEFT"},
            },
        ),
        (
            "rcs",
            Carousel([CARD, Card("Tom", "Grey", URL)]),
            RcsOptions(card_width="SMALL"),
            {
                "message_type": "carousel",
                "carousel": {
                    "cards": [CARD_JSON, {"title": "Tom", "text": "Grey", "media_url": URL}]
                },
                "rcs": {"card_width": "SMALL"},
            },
        ),
    ],
)
def test_send_posts_the_expected_body(
    channel: str, content: Any, options: Any, expected: Any
) -> None:
    to = "0123456789012345" if channel == "messenger" else "447700900000"
    sent = send_message(to, content, channel=channel, options=options, client_ref="client-ref2")
    assert outbox[-1].body == {
        "channel": "viber_service" if channel == "viber" else channel,
        "to": to,
        "from": sent.our_address,
        "client_ref": "client-ref2",
        **expected,
    }
    if not isinstance(content, str):
        assert outbox[-1].content == load_content(sent.content_type, sent.content)
        assert URL not in repr(outbox[-1])


def test_client_ref_is_always_sent_and_may_have_100_characters() -> None:
    assert send_message("447700900000", "Hello").reference.hex == outbox[-1].body["client_ref"]
    send_message("447700900000", "Hello", client_ref="r" * 100)
    assert outbox[-1].body["client_ref"] == "r" * 100


def is_in_the_document(call: dict[str, Any]) -> bool:
    return call["content"].content_type not in NEWER_THAN_THE_DOCUMENT


@pytest.mark.slow
@hypothesis_settings(QUIET, max_examples=15)
@given(st.lists(v1_calls().filter(is_in_the_document), min_size=2, max_size=3))
def test_a_failover_fits_the_schema(plan: list[dict[str, Any]]) -> None:
    document = load_document("messages-v1.openapi.json")
    first, *rest = plan
    to, content = first.pop("to"), first.pop("content")
    send_message(to, content, failover=[Failover(**each) for each in rest], **first)
    body = outbox[-1].body
    assert len(body["failover"]) == len(rest)
    for kind in (body, *body["failover"]):
        leaf = _leaf(kind["channel"], kind["message_type"])
        assert document.problems(kind, leaf) == []


@cache
def _leaf(channel: str, message_type: str) -> Schema:
    """Return the schema of one kind of send."""
    document = load_document("messages-v1.openapi.json")
    whole = document.data["paths"]["/v1/messages"]["post"]["requestBody"]
    leaves = whole["content"]["application/json"]["schema"]["oneOf"]
    for leaf in (leaf for branch in leaves for leaf in branch.get("oneOf", [branch])):
        merged = document.resolved(document.resolved(leaf["allOf"][0]))
        names = (merged["properties"][key] for key in ("channel", "message_type"))
        if [_only_value(document.resolved(name)) for name in names] == [channel, message_type]:
            found: Schema = leaf
            return found
    raise AssertionError((channel, message_type))


def _only_value(schema: Schema) -> str:
    (word,) = schema["enum"]
    return str(word)


@pytest.mark.slow
@QUIET
@given(v1_calls())
def test_every_body_fits_the_schema(call: dict[str, Any]) -> None:
    document = load_document("messages-v1.openapi.json")
    send_message(call.pop("to"), call.pop("content"), **call)
    body = outbox[-1].body
    if body["message_type"] not in NEWER_THAN_THE_DOCUMENT:
        leaf = _leaf(body["channel"], body["message_type"])
        assert document.problems(body, leaf) == []


@pytest.mark.slow
@QUIET
@given(v1_calls())
def test_simulator_accepts_every_body(call: dict[str, Any]) -> None:
    call["options"] = _on_loopback(call["options"])
    send_message(call.pop("to"), call.pop("content"), **call)
    validated = validate("application/json", json.dumps(outbox[-1].body).encode())
    assert validated.to == outbox[-1].to


def _on_loopback(options: Any) -> Any:
    """Replace the webhook URL: the simulator calls loopback addresses only."""
    has_webhook_url = getattr(options, "webhook_url", None)
    return (
        replace(options, webhook_url="http://127.0.0.1:8000/status") if has_webhook_url else options
    )


@pytest.mark.slow
@hypothesis_settings(QUIET, max_examples=25)
@given(v1_calls())
def test_every_body_fits_exactly_one_branch_of_the_schema(call: dict[str, Any]) -> None:
    document = load_document("messages-v1.openapi.json")
    send_message(call.pop("to"), call.pop("content"), **call)
    body = outbox[-1].body
    whole = document.data["paths"]["/v1/messages"]["post"]["requestBody"]
    if body["message_type"] not in NEWER_THAN_THE_DOCUMENT:
        assert document.problems(body, whole["content"]["application/json"]["schema"]) == []


@pytest.mark.slow
@QUIET
@given(v1_calls())
def test_row_restores_the_content_and_options_of_its_body(call: dict[str, Any]) -> None:
    arguments = dict(call)
    message = send_message(arguments.pop("to"), arguments.pop("content"), **arguments)
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
