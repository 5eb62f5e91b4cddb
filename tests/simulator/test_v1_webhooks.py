"""Webhooks of v1: statuses and inbound messages."""

import re
from typing import Any

import pytest

from django_vonage_messages.content import Image, Location
from django_vonage_messages.simulator import Simulator, number_for
from tests.simulator.bodies import Json
from tests.simulator.conftest import Post, send
from tests.simulator.receiver import Receiver
from tests.simulator.test_api_credentials import bearer
from tests.simulator.v1_bodies import LOCALE, SIDES, STORED, UUID, v1
from tests.simulator.v1_document import problems_of_webhook

PATH = "/v1/messages"
USAGE = {"currency": "EUR", "price": "0.0333"}
NETWORK = {"network_code": "12345"}
SUBMITTED: dict[str, Json] = {
    "sms": {"usage": USAGE, "destination": NETWORK, "sms": {"count_total": "1"}},
    "mms": {"usage": USAGE, "destination": NETWORK},
    "rcs": {"destination": NETWORK},
}
"""Members of the status submitted by channel, beside the common ones."""
PRICING = {"type": "free_customer_service", "pricing_model": "PMP", "category": "service"}
DELIVERED: dict[str, Json] = {
    "sms": {"destination": NETWORK, "sms": {"count_total": "1"}},
    "mms": {"destination": NETWORK},
    "rcs": {"destination": NETWORK},
    "whatsapp": {"usage": USAGE | {"price": "0"}, "whatsapp": {"pricing": PRICING}},
    "messenger": {"usage": USAGE},
    "viber_service": {"usage": USAGE},
}


def bodies_of(site: Receiver) -> list[Any]:
    return [delivery.json for delivery in site.deliveries]


@pytest.mark.parametrize("channel", SIDES)
def test_each_channel_has_the_expected_statuses(
    post: Post, simulator: Simulator, site: Receiver, channel: str
) -> None:
    request_body = v1(channel, client_ref="abc123")
    uuid = post(request_body, PATH).json()["message_uuid"]
    simulator.wait_until_idle()
    for status, body in zip(("submitted", "delivered"), bodies_of(site), strict=True):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body.pop("timestamp"))
        own = (SUBMITTED if status == "submitted" else DELIVERED).get(channel, {})
        assert body == own | {
            "message_uuid": uuid,
            "channel": channel,
            "to": request_body["to"],
            "from": request_body["from"],
            "status": status,
            "client_ref": "abc123",
        }


@pytest.mark.parametrize("channel", SIDES)
def test_statuses_fit_the_document(
    post: Post, simulator: Simulator, site: Receiver, channel: str
) -> None:
    for outcome in (number_for("read"), number_for("rejected", 1300)):
        post(v1(channel, to=outcome), PATH)
    simulator.wait_until_idle()
    statuses = [body["status"] for body in bodies_of(site)]
    assert ("read" in statuses) == (channel not in {"sms", "mms"})
    for body in bodies_of(site):
        assert problems_of_webhook("message-status", body) == [], body


def test_title_of_an_error_is_its_code(post: Post, simulator: Simulator, site: Receiver) -> None:
    post(v1(to=number_for("undeliverable", 1300)), PATH)
    simulator.wait_until_idle()
    submitted, undeliverable = bodies_of(site)
    error = undeliverable["error"]
    assert re.fullmatch("[0-9a-f]{32}", error.pop("instance"))
    assert error == {
        "type": "https://developer.vonage.com/api-errors/messages#1300",
        "title": "1300",
        "detail": "Not part of the provider network",
    }
    assert "error" not in submitted
    assert "client_ref" not in undeliverable


def test_template_has_pricing_and_long_sms_has_segments(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    post(v1("whatsapp", "template", {"name": "verify"}, whatsapp=LOCALE), PATH)
    post(v1(content="x" * 161), PATH)
    simulator.wait_until_idle()
    body = {
        bodies["channel"]: bodies for bodies in bodies_of(site) if bodies["status"] == "delivered"
    }
    assert body["whatsapp"]["whatsapp"]["pricing"]["category"] == "utility"
    assert body["sms"]["sms"] == {"count_total": "2"}


def test_webhook_version_of_a_request_sets_the_form_of_its_statuses(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    post(v1("viber_service", webhook_version="v0.1", to=number_for("no_outcome")), PATH)
    post(v1("viber_service", webhook_version="v1", to=number_for("no_outcome")), PATH)
    simulator.wait_until_idle()
    by_form = {isinstance(body["to"], dict): body for body in bodies_of(site)}
    assert by_form[True]["to"]["type"] == "viber_service_msg"
    assert by_form[False]["channel"] == "viber_service"


def test_webhook_url_of_a_request_receives_its_statuses(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    with Receiver() as other_site:
        url = f"{other_site.url}/mine"
        post(v1(webhook_url=url), PATH, auth=None, headers=bearer(simulator))
        simulator.wait_until_idle()
        assert simulator.accepted[0].webhook_url == url
    assert [delivery.path for delivery in other_site.deliveries] == ["/webhooks/mine"] * 2
    claims = other_site.deliveries[0].claims(simulator.signature_secret)
    assert claims["application_id"] == simulator.application_id
    assert site.deliveries == []


def test_reversed_statuses_are_delivered_in_reverse_order(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    post(v1(to=number_for("reversed")), PATH)
    simulator.wait_until_idle()
    assert [body["status"] for body in bodies_of(site)] == ["delivered", "submitted"]


MEDIA = {"url": "https://example.com/a.bin"}
BUTTON = {"type": "button", "button": {"payload": "button_1", "text": "Agree"}}
REPLY = {"type": "reply", "reply": {"id": "reply_1", "title": "9am"}}
LOCATION = {"type": "location", "location": {"lat": 40.34772, "long": -74.18847}}
INBOUND: dict[str, list[Any]] = {
    "sms": ["Hello there"],
    "mms": [
        "Hello",
        *({"type": kind, kind: MEDIA} for kind in ("image", "vcard", "audio", "video", "file")),
        {"type": "image", "image": MEDIA, "content": [{"type": "image"} | MEDIA] * 2},
    ],
    "rcs": [
        "Hello",
        *({"type": kind, kind: MEDIA} for kind in ("image", "audio", "video", "file", "vcard")),
        LOCATION,
        REPLY,
        BUTTON,
    ],
    "whatsapp": [
        "Hello",
        *({"type": kind, kind: MEDIA} for kind in ("image", "audio", "video", "file", "sticker")),
        LOCATION,
        Location(51.5, -0.12, name="Office"),
        REPLY,
        {"type": "button", "button": {"payload": {"flow": "1"}, "text": "sent"}},
        {"type": "contacts", "contacts": [{"name": {"formatted_name": "Bob Smith"}}]},
        {"type": "order", "order": {"catalog_id": "1", "product_items": [{"quantity": "1"}]}},
        {"type": "reaction", "reaction": {"action": "react", "emoji": "👍"}},
        {"type": "unsupported"},
    ],
    "messenger": [
        "Hello",
        Image("https://example.com/cat.jpg"),
        *({"type": kind, kind: MEDIA} for kind in ("audio", "video", "file")),
        {"type": "unsupported"},
    ],
    "viber_service": [
        "Hello",
        *({"type": kind, kind: MEDIA} for kind in ("image", "video", "file")),
    ],
}


@pytest.mark.parametrize("channel", INBOUND)
def test_inbound_messages_fit_the_document(
    simulator: Simulator, site: Receiver, channel: str
) -> None:
    simulator.webhook_version = "v1"
    for content in INBOUND[channel]:
        simulator.customer_sends(content, channel=STORED[channel], reply_to=UUID)
    simulator.wait_until_idle()
    assert len(site.deliveries) == len(INBOUND[channel])
    for body in bodies_of(site):
        assert body["channel"] == channel
        assert problems_of_webhook("inbound-message", body) == [], body


def sent(simulator: Simulator, site: Receiver, content: Any, **options: Any) -> tuple[str, Json]:
    """Let a customer send a content; return the message_uuid and the webhook body."""
    uuid = simulator.customer_sends(content, **{"webhook_version": "v1"} | options)
    simulator.wait_until_idle()
    body: Json = site.deliveries[-1].json
    assert body.pop("message_uuid") == uuid
    assert body.pop("timestamp").endswith("Z")
    return uuid, body


def test_an_sms_has_no_message_type(simulator: Simulator, site: Receiver) -> None:
    _, body = sent(simulator, site, "stop that")
    assert body == {
        "channel": "sms",
        "to": "447700900001",
        "from": "447700900000",
        "text": "stop that",
        "sms": {"num_messages": "1", "keyword": "STOP"},
        "usage": USAGE,
        "origin": NETWORK,
    }
    assert sent(simulator, site, " ")[1]["sms"] == {"num_messages": "1"}
    assert sent(simulator, site, Image("https://example.com/a"))[1]["message_type"] == "image"


def test_whatsapp_message_has_a_profile_and_a_self_url(
    simulator: Simulator, site: Receiver
) -> None:
    uuid, body = sent(simulator, site, "Hello", channel="whatsapp", from_="12025550123")
    assert body == {
        "channel": "whatsapp",
        "to": "447700900001",
        "from": "12025550123",
        "message_type": "text",
        "text": "Hello",
        "profile": {"name": "Jane Smith"},
        "context_status": "none",
        "_self": {"href": f"{simulator.base_url}/v1/messages/{uuid}"},
    }


def test_reply_has_the_context_of_its_message(simulator: Simulator, site: Receiver) -> None:
    _, body = sent(simulator, site, REPLY, channel="whatsapp", reply_to=UUID)
    assert (body["context_status"], body["reply"]) == ("available", REPLY["reply"])
    assert body["context"] == {"message_uuid": UUID, "message_from": "447700900001"}
    _, body = sent(simulator, site, "Hello", channel="viber", reply_to=UUID)
    assert (body["context"], body["to"]) == ({"message_uuid": UUID}, "22353")
    _, body = sent(simulator, site, "Hello", channel="rcs", reply_to=UUID)
    assert (body["context_status"], "context" in body) == ("none", False)


def test_coordinates_are_sent_as_numbers(simulator: Simulator, site: Receiver) -> None:
    office = {"latitude": "51.5", "longitude": "-0.12", "name": "Office"}
    for place, expected in (
        (office, {"lat": 51.5, "long": -0.12, "name": "Office"}),
        (LOCATION["location"], LOCATION["location"]),
        ({"latitude": "north"}, {"lat": "north"}),
        ("here", "here"),
    ):
        _, body = sent(simulator, site, {"type": "location", "location": place}, channel="rcs")
        assert body["location"] == expected


def test_extra_members_replace_the_default_members(simulator: Simulator, site: Receiver) -> None:
    extra = {"profile": {"name": "Ada", "username": "ada"}, "provider_message": "x"}
    _, body = sent(
        simulator, site, {"message_type": "text", "text": "Hi"}, channel="whatsapp", extra=extra
    )
    assert (body["profile"], body["provider_message"]) == (extra["profile"], "x")
    assert (body["message_type"], body["text"]) == ("text", "Hi")


def test_webhook_version_is_v0_1_by_default(simulator: Simulator, site: Receiver) -> None:
    simulator.customer_sends("Hello")
    simulator.wait_until_idle()
    assert site.deliveries[-1].json["message"]["content"] == {"type": "text", "text": "Hello"}
    simulator.customer_sends("Hello", channel="rcs")
    simulator.wait_until_idle()
    assert site.deliveries[-1].json["channel"] == "rcs"
    with pytest.raises(ValueError, match=r"v0\.1 has no channel 'rcs'"):
        simulator.customer_sends("Hello", channel="rcs", webhook_version="v0.1")
    with pytest.raises(ValueError, match=r"Use one of: v0\.1, v1\."):
        simulator.customer_sends("Hello", webhook_version="v2")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Use one of: v0\.1, v1\."):
        Simulator(webhook_version="v2")  # type: ignore[arg-type]


@pytest.mark.parametrize("channel", SIDES)
def test_each_recipient_replies_on_its_channel(site: Receiver, channel: str) -> None:
    with Simulator(
        inbound_url=site.url, time_scale=0.01, reply="Yes", webhook_version="v1"
    ) as simulator:
        body = v1(channel)
        send(simulator, body, PATH)
        simulator.wait_until_idle()
    (reply,) = bodies_of(site)
    assert (reply["channel"], reply["text"]) == (channel, "Yes")
    assert (reply["from"], reply["to"]) == (body["to"], body["from"])


@pytest.mark.parametrize(("version", "has_rcs"), [("v0.1", False), ("v1", True)])
def test_settings_contain_a_sender_for_every_channel_of_the_version(
    simulator: Simulator, version: str, has_rcs: bool
) -> None:
    account = simulator.settings(API_VERSION=version)
    assert account["API_VERSION"] == version
    assert ("rcs" in account["SENDERS"]) == has_rcs
