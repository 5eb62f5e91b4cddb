"""Inbound messages of every content on every channel."""

from pathlib import Path
from typing import Any

import pytest

from django_vonage_messages.content import (
    Audio,
    Custom,
    File,
    Image,
    Location,
    Template,
    Text,
    Video,
)
from django_vonage_messages.simulator import Simulator
from tests.simulator.bodies import (
    AUDIO,
    CAPTIONED,
    FILE,
    IMAGE,
    SIDES,
    STORED,
    TEMPLATE,
    TEXT,
    VIDEO,
    Json,
    address_of,
)
from tests.simulator.receiver import Receiver

BUTTON: Json = {"type": "button", "button": {"payload": "yes", "text": "Yes"}}
UNSUPPORTED: Json = {"type": "unsupported"}
LOCATION: Json = {
    "type": "location",
    "location": {"latitude": "37.758056", "longitude": "-122.425332"},
}

CONTENTS: list[tuple[Any, Json]] = [
    ("Hello From Vonage!", TEXT),
    (Text("Hello From Vonage!"), TEXT),
    (Image("https://example.com/cat.jpg"), IMAGE),
    (Image("https://example.com/cat.jpg", caption="My Tabby cat, Oliver."), CAPTIONED),
    (Audio("https://example.com/audio.mp3"), AUDIO),
    (Video("https://example.com/video.mp4"), VIDEO),
    (File("https://example.com/file.pdf"), FILE),
    (Location(37.758056, -122.425332), LOCATION),
    (Template("whatsapp:hsm:verify", ["Daisy", "12345"]), TEMPLATE),
    (Custom({"a": [1]}), {"type": "custom", "custom": {"a": [1]}}),
    (BUTTON, BUTTON),
    (UNSUPPORTED, UNSUPPORTED),
    ({"type": "sticker", "sticker": {"id": 7}}, {"type": "sticker", "sticker": {"id": 7}}),
    ({}, {}),
]


def delivered_body(simulator: Simulator, site: Receiver) -> Json:
    simulator.wait_until_idle()
    delivery = site.deliveries.pop()
    assert site.deliveries == []
    assert delivery.path == "/webhooks/inbound-message"
    delivery.claims(simulator.signature_secret)
    body: Json = delivery.json
    return body


@pytest.mark.parametrize("wire", SIDES)
def test_every_content_is_delivered_on_every_channel(
    simulator: Simulator, site: Receiver, wire: str
) -> None:
    customer, sender = SIDES[wire]
    from_, to = address_of(customer), address_of(sender)
    for argument, content in CONTENTS:
        uuid = simulator.customer_sends(argument, from_, to, channel=STORED[wire])
        body = delivered_body(simulator, site)
        assert body.pop("timestamp").endswith("Z")
        sms: Json = {"sms": {"num_messages": "1"}} if wire == "sms" else {}
        usage: Json = {"usage": {"currency": "EUR", "price": "0.0333"}} if wire == "sms" else {}
        assert (
            body
            == {
                "message_uuid": uuid,
                "to": sender,
                "from": customer,
                "message": {"content": content} | sms,
            }
            | usage
        )


@pytest.mark.parametrize("wire", SIDES)
def test_default_addresses_are_those_of_the_settings(
    simulator: Simulator, site: Receiver, wire: str
) -> None:
    simulator.customer_sends("Hello", channel=wire)
    body = delivered_body(simulator, site)
    assert address_of(body["to"]) == simulator.settings()["SENDERS"][STORED[wire]]
    assert body["from"].keys() == SIDES[wire][0].keys()
    assert body["to"].keys() == SIDES[wire][1].keys()


def test_addresses_may_be_empty(simulator: Simulator, site: Receiver) -> None:
    simulator.customer_sends("Hello", from_="", to="", channel="messenger")
    body = delivered_body(simulator, site)
    assert (body["from"]["id"], body["to"]["id"]) == ("", "")


def test_later_change_of_the_content_is_not_sent(simulator: Simulator, site: Receiver) -> None:
    content: Json = {"type": "button", "button": {"payload": "yes", "text": "Yes"}}
    simulator.customer_sends(content, channel="whatsapp")
    content["button"]["text"] = "No"
    assert delivered_body(simulator, site)["message"]["content"] == BUTTON


def test_only_an_sms_has_a_number_of_segments(simulator: Simulator, site: Receiver) -> None:
    for channel, expected in (("sms", {"num_messages": "3"}), ("whatsapp", None)):
        simulator.customer_sends("Hello", num_messages=3, channel=channel)
        assert delivered_body(simulator, site)["message"].get("sms") == expected


def test_unknown_channel_is_an_error(simulator: Simulator) -> None:
    names = "sms, mms, whatsapp, viber, messenger, rcs"
    for channel in ("email", "SMS", ""):
        with pytest.raises(ValueError, match=rf"Use one of: {names}\."):
            simulator.customer_sends("Hello", channel=channel)


@pytest.mark.parametrize(
    "content", [{"type": Path()}, {"type": "text", "text": "\ud83d"}, "\ud83d"]
)
def test_content_that_is_not_json_is_an_error_at_once(simulator: Simulator, content: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        simulator.customer_sends(content)
    assert simulator.callbacks == []
