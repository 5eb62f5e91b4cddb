"""Inbound messages of v1: every content, prices, names and undocumented fields."""

from decimal import Decimal
from typing import Any

import pytest

from django_vonage_messages.models import Conversation, Message, UnprocessedWebhook
from tests.webhooks.v1_bodies import (
    MESSENGER,
    MMS,
    NUMBER,
    RCS,
    SMS,
    URL,
    VIBER,
    WHATSAPP,
    inbound,
)

pytestmark = pytest.mark.django_db
TEXT = {"message_type": "text", "text": "Hi"}


@pytest.fixture
def receive(post_webhook: Any) -> Any:
    """Deliver an inbound message, check that it is applied, and return it."""

    def receive(channel: dict[str, Any], **fields: Any) -> Message:
        body = inbound(channel, **fields)
        assert post_webhook("inbound-message", body).json() == {"result": "applied"}
        message = Message.objects.inbound().get(message_uuid=body["message_uuid"])
        assert message.payload == body
        return message

    return receive


PART = {"url": URL}
FILES = [
    {"message_type": kind, kind: PART} for kind in ("image", "audio", "video", "file", "vcard")
]
PLACE = {"lat": 40.34772, "long": -74.18847}
CHOICES = [
    {"message_type": "reply", "reply": {"id": "1", "title": "9am"}},
    {"message_type": "button", "button": {"payload": "button_1", "text": "Agree"}},
    {"message_type": "location", "location": PLACE},
]
KINDS = [
    *((SMS, each) for each in ({"text": "Hi"}, TEXT)),
    *((MMS, each) for each in (TEXT, *FILES)),
    *((RCS, each) for each in (TEXT, *FILES, *CHOICES)),
    *((WHATSAPP, each) for each in (TEXT, *FILES, *CHOICES)),
    *((MESSENGER, each) for each in (TEXT, *FILES[:4], {"message_type": "unsupported"})),
    *((VIBER, each) for each in (TEXT, *FILES[:4])),
]
WORDS = {"text": "Hi", "reply": "9am", "button": "Agree"}


@pytest.mark.parametrize(("channel", "content"), KINDS)
def test_every_content_is_applied_on_every_channel(
    channel: dict[str, Any], content: dict[str, Any], receive: Any
) -> None:
    message = receive(channel, **content)
    kind = content.get("message_type", "text")
    assert message.channel == {"viber_service": "viber"}.get(channel["channel"], channel["channel"])
    assert (message.our_address, message.their_address) == (channel["to"], channel["from"])
    assert (message.content_type, message.text) == (kind, WORDS.get(kind, ""))
    assert [file.url for file in message.media] == ([URL] if content in FILES else [])
    assert (message.place is not None) == (kind == "location")
    assert Conversation.objects.get().last_message_content_type == kind


@pytest.mark.parametrize(
    ("sms", "segments"),
    [
        ({"num_messages": "2", "keyword": "HELLO"}, 2),
        ({"num_messages": 2}, 2),
        ({"total_count": "3"}, 3),
        ({"num_messages": None, "total_count": 3}, 3),
        ({}, None),
    ],
)
def test_sms_stores_its_segments_and_price(
    sms: dict[str, Any], segments: int | None, receive: Any
) -> None:
    usage = {"currency": "EUR", "price": "0.0333"}
    message = receive(SMS, text="Hello", sms=sms, usage=usage, origin={"network_code": "12345"})
    assert (message.segments, message.price, message.currency) == (
        segments,
        Decimal("0.0333"),
        "EUR",
    )


@pytest.mark.parametrize(
    ("button", "text"),
    [
        ({"payload": {"flow_token": "x", "size": "M"}, "text": "sent", "subtype": "flow"}, "sent"),
        ({"payload": {"flow_token": "x"}}, ""),
        ({"payload": "button_1", "text": "Agree"}, "Agree"),
    ],
)
def test_payload_object_of_a_flow_button_is_stored(
    button: dict[str, Any], text: str, receive: Any
) -> None:
    message = receive(WHATSAPP, message_type="button", button=button)
    assert (message.content_type, message.text) == ("button", text)
    assert message.content == {"button": button}


def test_order_is_stored(receive: Any) -> None:
    items = [
        {"product_retailer_id": "pk1", "quantity": "1", "item_price": "9.99", "currency": "USD"}
    ]
    order = {"catalog_id": "2806150799683508", "product_items": items}
    message = receive(WHATSAPP, message_type="order", order=order)
    assert (message.content_type, message.content) == ("order", {"order": order})


def test_location_stores_its_name_and_address(receive: Any) -> None:
    location = PLACE | {"name": "Shop", "address": "1 High St", "url": "https://example.com"}
    place = receive(WHATSAPP, message_type="location", location=location).place
    assert (place.latitude, place.longitude) == ("40.34772", "-74.18847")
    assert (place.name, place.address) == ("Shop", "1 High St")


PRODUCT = {"catalog_id": "1267260820787549", "product_retailer_id": "r07qei73l7"}
BESIDE: list[dict[str, Any]] = [
    {
        "_self": {
            "href": "https://api-eu.vonage.com/v1/messages/aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
        }
    },
    {"provider_message": "An HTTP error occurred"},
    {"context_status": "unavailable"},
    {"context_status": "available", "context": {"message_uuid": "x", "message_from": NUMBER}},
    {"context_status": "available", "context": {"whatsapp_referred_product": PRODUCT}},
    {"whatsapp": {"whatsapp_referred_product": PRODUCT}},
    {"whatsapp": {"referral": {"headline": "New", "source_type": "post", "ctwa_clid": "x"}}},
    {"whatsapp": {"sender": {"user_id": "GB.1", "parent_user_id": "GB.2", "wa_id": NUMBER}}},
    {"direction": "inbound"},
]


@pytest.mark.parametrize("additional", BESIDE)
@pytest.mark.parametrize("channel", [WHATSAPP, VIBER], ids=["whatsapp", "viber"])
def test_additional_fields_stay_in_the_payload(
    channel: dict[str, Any], additional: dict[str, Any], receive: Any
) -> None:
    message = receive(channel, **TEXT, **additional)
    assert (message.text, message.content) == ("Hi", {"text": "Hi"})
    assert (message.segments, message.price) == (None, None)


def test_latest_profile_name_is_the_contact_name(receive: Any) -> None:
    first = receive(WHATSAPP, **TEXT)
    assert first.conversation.contact_name == "Jane Smith"
    assert "Jane Smith" not in repr(first)
    renamed = receive(WHATSAPP, **TEXT, profile={"name": "Jane Miller", "username": "@jane"})
    assert renamed.conversation.contact_name == "Jane Miller"


NAMELESS: list[Any] = [
    None,
    {},
    {"name": ""},
    {"name": "\u202e \n"},
    {"name": ["Jane"]},
    {"username": "@jane"},
    "Jane",
]


@pytest.mark.parametrize("profile", NAMELESS)
def test_message_without_a_name_keeps_the_contact_name(profile: Any, receive: Any) -> None:
    assert receive(WHATSAPP, **TEXT, profile=profile).conversation.contact_name == ""
    receive(WHATSAPP, **TEXT)
    assert receive(WHATSAPP, **TEXT, profile=profile).conversation.contact_name == "Jane Smith"


def test_name_is_cleaned_and_the_payload_keeps_the_original(receive: Any) -> None:
    raw = "Jane\u202e\x07\nSmith " + "x" * 300
    message = receive(WHATSAPP, **TEXT, profile={"name": raw})
    name = message.conversation.contact_name
    assert name == "Jane Smith " + "x" * 189
    assert message.payload["profile"]["name"] == raw


def test_duplicate_does_not_change_the_contact_name(receive: Any, post_webhook: Any) -> None:
    body = receive(WHATSAPP, **TEXT).payload
    again = body | {"profile": {"name": "Somebody else"}}
    assert post_webhook("inbound-message", again).json() == {"result": "duplicate"}
    assert Conversation.objects.get().contact_name == "Jane Smith"


def test_v0_1_message_sets_no_contact_name(post_webhook: Any, inbound_body: Any) -> None:
    body = inbound_body(direction="inbound", profile={"name": "Jane Smith"})
    assert post_webhook("inbound-message", body).json() == {"result": "applied"}
    assert Conversation.objects.get().contact_name == ""


@pytest.mark.parametrize("channel", [SMS, WHATSAPP, RCS], ids=["sms", "whatsapp", "rcs"])
def test_body_in_the_form_of_a_send_is_stored(channel: dict[str, Any], post_webhook: Any) -> None:
    """Vonage's PHP SDK tests its webhooks with such bodies, which have no message_uuid."""
    body = channel | TEXT | {"client_ref": "abc123"}
    assert post_webhook("inbound-message", body).json() == {"result": "stored"}
    assert UnprocessedWebhook.objects.get().reason == "unusable"
    assert not Message.objects.exists()
