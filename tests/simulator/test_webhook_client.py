"""Status webhooks: bodies, signatures and retries."""

import time
from datetime import UTC, datetime

import pytest

from django_vonage_messages.simulator import Simulator, number_for, webhook_client
from django_vonage_messages.simulator.webhook_client import RETRY_DELAYS
from tests.simulator.bodies import SIDES, addressed, request
from tests.simulator.conftest import Post, send, sms
from tests.simulator.receiver import Receiver
from tests.simulator.test_api_credentials import bearer


def test_delivered_message_has_two_statuses(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    uuid = post().json()["message_uuid"]
    simulator.wait_until_idle()
    submitted, delivered = (delivery.json for delivery in site.deliveries)
    common = {
        "message_uuid": uuid,
        "to": {"type": "sms", "number": "447700900000"},
        "from": {"type": "sms", "number": "447700900001"},
        "client_ref": "client-ref2",
    }
    usage = {"currency": "EUR", "price": "0.0333"}
    times = [submitted.pop("timestamp"), delivered.pop("timestamp")]
    assert submitted == common | {"status": "submitted", "usage": usage}
    assert delivered == common | {"status": "delivered"}
    assert times[0] < times[1]
    for text in times:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        assert text[-5] == "."
        assert abs((datetime.now(UTC) - moment).total_seconds()) < 10


CHARGED_AT = {
    "sms": "submitted",
    "mms": "submitted",
    "whatsapp": "delivered",
    "viber_service_msg": "delivered",
    "messenger": "delivered",
}


@pytest.mark.parametrize("wire", SIDES)
def test_each_channel_has_its_address_keys_and_charged_status(
    post: Post, simulator: Simulator, site: Receiver, wire: str
) -> None:
    uuid = post(request(wire)).json()["message_uuid"]
    simulator.wait_until_idle()
    bodies = [delivery.json for delivery in site.deliveries]
    assert [body["status"] for body in bodies] == ["submitted", "delivered"]
    for body in bodies:
        usage = {"currency": "EUR", "price": "0.0333"}
        assert body.pop("timestamp").endswith("Z")
        assert body == {
            "message_uuid": uuid,
            "to": SIDES[wire][0],
            "from": SIDES[wire][1],
            "status": body["status"],
            "client_ref": "client-ref2",
        } | ({"usage": usage} if body["status"] == CHARGED_AT[wire] else {})


@pytest.mark.parametrize("wire", SIDES)
def test_rejected_message_is_charged_only_if_submitted_is(
    post: Post, simulator: Simulator, site: Receiver, wire: str
) -> None:
    post(addressed(wire, number_for("rejected", 1300)))
    simulator.wait_until_idle()
    submitted, rejected = (delivery.json for delivery in site.deliveries)
    assert ("usage" in submitted) == (CHARGED_AT[wire] == "submitted")
    assert "usage" not in rejected
    assert rejected["error"] == {"code": 1300, "reason": "Not part of the provider network"}


def test_request_without_client_ref_has_statuses_without_it(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    body = sms()
    del body["client_ref"]
    post(body)
    simulator.wait_until_idle()
    assert all("client_ref" not in delivery.json for delivery in site.deliveries)


def test_webhooks_are_signed(post: Post, simulator: Simulator, site: Receiver) -> None:
    post()
    simulator.wait_until_idle()
    claims = [delivery.claims(simulator.signature_secret) for delivery in site.deliveries]
    for delivery, claim in zip(site.deliveries, claims, strict=True):
        assert delivery.path == "/webhooks/message-status"
        assert delivery.headers["Content-Type"] == "application/json"
        assert claim["iss"] == "Vonage"
        assert claim["api_key"] == simulator.api_key
        assert abs(claim["iat"] - time.time()) < 10
        assert "application_id" not in claim
    assert claims[0]["jti"] != claims[1]["jti"]


def test_token_names_the_application(post: Post, simulator: Simulator, site: Receiver) -> None:
    post(auth=None, headers=bearer(simulator))
    simulator.wait_until_idle()
    claims = site.deliveries[0].claims(simulator.signature_secret)
    assert claims["application_id"] == simulator.application_id


@pytest.mark.parametrize("status", [429, 500, 503])
def test_429_and_5xx_are_retried(
    post: Post, simulator: Simulator, site: Receiver, status: int
) -> None:
    site.answers = [status, status, 200]
    post(sms(to=number_for("no_outcome")))
    simulator.wait_until_idle()
    (callback,) = simulator.callbacks
    assert callback.state == "delivered"
    assert [attempt.status for attempt in callback.attempts] == [status, status, 200]
    first, second, third = site.deliveries
    assert second.at - first.at >= 0.05
    assert third.at - second.at >= 0.1
    assert first.body == second.body == third.body == callback.body
    signed = [delivery.claims(simulator.signature_secret) for delivery in site.deliveries]
    assert len({claim["jti"] for claim in signed}) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410])
def test_other_status_codes_are_not_retried(
    post: Post, simulator: Simulator, site: Receiver, status: int
) -> None:
    site.answers = [status]
    site.headers = {"Location": f"{site.url}/elsewhere"}
    post(sms(to=number_for("no_outcome")))
    simulator.wait_until_idle()
    (callback,) = simulator.callbacks
    assert callback.state == "dropped"
    assert [attempt.status for attempt in callback.attempts] == [status]
    assert len(site.deliveries) == 1


def test_final_status_does_not_wait_for_retries_of_submitted(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    site.answers = [500, 500, 200]
    post()
    simulator.wait_until_idle()
    bodies = [delivery.json["status"] for delivery in site.deliveries]
    assert bodies == ["submitted", "delivered", "submitted", "delivered"]
    assert [callback.state for callback in simulator.callbacks] == ["delivered", "delivered"]


def test_webhook_is_delivered_when_a_stopped_site_is_back() -> None:
    with Receiver() as stopped_site:
        pass
    with Simulator(status_url=stopped_site.url, time_scale=0.01) as simulator, Receiver() as site:
        send(simulator, sms(to=number_for("no_outcome")))
        while not (simulator.callbacks and simulator.callbacks[0].attempts):
            time.sleep(0.005)
        simulator.status_url = site.url
        simulator.wait_until_idle()
        refused, *_, last = simulator.callbacks[0].attempts
    assert (refused.status, refused.error) == (None, "ConnectionError")
    assert last.status == 200


def test_webhook_is_retried_after_a_timeout(
    post: Post, simulator: Simulator, site: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_client, "TIMEOUTS", (3, 0.05))
    site.pause = 0.1
    post(sms(to=number_for("no_outcome")))
    while len(site.deliveries) < 2:
        time.sleep(0.005)
    site.pause = 0
    simulator.wait_until_idle()
    first, *_, last = simulator.callbacks[0].attempts
    assert (first.status, first.error) == (None, "ReadTimeout")
    assert last.status == 200


def test_webhooks_without_a_url_are_dropped(post: Post, simulator: Simulator) -> None:
    simulator.status_url = ""
    post()
    simulator.wait_until_idle()
    assert [callback.state for callback in simulator.callbacks] == ["dropped", "dropped"]
    assert [callback.attempts for callback in simulator.callbacks] == [(), ()]


def test_retry_delays_double_to_15_minutes_and_end_within_24_hours() -> None:
    assert RETRY_DELAYS[:9] == (5, 10, 20, 40, 80, 160, 320, 640, 900)
    assert set(RETRY_DELAYS[8:]) == {900}
    assert 24 * 3600 - 900 < sum(RETRY_DELAYS) <= 24 * 3600


def test_webhook_is_dropped_after_24_hours() -> None:
    with Receiver(503) as site, Simulator(status_url=site.url, time_scale=0) as simulator:
        send(simulator, sms(to=number_for("no_outcome")))
        simulator.wait_until_idle(30)
        (callback,) = simulator.callbacks
    assert callback.state == "dropped"
    assert len(callback.attempts) == len(RETRY_DELAYS) + 1
