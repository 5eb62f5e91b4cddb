"""Faults between Vonage and a site, chosen by the recipient's number or at random."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from django_vonage_messages.simulator import Faults, Simulator, number_for
from django_vonage_messages.simulator.scenarios import scenario_for
from tests.simulator.conftest import Post, send, sms
from tests.simulator.receiver import Receiver

DELIVERED = {"submitted": True, "delivered": True}


def statuses(site: Receiver) -> list[str]:
    return [delivery.json["status"] for delivery in site.deliveries]


def test_times_out_sends_no_response_but_the_statuses(simulator: Simulator, site: Receiver) -> None:
    with pytest.raises(requests.ReadTimeout):
        send(simulator, sms(to=number_for("times_out")), timeout=(3, 0.2))
    simulator.wait_until_idle()
    assert statuses(site) == ["submitted", "delivered"]


def test_simulator_stops_during_a_request_without_a_response() -> None:
    with ThreadPoolExecutor(1) as pool:
        with Simulator() as simulator:
            future = pool.submit(send, simulator, sms(to=number_for("times_out")), timeout=60)
            while not simulator.accepted:
                time.sleep(0.01)
        with pytest.raises(requests.ConnectionError):
            future.result(timeout=5)


def test_drops_closes_the_connection_but_sends_the_statuses(
    simulator: Simulator, site: Receiver
) -> None:
    with pytest.raises(requests.ConnectionError):
        send(simulator, sms(to=number_for("drops")))
    simulator.wait_until_idle()
    assert statuses(site) == ["submitted", "delivered"]


def test_drips_sends_the_response_slowly(post: Post, simulator: Simulator) -> None:
    began = time.monotonic()
    response = post(sms(to=number_for("drips", 1)), timeout=(3, 0.5))
    assert time.monotonic() - began >= 0.9
    assert response.json()["message_uuid"] == simulator.accepted[0].message_uuid


def test_empty_answer_sends_no_body_but_the_statuses(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    response = post(sms(to=number_for("empty_answer")))
    assert (response.status_code, response.content) == (202, b"")
    simulator.wait_until_idle()
    assert simulator.status_deliveries == {simulator.accepted[0].message_uuid: DELIVERED}


def test_error_after_accepting_sends_a_500_and_the_statuses(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    response = post(sms(to=number_for("error_after_accepting")))
    assert response.status_code == 500
    assert response.json().keys() == {"type", "title", "detail", "instance"}
    simulator.wait_until_idle()
    assert (statuses(site), simulator.refused) == (["submitted", "delivered"], [])


def test_webhook_first_delivers_a_status_before_the_response(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    site.pause = 0.2
    post(sms(to=number_for("webhook_first")))
    assert statuses(site)[:1] == ["submitted"]
    assert simulator.callbacks[0].attempts[0].status == 200
    simulator.wait_until_idle()


def test_duplicated_delivers_each_webhook_twice(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    post(sms(to=number_for("duplicated")))
    simulator.wait_until_idle()
    assert Counter(statuses(site)) == {"submitted": 2, "delivered": 2}
    assert len({delivery.body for delivery in site.deliveries}) == 2
    assert len({delivery.token for delivery in site.deliveries}) == 4


def test_reversed_delivers_webhooks_in_reverse_order(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    post(sms(to=number_for("reversed")))
    simulator.wait_until_idle()
    delivered, submitted = (delivery.json for delivery in site.deliveries)
    assert (delivered["status"], submitted["status"]) == ("delivered", "submitted")
    assert submitted["timestamp"] < delivered["timestamp"]


def test_delayed_delivers_webhooks_late(post: Post, simulator: Simulator, site: Receiver) -> None:
    began = time.monotonic()
    post(sms(to=number_for("delayed", 20)))  # 20 s at a time scale of 0.01
    simulator.wait_until_idle()
    first, second = site.deliveries
    assert first.at - began >= 0.2
    assert second.at - first.at >= 0.2


@pytest.mark.parametrize("name", ["unsigned", "wrongly_signed"])
def test_retries_of_wrongly_signed_webhooks_are_signed_correctly(
    post: Post, simulator: Simulator, site: Receiver, name: str
) -> None:
    site.answers = [503, 503, 200]
    post(sms(to=number_for(name)))
    simulator.wait_until_idle()
    first, second, *retries = site.deliveries
    for delivery in (first, second):
        assert ("Authorization" in delivery.headers) is (name == "wrongly_signed")
        with pytest.raises((AssertionError, KeyError)):
            delivery.claims(simulator.signature_secret)
    assert len(retries) == 2
    for delivery in retries:
        delivery.claims(simulator.signature_secret)
    assert simulator.status_deliveries == {simulator.accepted[0].message_uuid: DELIVERED}


def test_retries_are_never_signed_correctly_without_resign_retries(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    simulator.faults = Faults(resign_retries=False)
    site.answers = [503, 503, 503, 401]
    uuid = post(sms(to=number_for("unsigned"))).json()["message_uuid"]
    simulator.wait_until_idle()
    assert len(site.deliveries) == 5
    assert all("Authorization" not in delivery.headers for delivery in site.deliveries)
    assert simulator.status_deliveries == {uuid: {"submitted": False, "delivered": False}}


def test_status_deliveries_show_refused_statuses(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    site.answers = [200, 401]
    uuid = post().json()["message_uuid"]
    simulator.wait_until_idle()
    assert simulator.status_deliveries == {uuid: {"submitted": True, "delivered": False}}


def test_random_faults_apply_to_any_recipient(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    simulator.faults = Faults({"empty_answer": 1, "duplicated": 1})
    assert post().content == b""
    simulator.faults = Faults({"throttled_retry_after": 1})
    assert post().headers["Retry-After"] == "1"
    simulator.wait_until_idle()
    (message,) = simulator.accepted
    assert (message.outcome, message.response_mode, message.webhook_mode) == (
        "delivered",
        "empty",
        "twice",
    )
    assert len(site.deliveries) == 4


def test_same_seed_gives_the_same_faults() -> None:
    chances = {"drops": 0.3, "times_out": 0.3, "reversed": 0.5}
    scenarios = [
        [faults.apply(scenario_for("447700900000", "sms")) for _ in range(50)]
        for faults in (Faults(chances, seed=1), Faults(chances, seed=1), Faults(chances, seed=2))
    ]
    assert scenarios[0] == scenarios[1] != scenarios[2]
    modes = Counter(scenario.response_mode for scenario in scenarios[0])
    assert modes.keys() == {"cut off", "never", "at once"}


def test_number_of_a_fault_outranks_random_faults() -> None:
    faults = Faults({"drops": 1})
    assert faults.apply(scenario_for(number_for("slow", 2), "sms")).response_mode == "late"
    rejected = faults.apply(scenario_for(number_for("rejected", 1300), "sms"))
    assert (rejected.response_mode, rejected.code) == ("cut off", 1300)


@pytest.mark.parametrize(
    "chances", [{"lost": 0.1}, {"delivered": 0.1}, {"drops": 1.1}, {"drops": -0.1}]
)
def test_invalid_chances_are_an_error(chances: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"fault|Chances"):
        Faults(chances)
