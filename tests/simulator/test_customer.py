"""Inbound messages and automatic replies of the simulated customer."""

import threading
import uuid

import pytest

from django_vonage_messages.simulator import Simulator, number_for
from django_vonage_messages.simulator.recorder import AcceptedMessage
from tests.simulator.bodies import SIDES, request
from tests.simulator.conftest import Post, send, sms
from tests.simulator.receiver import Receiver


def inbound(site: Receiver) -> list[str]:
    return [
        delivery.json["message"]["content"]["text"]
        for delivery in site.deliveries
        if delivery.path == "/webhooks/inbound-message"
    ]


def test_inbound_message_has_the_form_of_the_reference(
    simulator: Simulator, site: Receiver
) -> None:
    message_uuid = simulator.customer_sends("Hello From Vonage!", num_messages=2)
    simulator.wait_until_idle()
    (delivery,) = site.deliveries
    assert delivery.path == "/webhooks/inbound-message"
    body = delivery.json
    assert body.pop("timestamp").endswith("Z")
    assert body == {
        "message_uuid": message_uuid,
        "to": {"type": "sms", "number": "447700900001"},
        "from": {"type": "sms", "number": "447700900000"},
        "message": {
            "content": {"type": "text", "text": "Hello From Vonage!"},
            "sms": {"num_messages": "2"},
        },
        "usage": {"currency": "EUR", "price": "0.0333"},
    }
    assert str(uuid.UUID(message_uuid)) == message_uuid


def test_inbound_message_is_signed_over_its_bytes(simulator: Simulator, site: Receiver) -> None:
    simulator.customer_sends("Grüße 🙂", from_="12025550123", to="33700000000")
    simulator.wait_until_idle()
    (delivery,) = site.deliveries
    claims = delivery.claims(simulator.signature_secret)
    assert claims["application_id"] == simulator.application_id
    assert "Grüße 🙂".encode() in delivery.body
    assert delivery.json["from"]["number"] == "12025550123"
    assert delivery.json["to"]["number"] == "33700000000"


def test_inbound_message_is_retried_and_recorded(simulator: Simulator, site: Receiver) -> None:
    site.answers = [503, 200]
    message_uuid = simulator.customer_sends("Hello")
    simulator.wait_until_idle()
    (callback,) = simulator.callbacks
    assert (callback.message_uuid, callback.kind, callback.status) == (message_uuid, "inbound", "")
    assert [attempt.status for attempt in callback.attempts] == [503, 200]


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", "1"),
        ("x" * 160, "1"),
        ("x" * 161, "2"),
        ("x" * 306, "2"),
        ("x" * 307, "3"),
        ("€" * 80, "1"),
        ("€" * 81, "2"),
        ("ж" * 70, "1"),
        ("ж" * 71, "2"),
        ("🙂" * 35, "1"),
        ("🙂" * 36, "2"),
    ],
    ids=lambda value: value[:4],
)
def test_segments_of_a_text_are_counted(
    simulator: Simulator, site: Receiver, text: str, segments: str
) -> None:
    simulator.customer_sends(text)
    simulator.wait_until_idle()
    assert site.deliveries[0].json["message"]["sms"] == {"num_messages": segments}


def test_on_delivered_is_called_and_may_reply(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    calls: list[AcceptedMessage] = []

    def reply(message: AcceptedMessage) -> None:
        calls.append(message)
        simulator.customer_sends("Thanks", from_=message.to, to=message.from_)

    simulator.on_delivered = reply
    post()
    post(sms(to=number_for("rejected", 1300)))
    simulator.wait_until_idle()
    assert calls == simulator.accepted[:1]
    assert inbound(site) == ["Thanks"]


def test_exception_in_on_delivered_stops_nothing(
    post: Post, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(message: AcceptedMessage) -> None:
        raise RuntimeError("a fault of the test's own")

    simulator.on_delivered = fail
    post()
    simulator.wait_until_idle()
    post()
    simulator.wait_until_idle()
    assert [callback.state for callback in simulator.callbacks] == ["delivered"] * 4
    assert "A job of the simulator failed." in caplog.text


def test_each_recipient_replies_once(site: Receiver) -> None:
    with Simulator(
        status_url=site.url,
        inbound_url=f"{site.url}/inbound-message",
        time_scale=0.01,
        reply="Yes, please",
    ) as simulator:
        for to in ("447700900000", "447700900000", "447700900002", number_for("no_outcome")):
            send(simulator, sms(to=to))
            simulator.wait_until_idle()
        send(simulator, sms(sender="MyCompany"))
        simulator.wait_until_idle()
    assert inbound(site) == ["Yes, please", "Yes, please"]


@pytest.mark.parametrize("wire", SIDES)
def test_each_recipient_replies_on_its_channel(site: Receiver, wire: str) -> None:
    with Simulator(
        inbound_url=f"{site.url}/inbound-message", time_scale=0.01, reply="Yes, please"
    ) as simulator:
        for _ in range(2):
            send(simulator, request(wire))
            simulator.wait_until_idle()
    (delivery,) = site.deliveries
    assert delivery.json["from"] == SIDES[wire][0]
    assert delivery.json["to"] == SIDES[wire][1]
    assert delivery.json["message"]["content"] == {"type": "text", "text": "Yes, please"}
    assert ("usage" in delivery.json) == (wire == "sms")


@pytest.mark.parametrize("wire", ["viber_service_msg", "messenger"])
def test_customer_replies_to_an_id_with_letters(site: Receiver, wire: str) -> None:
    sender = {"type": wire, "id": "MyCompany"}
    with Simulator(inbound_url=site.url, time_scale=0.01, reply="Yes") as simulator:
        send(simulator, request(wire, from_=sender))
        simulator.wait_until_idle()
    assert [delivery.json["to"] for delivery in site.deliveries] == [sender]


def test_customer_replies_once_on_each_channel(site: Receiver) -> None:
    with Simulator(inbound_url=site.url, time_scale=0.01, reply="Yes") as simulator:
        for wire in ("sms", "whatsapp"):
            send(simulator, request(wire))
            simulator.wait_until_idle()
    assert [delivery.json["from"]["type"] for delivery in site.deliveries] == ["sms", "whatsapp"]


def test_wait_until_idle_raises_after_its_timeout(simulator: Simulator) -> None:
    released = threading.Event()

    def hold(message: AcceptedMessage) -> None:
        released.wait(10)

    simulator.on_delivered = hold
    send(simulator)
    with pytest.raises(TimeoutError, match="pending: 1"):
        simulator.wait_until_idle(0.5)
    released.set()
    simulator.wait_until_idle()
