"""Failover of v1: later messages of a rejected request."""

from typing import Any

from django_vonage_messages.simulator import Faults, Simulator, number_for
from tests.simulator.bodies import Json
from tests.simulator.conftest import Post
from tests.simulator.receiver import Receiver
from tests.simulator.v1_bodies import v1
from tests.simulator.v1_document import problems_of_webhook

PATH = "/v1/messages"
REJECTED = number_for("rejected", 1300)


def statuses(site: Receiver) -> list[tuple[str, str, str]]:
    """Return the channel, the status and the position of each status."""
    return [
        (body["channel"], body["status"], body["workflow"]["items_number"])
        for body in (delivery.json for delivery in site.deliveries)
    ]


def test_next_message_is_sent_after_a_rejection(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    second = v1("viber_service", to=REJECTED, client_ref="second")
    body = v1("rcs", to=REJECTED, client_ref="first", failover=[second, v1(), v1("mms")])
    response = post(body, PATH).json()
    simulator.wait_until_idle()
    assert response.keys() == {"message_uuid", "workflow_id"}
    assert statuses(site) == [
        ("rcs", "submitted", "1"),
        ("rcs", "rejected", "1"),
        ("viber_service", "submitted", "2"),
        ("viber_service", "rejected", "2"),
        ("sms", "submitted", "3"),
        ("sms", "delivered", "3"),
    ]
    refs = [delivery.json.get("client_ref") for delivery in site.deliveries]
    assert refs == ["first", "first", "second", "second", None, None]
    first, *_ = (delivery.json for delivery in site.deliveries)
    assert first["message_uuid"] == response["message_uuid"]
    assert first["workflow"]["workflow_id"] == response["workflow_id"]
    assert {delivery.json["workflow"]["items_total"] for delivery in site.deliveries} == {"4"}
    assert len({delivery.json["message_uuid"] for delivery in site.deliveries}) == 3


def test_each_sent_message_is_recorded(post: Post, simulator: Simulator) -> None:
    post(v1(to=REJECTED, failover=[v1("whatsapp"), v1("mms")]), PATH)
    simulator.wait_until_idle()
    first, second = simulator.accepted
    assert (first.channel, first.outcome, first.code) == ("sms", "rejected", 1300)
    assert (second.channel, second.outcome) == ("whatsapp", "delivered")
    assert first.body == second.body
    assert first.workflow is not None
    assert second.workflow is not None
    assert first.workflow.workflow_id == second.workflow.workflow_id
    assert (second.workflow.number, second.workflow.total) == (2, 3)
    assert simulator.status_deliveries[second.message_uuid] == {
        "submitted": True,
        "delivered": True,
    }


def test_other_outcomes_do_not_trigger_failover(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    for outcome in (number_for("undeliverable", 1300), number_for("no_outcome"), "447700900000"):
        assert "workflow_id" in post(v1(to=outcome, failover=[v1("mms")]), PATH).json()
    simulator.wait_until_idle()
    assert {channel for channel, *_ in statuses(site)} == {"sms"}


def test_request_without_failover_has_no_workflow(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    assert "workflow_id" not in post(v1(to=REJECTED), PATH).json()
    assert "workflow_id" in post(v1(to=REJECTED, failover=[]), PATH).json()
    simulator.wait_until_idle()
    workflows = [delivery.json.get("workflow", {}) for delivery in site.deliveries]
    assert sorted(each.get("items_total", "") for each in workflows) == ["", "", "1", "1"]


def test_each_message_has_its_own_webhook_version_and_url(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    with Receiver() as other_site:
        second = v1("whatsapp", webhook_version="v0.1", webhook_url=other_site.url)
        post(v1(to=REJECTED, failover=[second]), PATH)
        simulator.wait_until_idle()
    assert [status for _, status, _ in statuses(site)] == ["submitted", "rejected"]
    bodies: list[Json] = [delivery.json for delivery in other_site.deliveries]
    assert [body["to"]["type"] for body in bodies] == ["whatsapp", "whatsapp"]


def test_refusing_number_in_a_later_message_is_delivered(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    later = v1("mms", to=number_for("throttled"))
    assert post(v1(to=REJECTED, failover=[later]), PATH).status_code == 202
    simulator.wait_until_idle()
    assert statuses(site)[2:] == [("mms", "submitted", "2"), ("mms", "delivered", "2")]


def test_first_message_decides_the_response(post: Post, simulator: Simulator) -> None:
    first = v1(to=number_for("throttled"), failover=[v1("mms")])
    assert post(first, PATH).status_code == 429
    assert simulator.accepted == []


def test_webhook_faults_do_not_repeat_the_failover(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    for fault in ("duplicated", "reversed"):
        simulator.faults = Faults({fault: 1})
        post(v1(to=REJECTED, failover=[v1("mms", to=number_for("no_outcome"))]), PATH)
        simulator.wait_until_idle()
    assert [accepted.channel for accepted in simulator.accepted] == ["sms", "mms"] * 2


def test_statuses_of_a_workflow_fit_the_document(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    post(v1("rcs", to=REJECTED, failover=[v1()]), PATH)
    simulator.wait_until_idle()
    assert len(site.deliveries) == 4
    bodies: list[Any] = [delivery.json for delivery in site.deliveries]
    assert [problems_of_webhook("message-status", body) for body in bodies] == [[]] * 4
