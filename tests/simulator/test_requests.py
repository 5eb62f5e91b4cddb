"""Validation of SMS requests, by the v0.1 reference."""

import json
import re
import uuid
from typing import Any

import pytest

from django_vonage_messages.simulator import Simulator
from django_vonage_messages.simulator.endpoints import PATHS
from tests.simulator.conftest import Post, sms

NUMBER = {"type": "sms", "number": "447700900000"}


def assert_error(response: Any, status: int) -> dict[str, str]:
    error = response.json()
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    assert error.keys() == {"type", "title", "detail", "instance"}
    assert re.fullmatch("[0-9a-f]{32}", error["instance"])
    return dict(error)


def assert_invalid(response: Any, parameter: str) -> None:
    error = assert_error(response, 400)
    assert error["type"] == "https://www.nexmo.com/messages/Errors#InvalidParams"
    assert error["title"] == "Invalid Parameters"
    assert parameter in error["detail"]


def with_text(text: object) -> dict[str, Any]:
    return sms(message={"content": {"type": "text", "text": text}})


@pytest.mark.parametrize("path", PATHS)
def test_example_of_the_reference_is_accepted(post: Post, simulator: Simulator, path: str) -> None:
    response = post(path=path)
    assert response.status_code == 202
    assert response.headers["Content-Type"] == "application/json"
    assert response.json().keys() == {"message_uuid"}
    (accepted,) = simulator.accepted
    assert str(uuid.UUID(accepted.message_uuid)) == response.json()["message_uuid"]
    assert (accepted.to, accepted.from_) == ("447700900000", "447700900001")
    assert (accepted.text, accepted.client_ref) == ("Hello From Vonage!", "client-ref2")
    assert (accepted.channel, accepted.content_type) == ("sms", "text")
    assert accepted.content == {"type": "text", "text": "Hello From Vonage!"}
    assert json.loads(accepted.body) == sms()
    assert simulator.refused == []


@pytest.mark.parametrize(
    "body",
    [
        with_text("x" * 1000),
        with_text("🙂" * 1000),
        with_text(" "),
        sms(client_ref="r" * 40),
        sms(client_ref=""),
        {key: value for key, value in sms().items() if key != "client_ref"},
        sms(to="1234567"),
        sms(to="123456789012345"),
        sms(sender="MyCompany"),
        sms(sender="Joe's Shop!"),
        sms(sender="80800"),
    ],
    ids=lambda body: json.dumps(body)[:60],
)
def test_values_at_their_limits_are_accepted(post: Post, body: dict[str, Any]) -> None:
    assert post(body).status_code == 202


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ([], "The body"),
        ("text", "The body"),
        (sms(text="Hello"), "text"),
        (sms(client_ref="r" * 41), "client_ref"),
        (sms(client_ref=None), "client_ref"),
        (sms(client_ref=7), "client_ref"),
        (with_text(""), "message.content.text"),
        (with_text("x" * 1001), "message.content.text"),
        (with_text(None), "message.content.text"),
        (with_text(["x"]), "message.content.text"),
        (with_text("\ud83d"), "message.content.text"),
        (sms(message="Hello"), "message"),
        (sms(message={}), "message.content"),
        (sms(message={"content": {}}), "message.content.type"),
        (sms(message={"content": {"type": "text"}}), "message.content.text"),
        (sms(message={"content": {"type": "image", "image": {}}}), "message.content.type"),
        (sms(message={"content": {"type": "text", "text": "x", "url": "y"}}), "content.url"),
        (sms(message={"content": {"type": "text", "text": "x"}, "sms": {}}), "message.sms"),
        (sms(to="447700900000x"), "to.number"),
        (sms(to="+447700900000"), "to.number"),
        (sms(to="00447700900000"), "to.number"),
        (sms(to="07700900000"), "to.number"),
        (sms(to="123456"), "to.number"),
        (sms(to="1234567890123456"), "to.number"),
        (sms(to="٤٤٧٧٠٠٩٠٠٠٠٠"), "to.number"),
        (sms(to="447700900000\n"), "to.number"),
        (sms(to=447700900000), "to.number"),
        (sms() | {"to": {"type": "sms"}}, "to.number"),
        (sms() | {"to": {"type": "sms", "id": "447700900000"}}, "to.number"),
        (sms() | {"to": NUMBER | {"id": "1"}}, "to.id"),
        (sms() | {"to": "447700900000"}, "to"),
        (sms(sender="TwelveLetter"), "from.number"),
        (sms(sender="+447700900001"), "from.number"),
        (sms(sender="07700900001"), "from.number"),
        (sms(sender=" Company"), "from.number"),
        (sms(sender="Café"), "from.number"),
        (sms(sender=""), "from.number"),
        (sms() | {"from": {"type": "mms", "number": "447700900001"}}, "from.type"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_error_names_the_invalid_parameter(post: Post, body: object, parameter: str) -> None:
    assert_invalid(post(body), parameter)


@pytest.mark.parametrize("missing", ["to", "from", "message"])
def test_missing_member_is_refused(post: Post, missing: str) -> None:
    body = sms()
    del body[missing]
    assert_invalid(post(body), f"{missing} is missing")


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"to": NaN}', b"\xff{}", b"[" * 100_000, b"to=447700900000"],
    ids=lambda data: repr(data[:12]),
)
def test_invalid_json_is_refused(post: Post, data: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert_invalid(post(data=data, headers=headers), "not valid JSON")


def test_the_content_type_must_be_json(post: Post, simulator: Simulator) -> None:
    body = json.dumps(sms())
    assert_invalid(post(data=body, headers={"Content-Type": "text/plain"}), "Content-Type")
    assert_invalid(post(data=body), "Content-Type")
    with_charset = {"Content-Type": "application/json; charset=utf-8"}
    assert post(data=body, headers=with_charset).status_code == 202


@pytest.mark.parametrize("path", ["/", "/v0.1/messages/x", "/v0.1/messages/?a=b"])
def test_other_paths_are_not_found(post: Post, path: str) -> None:
    assert_error(post(path=path), 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_other_methods_are_not_allowed(post: Post, method: str) -> None:
    response = post(method=method)
    assert_error(response, 405)
    assert response.headers["Allow"] == "POST"


def test_response_to_head_has_no_body(post: Post) -> None:
    response = post(method="HEAD")
    assert (response.status_code, response.content) == (405, b"")
    assert post().status_code == 202


def test_refused_requests_are_recorded_and_send_no_webhook(
    post: Post, simulator: Simulator
) -> None:
    post(with_text(""))
    simulator.wait_until_idle()
    (refused,) = simulator.refused
    assert (refused.status, refused.title) == (400, "Invalid Parameters")
    assert json.loads(refused.body) == with_text("")
    assert (simulator.accepted, simulator.callbacks) == ([], [])
