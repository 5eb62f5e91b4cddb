"""Validation of v1: valid and invalid requests for every rule."""

import json
import re
import uuid
from typing import Any

import pytest
import requests
from hypothesis import given

from django_vonage_messages.simulator import Simulator, number_for
from django_vonage_messages.simulator.endpoints import V1_PATHS
from django_vonage_messages.simulator.message_data import ValidatedRequest
from django_vonage_messages.simulator.responses import ApiError, ErrorResponse
from django_vonage_messages.simulator.v1.validate import validate
from tests.simulator.bodies import Json
from tests.simulator.conftest import Post
from tests.simulator.mutations import mutated
from tests.simulator.test_api_credentials import bearer
from tests.simulator.v1_bodies import BROKEN, CARD, DESCRIBED, FILE, NEWER, STORED, v1

PATH = "/v1/messages"


def result_of(body: object) -> ValidatedRequest | ErrorResponse:
    try:
        return validate("application/json", json.dumps(body).encode())
    except ApiError as error:
        return error.response


def names_of(refusal: ErrorResponse) -> list[str]:
    return [problem["name"] for problem in refusal.extra["invalid_parameters"]]


def assert_v1_error(response: requests.Response, status: int) -> Json:
    error: Json = response.json()
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    assert error.keys() - {"invalid_parameters"} == {"type", "title", "detail", "instance"}
    assert re.fullmatch("[0-9a-f]{32}", error["instance"])
    return error


def shown(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    kind = value["message_type"]
    return f"{value['channel']} {kind} {json.dumps(value)[-50:]}"


@pytest.mark.parametrize("path", V1_PATHS)
def test_a_message_is_accepted(post: Post, simulator: Simulator, path: str) -> None:
    body = v1(client_ref="abc123")
    response = post(body, path)
    assert response.status_code == 202
    assert response.json().keys() == {"message_uuid"}
    (accepted,) = simulator.accepted
    assert str(uuid.UUID(accepted.message_uuid)) == response.json()["message_uuid"]
    assert (accepted.channel, accepted.to, accepted.from_) == ("sms", body["to"], body["from"])
    assert (accepted.content, accepted.text) == ({"type": "text", "text": "Hello"}, "Hello")
    assert (accepted.client_ref, accepted.version) == ("abc123", "v1")
    assert json.loads(accepted.body) == body


@pytest.mark.parametrize("body", [*DESCRIBED, *NEWER], ids=shown)
def test_requests_of_the_reference_are_accepted(body: Json) -> None:
    validated = result_of(body)
    assert isinstance(validated, ValidatedRequest), validated.extra
    assert validated.channel.name == STORED[body["channel"]]
    assert (validated.to, validated.from_) == (body["to"], body["from"])
    kind = body["message_type"]
    assert validated.content == {"type": kind, kind: body[kind]}
    assert len(validated.failover or ()) == len(body.get("failover", ()))


@pytest.mark.parametrize(("body", "name", "fragment"), BROKEN, ids=shown)
def test_error_names_the_parameter_of_a_broken_rule(body: Json, name: str, fragment: str) -> None:
    refusal = result_of(body)
    assert isinstance(refusal, ErrorResponse)
    assert refusal.status == 422
    assert name in names_of(refusal)
    assert refusal.type.endswith(f"#{fragment}")


@pytest.mark.parametrize("body", [*DESCRIBED, *NEWER], ids=shown)
def test_missing_member_is_refused(body: Json) -> None:
    for key in ("message_type", "channel", "to", "from", body["message_type"]):
        refusal = result_of({other: value for other, value in body.items() if other != key})
        assert isinstance(refusal, ErrorResponse)
        assert {"name": key, "reason": "is required."} in refusal.extra["invalid_parameters"]


def test_response_names_every_invalid_parameter(post: Post, simulator: Simulator) -> None:
    error = assert_v1_error(post(v1("mms", "image", {"link": "x"}, to="1", ttl=1), PATH), 422)
    assert error["type"] == "https://developer.vonage.com/api-errors/messages#1150"
    assert error["title"] == "Invalid params"
    assert error["invalid_parameters"] == [
        {"name": "to", "reason": "must be 7 to 15 digits in E.164, without + or a leading 0."},
        {"name": "image.url", "reason": "is required."},
        {"name": "image.link", "reason": "is not a parameter of this message."},
        {"name": "ttl", "reason": "must be an integer, 300 to 259200."},
    ]
    (refused,) = simulator.refused
    assert refused.status == 422
    assert refused.problems[1] == "image.url is required."
    assert simulator.accepted == []


@pytest.mark.parametrize("data", [b"", b"{", b'{"to": NaN}', b"\xff{}", b"[" * 100_000])
def test_invalid_json_is_a_422(post: Post, data: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    error = assert_v1_error(post(path=PATH, data=data, headers=headers), 422)
    assert error["type"] == "https://developer.vonage.com/api-errors#invalid-json"
    assert "invalid_parameters" not in error


def test_body_must_be_a_json_object_with_its_content_type(post: Post) -> None:
    assert assert_v1_error(post([], PATH), 422)["invalid_parameters"][0]["name"] == "body"
    assert_v1_error(post(path=PATH, data=json.dumps(v1())), 422)


@pytest.mark.parametrize("version", ["/v0.1/messages/", PATH])
def test_each_version_accepts_only_its_own_bodies(post: Post, version: str) -> None:
    own = post(v1() if version == PATH else None, version)
    other = post(None if version == PATH else v1(), version)
    assert (own.status_code, other.status_code) == (202, 422 if version == PATH else 400)


def test_other_responses_are_those_of_v0_1(post: Post, simulator: Simulator) -> None:
    assert_v1_error(post(v1(), PATH, auth=("x", "y")), 401)
    assert_v1_error(post(v1(to=number_for("payment_required")), PATH), 402)
    response = post(v1(to=number_for("throttled_retry_after")), PATH)
    assert assert_v1_error(response, 429)["type"].endswith("/messages#1000")
    assert response.headers["Retry-After"] == "1"
    assert_v1_error(post(v1(to=number_for("server_error")), PATH), 500)
    response = post(path=PATH, method="PUT")
    assert (assert_v1_error(response, 405), response.headers["Allow"])[1] == "POST"
    assert post(v1(), PATH, auth=None, headers=bearer(simulator)).status_code == 202


@pytest.mark.parametrize(
    ("body", "recorded"),
    [
        (v1("mms", "image", FILE | {"caption": "A cat"}), "A cat"),
        (v1("mms", "image", FILE), ""),
        (v1("rcs", "card", CARD), "A cat for rent"),
        (v1("rcs", "custom", {"text": ["Hi"]}), ""),
    ],
    ids=shown,
)
def test_recorded_text_is_the_text_or_caption(body: Json, recorded: str) -> None:
    validated = result_of(body)
    assert isinstance(validated, ValidatedRequest)
    assert validated.text == recorded


@pytest.mark.parametrize("key", ["447700900000", "My secret text"])
def test_error_does_not_repeat_an_unusual_key(key: str) -> None:
    refusal = result_of(v1("mms", "image", FILE | {key: 1}))
    assert isinstance(refusal, ErrorResponse)
    assert names_of(refusal) == ["image.(an unusual key)"]


@given(mutated([*DESCRIBED, *NEWER]))
def test_any_changed_value_is_accepted_or_refused(body: Json) -> None:
    result = result_of(body)
    assert isinstance(result, ValidatedRequest) or result.status == 422
    assert isinstance(result, ValidatedRequest) or json.dumps(result.body())
