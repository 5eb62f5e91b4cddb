"""simulate_status() and simulate_inbound() on API v1."""

from typing import Any

import pytest
from django.conf import settings as configured

from django_vonage_messages import send_message
from django_vonage_messages.content import Attachments, File, Image, Location
from django_vonage_messages.models import Message, UnprocessedWebhook
from django_vonage_messages.options import SmsOptions
from django_vonage_messages.protocol.channels import CHANNELS, VIBER
from django_vonage_messages.protocol.versions import API_VERSIONS
from django_vonage_messages.testing import simulate_inbound, simulate_status
from django_vonage_messages.testing.simulate import PAYLOAD_WRITERS

pytestmark = pytest.mark.django_db
ACCOUNT = configured.VONAGE_MESSAGES["default"]
SENDERS = {**ACCOUNT["SENDERS"], "rcs": "Shop"}
TO = {"messenger": "0123456789012345"}
NUMBER = "447700900000"
URL = "https://example.com/cat.jpg"


@pytest.fixture
def on_v1(settings: Any) -> None:
    settings.VONAGE_MESSAGES = {"default": {**ACCOUNT, "SENDERS": SENDERS, "API_VERSION": "v1"}}


def payload_of(message: Message, status: str) -> dict[str, Any]:
    return message.events.get(status=status).payload


@pytest.mark.parametrize("status", ["submitted", "delivered", "rejected", "undeliverable", "read"])
@pytest.mark.parametrize("channel", SENDERS)
@pytest.mark.usefixtures("on_v1")
def test_status_is_applied_on_every_channel(channel: str, status: str) -> None:
    to = TO.get(channel, NUMBER)
    content = Image(URL) if channel == "mms" else "Hello"
    message = send_message(to, content, channel=channel)
    simulate_status(message, status, timestamp="2026-11-24T10:00:00Z")
    assert message.status == status
    assert payload_of(message, status) == {
        "message_uuid": message.message_uuid,
        "channel": "viber_service" if channel == "viber" else channel,
        "to": to,
        "from": SENDERS[channel],
        "timestamp": "2026-11-24T10:00:00Z",
        "status": status,
        "client_ref": message.client_ref,
    }


def test_status_carries_its_error_and_price(on_v1: None) -> None:
    message = send_message(NUMBER, "Hello")
    simulate_status(message, "rejected", error_code=1240, error_reason="No", price="0.0333")
    assert (message.error_code, message.error_title) == ("1240", "No")
    assert (message.price_as_received, message.currency) == ("0.0333", "EUR")
    error = payload_of(message, "rejected")["error"]
    assert len(error.pop("instance")) == 32
    assert error == {
        "type": "https://developer.vonage.com/api-errors/messages#1240",
        "title": "1240",
        "detail": "No",
    }


CONTENTS: list[tuple[Any, str, str, dict[str, Any]]] = [
    ("Hello", "text", "Hello", {"message_type": "text", "text": "Hello"}),
    (
        Image(URL, caption="Cat"),
        "image",
        "Cat",
        {"message_type": "image", "image": {"url": URL, "caption": "Cat"}},
    ),
    (
        Location(51.5, -0.25, name="Shop"),
        "location",
        "",
        {"message_type": "location", "location": {"lat": 51.5, "long": -0.25, "name": "Shop"}},
    ),
    (
        {"type": "reply", "reply": {"id": "1", "title": "Yes"}},
        "reply",
        "Yes",
        {"message_type": "reply", "reply": {"id": "1", "title": "Yes"}},
    ),
    (
        Attachments([Image(URL), File(f"{URL}.pdf")]),
        "image",
        "",
        {
            "message_type": "image",
            "image": {"url": URL},
            "content": [{"type": "image", "url": URL}, {"type": "file", "url": f"{URL}.pdf"}],
        },
    ),
    ({"type": "unsupported"}, "unsupported", "", {"message_type": "unsupported"}),
]


@pytest.mark.parametrize(("content", "content_type", "text", "expected"), CONTENTS)
@pytest.mark.parametrize("channel", SENDERS)
@pytest.mark.usefixtures("on_v1")
def test_every_content_is_received_on_every_channel(
    channel: str, content: Any, content_type: str, text: str, expected: dict[str, Any]
) -> None:
    from_ = TO.get(channel, "+44 7700 900000")
    message = simulate_inbound(from_, content, channel=channel)
    assert (message.channel, message.our_address) == (channel, SENDERS[channel])
    assert message.their_address == TO.get(channel, NUMBER)
    assert (message.content_type, message.text) == (content_type, text)
    body = message.payload
    assert body["channel"] == CHANNELS[channel].v1_type
    assert (body["to"], body["from"]) == (SENDERS[channel], message.their_address)
    if channel == "sms" and content_type == "text":
        expected = {"text": text}
        assert "message_type" not in body
    assert body.items() >= expected.items()
    assert ("sms" in body) == (channel == "sms")
    assert ("context_status" in body) == (channel in {"whatsapp", "rcs"})


def test_files_and_location_are_stored(on_v1: None) -> None:
    files = simulate_inbound(NUMBER, Attachments([Image(URL), File(f"{URL}.pdf")]), channel="mms")
    assert [file.url for file in files.media] == [URL, f"{URL}.pdf"]
    place = simulate_inbound(NUMBER, Location(51.5, -0.25), channel="whatsapp").place
    assert place is not None
    assert (place.latitude, place.longitude) == ("51.5", "-0.25")


def test_sms_has_its_segments_and_keyword(on_v1: None) -> None:
    message = simulate_inbound(NUMBER, " stop it", num_messages=3, price="0.05")
    assert message.payload["sms"] == {"num_messages": "3", "keyword": "STOP"}
    assert (message.segments, message.price_as_received) == (3, "0.05")
    assert simulate_inbound(NUMBER, "").payload["sms"] == {"num_messages": "1"}


def test_whatsapp_message_has_a_contact_name(on_v1: None) -> None:
    message = simulate_inbound(NUMBER, "Hello", channel="whatsapp", contact_name="Ada")
    assert message.payload["profile"] == {"name": "Ada"}
    assert message.conversation.contact_name == "Ada"
    assert "profile" not in simulate_inbound(NUMBER, "Hello", channel="whatsapp").payload
    assert not simulate_inbound(NUMBER, "Hello", channel="sms").conversation.contact_name


def test_every_version_has_payload_writers() -> None:
    assert PAYLOAD_WRITERS.keys() == API_VERSIONS.keys()


def test_version_can_be_given_for_one_webhook() -> None:
    message = send_message(NUMBER, "Hello", channel="viber")
    simulate_status(message, "submitted")
    simulate_status(message, "delivered", version="v1")
    assert payload_of(message, "submitted")["to"]["type"] == VIBER.v0_1_type
    assert payload_of(message, "delivered")["channel"] == VIBER.v1_type
    assert message.submitted_at
    assert message.status == "delivered"


def test_version_of_the_account_is_the_default(on_v1: None) -> None:
    assert simulate_inbound(NUMBER, "Hello").payload["channel"] == "sms"
    old = simulate_inbound(NUMBER, "Hello", version="v0.1")
    assert old.payload["to"] == {"type": "sms", "number": SENDERS["sms"]}


def test_webhook_version_of_a_message_is_used_for_its_statuses(on_v1: None) -> None:
    message = send_message(NUMBER, "Hello", options=SmsOptions(webhook_version="v0.1"))
    simulate_status(message, "submitted")
    simulate_status(message, "delivered", version="v1")
    assert payload_of(message, "submitted")["to"] == {"type": "sms", "number": NUMBER}
    assert payload_of(message, "delivered")["to"] == NUMBER


@pytest.mark.parametrize(
    ("problem", "arguments"),
    [
        ("v0.1 has no RCS", {"channel": "rcs", "to": "Shop"}),
        ("Only WhatsApp webhooks of v1", {"channel": "whatsapp", "contact_name": "Ada"}),
        ("Only WhatsApp webhooks of v1", {"contact_name": "Ada", "version": "v1"}),
        ("Unknown version 'v2'", {"version": "v2"}),
    ],
)
def test_argument_of_another_version_is_an_error(problem: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=problem):
        simulate_inbound(NUMBER, "Hello", **arguments)
    assert not Message.objects.exists()
    assert not UnprocessedWebhook.objects.exists()


def test_v0_1_status_of_an_rcs_message_is_an_error(on_v1: None) -> None:
    message = send_message(NUMBER, "Hello", channel="rcs")
    with pytest.raises(ValueError, match="has no RCS"):
        simulate_status(message, "delivered", version="v0.1")
    assert message.status == "accepted"
