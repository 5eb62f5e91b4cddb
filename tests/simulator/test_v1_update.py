"""PATCH /v1/messages/{message_uuid}: mark as read, or revoke."""

import json
from typing import Any

import pytest
import requests

from django_vonage_messages.simulator import Simulator
from django_vonage_messages.simulator.responses import ApiError
from django_vonage_messages.simulator.v1.validate import validate_update
from tests.simulator.conftest import send
from tests.simulator.test_api_credentials import bearer
from tests.simulator.test_v1_validate import assert_v1_error
from tests.simulator.v1_bodies import UUID, v1

READ = {"status": "read"}
REVOKED = {"status": "revoked"}
TYPING = READ | {"replying_indicator": {"show": True, "type": "text"}}


def update(simulator: Simulator, message_uuid: str, body: Any, **kwargs: Any) -> requests.Response:
    """Request an update, by default with a valid JWT."""
    kwargs = {"auth": None, "headers": bearer(simulator)} | kwargs
    path = kwargs.pop("path", f"/v1/messages/{message_uuid}")
    return send(simulator, body, path, method="PATCH", **kwargs)


@pytest.fixture
def inbound(simulator: Simulator) -> str:
    """Return the message_uuid of an inbound WhatsApp message."""
    uuid = simulator.customer_sends("Hello", channel="whatsapp", webhook_version="v1")
    simulator.wait_until_idle()
    return uuid


def outbound(simulator: Simulator, channel: str) -> str:
    response = send(simulator, v1(channel), "/v1/messages")
    simulator.wait_until_idle()
    return str(response.json()["message_uuid"])


@pytest.mark.parametrize("body", [READ, TYPING], ids=str)
def test_an_inbound_message_is_marked_as_read(
    simulator: Simulator, inbound: str, body: Any
) -> None:
    response = update(simulator, inbound, body)
    assert (response.status_code, response.content) == (202, b"")
    (updated,) = simulator.updated
    assert (updated.message_uuid, updated.status) == (inbound, "read")
    assert updated.is_replying == (body == TYPING)
    assert json.loads(updated.body) == body


def test_self_url_of_the_webhook_can_be_updated(simulator: Simulator, inbound: str) -> None:
    (callback,) = simulator.callbacks
    href = json.loads(callback.body)["_self"]["href"]
    path = href.removeprefix(simulator.base_url)
    assert update(simulator, "", READ, path=path).status_code == 202
    assert simulator.updated[0].message_uuid == inbound


def test_an_rcs_message_is_revoked(simulator: Simulator) -> None:
    uuid = outbound(simulator, "rcs")
    assert update(simulator, uuid, REVOKED).status_code == 202
    (updated,) = simulator.updated
    assert (updated.message_uuid, updated.status, updated.is_replying) == (uuid, "revoked", False)


def test_inbound_message_of_v0_1_can_be_marked_as_read(simulator: Simulator) -> None:
    uuid = simulator.customer_sends("Hello", channel="whatsapp")
    simulator.wait_until_idle()
    assert update(simulator, uuid, READ).status_code == 202


@pytest.mark.parametrize(
    ("channel", "body"),
    [("rcs", READ), ("whatsapp", READ), ("whatsapp", REVOKED), ("sms", REVOKED)],
)
def test_unsupported_update_of_a_sent_message_is_refused(
    simulator: Simulator, channel: str, body: Any
) -> None:
    error = assert_v1_error(update(simulator, outbound(simulator, channel), body), 422)
    assert error["title"] == "Operation not supported"
    assert simulator.updated == []


@pytest.mark.parametrize(("channel", "body"), [("rcs", READ), ("sms", READ), ("rcs", REVOKED)])
def test_unsupported_update_of_an_inbound_message_is_refused(
    simulator: Simulator, channel: str, body: Any
) -> None:
    uuid = simulator.customer_sends("Hello", channel=channel)
    simulator.wait_until_idle()
    assert_v1_error(update(simulator, uuid, body), 422)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "status"),
        ({"status": "delivered"}, "status"),
        ({"status": None}, "status"),
        (READ | {"seen": True}, "seen"),
        (READ | {"replying_indicator": True}, "replying_indicator"),
        (READ | {"replying_indicator": {"show": True}}, "replying_indicator.type"),
        (READ | {"replying_indicator": {"type": "text"}}, "replying_indicator.show"),
        (
            READ | {"replying_indicator": {"show": False, "type": "text"}},
            "replying_indicator.show",
        ),
        (REVOKED | {"replying_indicator": TYPING["replying_indicator"]}, "replying_indicator"),
    ],
    ids=str,
)
def test_error_names_the_invalid_parameter(body: Any, name: str) -> None:
    encoded = json.dumps(body).encode()
    with pytest.raises(ApiError) as raised:
        validate_update("application/json", encoded, UUID, ("inbound", "whatsapp"))
    refusal = raised.value.response
    assert refusal.status == 422
    assert [problem["name"] for problem in refusal.extra["invalid_parameters"]] == [name]


def test_a_refused_update_is_recorded(simulator: Simulator, inbound: str) -> None:
    assert_v1_error(update(simulator, inbound, {}), 422)
    assert simulator.updated == []
    assert simulator.refused[0].problems == ("status is required.",)


def test_body_that_is_not_json_is_refused(simulator: Simulator, inbound: str) -> None:
    headers = {**bearer(simulator), "Content-Type": "application/json"}
    assert_v1_error(update(simulator, inbound, None, data=b"{", headers=headers), 422)


def test_an_unknown_message_is_not_found(simulator: Simulator) -> None:
    assert_v1_error(update(simulator, UUID, READ), 404)
    assert_v1_error(update(simulator, UUID, {"status": "?"}), 404)


def test_update_requires_a_jwt(simulator: Simulator, inbound: str) -> None:
    right = (simulator.api_key, simulator.api_secret)
    for auth in (right, ("x", "y"), None):
        assert_v1_error(update(simulator, inbound, READ, auth=auth, headers={}), 401)
    assert simulator.updated == []


def test_other_methods_are_not_allowed(simulator: Simulator, inbound: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = send(simulator, READ, f"/v1/messages/{inbound}", method=method)
        assert_v1_error(response, 405)
        assert response.headers["Allow"] == "PATCH"
