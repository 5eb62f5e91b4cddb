"""Outcomes chosen by the recipient's number."""

import time

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from django_vonage_messages.simulator import Faults, Simulator, number_for
from django_vonage_messages.simulator.reference import CHANNELS, REASONS
from django_vonage_messages.simulator.scenarios import (
    BLOCK,
    OUTCOMES,
    Outcome,
    describe_outcomes,
    scenario_for,
)
from tests.simulator.bodies import SIDES, addressed, request
from tests.simulator.conftest import Post, send, sms
from tests.simulator.receiver import Receiver


def statuses(site: Receiver) -> list[str]:
    return [delivery.json["status"] for delivery in site.deliveries]


@pytest.mark.parametrize(
    "number", ["447700900000", "447700900001", "12025550123", "33639980000", "33639989999"]
)
def test_messages_to_ordinary_numbers_are_delivered(
    post: Post, simulator: Simulator, site: Receiver, number: str
) -> None:
    assert post(sms(to=number)).status_code == 202
    simulator.wait_until_idle()
    assert statuses(site) == ["submitted", "delivered"]
    assert "error" not in site.deliveries[1].json


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True))
def test_numbers_outside_the_block_have_the_outcome_delivered(number: str) -> None:
    scenario = scenario_for(number, "sms")
    if not number.startswith(BLOCK) or len(number) != 11:
        assert (scenario.outcome.name, scenario.code, scenario.seconds) == ("delivered", None, 0)


@pytest.mark.parametrize("status", ["rejected", "undeliverable"])
@pytest.mark.parametrize("code", [1000, 1300, 1382])
def test_last_status_carries_the_error_code(
    post: Post, simulator: Simulator, site: Receiver, status: str, code: int
) -> None:
    assert post(sms(to=number_for(status, code))).status_code == 202
    simulator.wait_until_idle()
    assert statuses(site) == ["submitted", status]
    assert "error" not in site.deliveries[0].json
    assert site.deliveries[1].json["error"] == {"code": code, "reason": REASONS[code]}
    assert (simulator.accepted[0].outcome, simulator.accepted[0].code) == (status, code)


def test_error_reasons_are_those_of_the_reference() -> None:
    assert REASONS[1300] == "Not part of the provider network"
    assert len(REASONS) == 44


@pytest.mark.parametrize("wire", SIDES)
def test_number_chooses_the_outcome_on_every_channel(
    post: Post, simulator: Simulator, site: Receiver, wire: str
) -> None:
    assert post(addressed(wire, number_for("undeliverable", 1260))).status_code == 202
    assert post(addressed(wire, number_for("throttled"))).status_code == 429
    simulator.wait_until_idle()
    assert statuses(site) == ["submitted", "undeliverable"]
    assert site.deliveries[0].json["to"] == addressed(wire, number_for("undeliverable", 1260))["to"]


@pytest.mark.parametrize("wire", SIDES)
def test_read_status_is_sent_if_the_channel_has_read_receipts(
    post: Post, simulator: Simulator, site: Receiver, wire: str
) -> None:
    read = [] if wire in {"sms", "mms"} else ["read"]
    uuid = post(addressed(wire, number_for("read"))).json()["message_uuid"]
    simulator.wait_until_idle()
    assert statuses(site) == ["submitted", "delivered", *read]
    assert simulator.accepted[0].outcome == "read"
    assert list(simulator.status_deliveries[uuid]) == ["submitted", "delivered", *read]
    assert sum("usage" in delivery.json for delivery in site.deliveries) == 1
    assert not any("error" in delivery.json for delivery in site.deliveries)


def test_random_fault_keeps_the_read_status(site: Receiver) -> None:
    faults = Faults({"reversed": 1.0})
    with Simulator(status_url=site.url, time_scale=0.01, faults=faults) as simulator:
        send(simulator, addressed("whatsapp", number_for("read")))
        simulator.wait_until_idle()
    assert statuses(site) == ["read", "delivered", "submitted"]
    times = [delivery.json["timestamp"] for delivery in site.deliveries]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("address", ["a person", "0123456789012345", "3363998xxxx", "33639984290x"])
def test_messages_to_other_ids_are_delivered(
    post: Post, simulator: Simulator, site: Receiver, address: str
) -> None:
    assert post(request("messenger", to={"type": "messenger", "id": address})).status_code == 202
    simulator.wait_until_idle()
    assert statuses(site) == ["submitted", "delivered"]


@pytest.mark.parametrize(
    ("name", "code", "number"),
    [
        ("delivered", None, "33639980000"),
        ("read", None, "33639980001"),
        ("rejected", 1300, "33639981300"),
        ("undeliverable", 1300, "33639982300"),
        ("throttled", None, "33639984290"),
        ("slow", 5, "33639989005"),
        ("slow", 15, "33639989015"),
        ("drips", 3, "33639989103"),
        ("delayed", 20, "33639986120"),
        ("times_out", None, "33639985002"),
    ],
)
def test_numbers_are_as_documented(name: str, code: int | None, number: str) -> None:
    assert number_for(name, code) == number


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.name)
def test_every_number_has_its_own_outcome(outcome: Outcome) -> None:
    values: dict[str, list[int | None]] = {"c": [*REASONS], "s": [0, 1, 99], "": [None]}
    for value in values[outcome.parameter]:
        scenario = scenario_for(number_for(outcome.name, value), "sms")
        assert scenario.outcome is outcome
        assert (scenario.code if outcome.parameter == "c" else scenario.seconds or None) == (
            value or None
        )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("rejected", None),
        ("rejected", 0),
        ("rejected", 300),
        ("rejected", 1001),
        ("undeliverable", 2300),
        ("delivered", 1300),
        ("throttled", 0),
        ("slow", 100),
        ("slow", -1),
        ("slow", None),
        ("drips", None),
        ("times_out", 1),
        ("dropped", None),
    ],
)
def test_unknown_outcome_is_an_error(name: str, code: int | None) -> None:
    with pytest.raises(ValueError, match=name):
        number_for(name, code)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.name)
@pytest.mark.parametrize("channel", CHANNELS)
def test_number_selects_outcome_on_one_channel_only(outcome: Outcome, channel: str) -> None:
    number = number_for(outcome.name, channel=channel)
    for each in CHANNELS:
        scenario = scenario_for(number, each)
        assert scenario.outcome is (outcome if each == channel else OUTCOMES[0])
        if each == channel and outcome.parameter:
            assert scenario.code in REASONS or scenario.seconds == 1


@pytest.mark.parametrize("ending", ["7099", "7900", "7023", "7199"])
def test_numbers_without_row_or_channel_are_delivered(ending: str) -> None:
    for channel in CHANNELS:
        assert scenario_for(BLOCK + ending, channel).outcome is OUTCOMES[0]


def test_numbers_for_one_channel_are_as_documented() -> None:
    assert number_for("rejected", channel="whatsapp") == "33639987302"
    assert number_for("rejected", channel="viber_service") == "33639987402"
    assert number_for("throttled", channel="sms") == "33639987108"


def test_number_for_one_channel_takes_no_code() -> None:
    with pytest.raises(ValueError, match="code or channel, not both"):
        number_for("rejected", 1300, channel="whatsapp")
    with pytest.raises(ValueError, match="Unknown channel 'fax'"):
        number_for("rejected", channel="fax")


def test_message_is_rejected_on_one_channel_and_delivered_on_another(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    number = number_for("rejected", channel="whatsapp")
    for channel in ("whatsapp", "sms"):
        assert post(addressed(channel, number)).status_code == 202
    simulator.wait_until_idle()
    last = {delivery.json["to"]["type"]: delivery.json for delivery in site.deliveries}
    assert {channel: body["status"] for channel, body in last.items()} == {
        "whatsapp": "rejected",
        "sms": "delivered",
    }
    assert last["whatsapp"]["error"]["code"] == 1340


@pytest.mark.parametrize(
    ("name", "status", "retry_after"),
    [
        ("unauthorized", 401, None),
        ("payment_required", 402, None),
        ("throttled", 429, None),
        ("throttled_retry_after", 429, "1"),
        ("server_error", 500, None),
    ],
)
def test_refused_request_is_recorded_and_sends_no_webhook(
    post: Post, simulator: Simulator, name: str, status: int, retry_after: str | None
) -> None:
    response = post(sms(to=number_for(name)))
    assert response.status_code == status
    assert response.json().keys() == {"type", "title", "detail", "instance"}
    assert response.headers.get("Retry-After") == retry_after
    simulator.wait_until_idle()
    assert (simulator.accepted, simulator.callbacks) == ([], [])
    assert simulator.refused[0].status == status


def test_credentials_and_body_are_validated_before_the_outcome(post: Post) -> None:
    assert post(sms(to=number_for("server_error")), auth=("x", "y")).status_code == 401
    assert post(sms(to=number_for("server_error"), client_ref=1)).status_code == 400


def test_no_status_and_no_outcome_leave_statuses_out(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    post(sms(to=number_for("no_status")))
    post(sms(to=number_for("no_outcome")))
    simulator.wait_until_idle()
    assert statuses(site) == ["submitted"]
    assert len(simulator.accepted) == 2


def test_slow_response_does_not_delay_the_statuses(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    began = time.monotonic()
    response = post(sms(to=number_for("slow", 1)))
    assert time.monotonic() - began >= 1
    assert response.json()["message_uuid"] == simulator.accepted[0].message_uuid
    assert statuses(site) == ["submitted", "delivered"]
    assert all(delivery.at < began + 1 for delivery in site.deliveries)


def test_message_is_delivered_after_a_client_timeout(simulator: Simulator, site: Receiver) -> None:
    with pytest.raises(requests.ReadTimeout):
        send(simulator, sms(to=number_for("slow", 30)), timeout=(3, 0.1))
    simulator.wait_until_idle()
    assert statuses(site) == ["submitted", "delivered"]


def test_printed_table_contains_every_outcome_and_code() -> None:
    text = describe_outcomes()
    for outcome in OUTCOMES:
        assert f"{BLOCK}{outcome.ending}  {outcome.name}" in text
    for code, reason in REASONS.items():
        assert f"{code}  {reason}" in text
