"""A request on v1 that says what follows if it is rejected."""

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


def test_the_next_message_is_sent_when_the_one_before_is_rejected(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    second = v1("viber_service", to=REJECTED, client_ref="second")
    body = v1("rcs", to=REJECTED, client_ref="first", failover=[second, v1(), v1("mms")])
    answer = post(body, PATH).json()
    simulator.wait_until_idle()
    assert answer.keys() == {"message_uuid", "workflow_id"}
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
    assert first["message_uuid"] == answer["message_uuid"]
    assert first["workflow"]["workflow_id"] == answer["workflow_id"]
    assert {delivery.json["workflow"]["items_total"] for delivery in site.deliveries} == {"4"}
    assert len({delivery.json["message_uuid"] for delivery in site.deliveries}) == 3


def test_each_message_that_was_tried_is_recorded(post: Post, simulator: Simulator) -> None:
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


def test_nothing_follows_another_outcome(post: Post, simulator: Simulator, site: Receiver) -> None:
    for outcome in (number_for("undeliverable", 1300), number_for("no_outcome"), "447700900000"):
        assert "workflow_id" in post(v1(to=outcome, failover=[v1("mms")]), PATH).json()
    simulator.wait_until_idle()
    assert {channel for channel, *_ in statuses(site)} == {"sms"}


def test_without_failover_there_is_no_workflow(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    assert "workflow_id" not in post(v1(to=REJECTED), PATH).json()
    assert "workflow_id" in post(v1(to=REJECTED, failover=[]), PATH).json()
    simulator.wait_until_idle()
    workflows = [delivery.json.get("workflow", {}) for delivery in site.deliveries]
    assert sorted(each.get("items_total", "") for each in workflows) == ["", "", "1", "1"]


def test_each_message_has_its_own_form_and_url(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    with Receiver() as elsewhere:
        second = v1("whatsapp", webhook_version="v0.1", webhook_url=elsewhere.url)
        post(v1(to=REJECTED, failover=[second]), PATH)
        simulator.wait_until_idle()
    assert [status for _, status, _ in statuses(site)] == ["submitted", "rejected"]
    bodies: list[Json] = [delivery.json for delivery in elsewhere.deliveries]
    assert [body["to"]["type"] for body in bodies] == ["whatsapp", "whatsapp"]


def test_a_later_message_is_neither_refused_nor_answered(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    later = v1("mms", to=number_for("throttled"))
    assert post(v1(to=REJECTED, failover=[later]), PATH).status_code == 202
    simulator.wait_until_idle()
    assert statuses(site)[2:] == [("mms", "submitted", "2"), ("mms", "delivered", "2")]


def test_the_first_message_alone_decides_about_the_request(
    post: Post, simulator: Simulator
) -> None:
    first = v1(to=number_for("throttled"), failover=[v1("mms")])
    assert post(first, PATH).status_code == 429
    assert simulator.accepted == []


def test_it_fails_over_once_however_its_webhooks_are_called(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    for fault in ("duplicated", "reversed"):
        simulator.faults = Faults({fault: 1})
        post(v1(to=REJECTED, failover=[v1("mms", to=number_for("no_outcome"))]), PATH)
        simulator.wait_until_idle()
    assert [accepted.channel for accepted in simulator.accepted] == ["sms", "mms"] * 2


def test_the_statuses_of_a_workflow_are_described(
    post: Post, simulator: Simulator, site: Receiver
) -> None:
    post(v1("rcs", to=REJECTED, failover=[v1()]), PATH)
    simulator.wait_until_idle()
    assert len(site.deliveries) == 4
    found: list[Any] = [delivery.json for delivery in site.deliveries]
    assert [problems_of_webhook("message-status", body) for body in found] == [[]] * 4
