"""Options of single channels: every rule broken. ``bodies`` contains the valid options."""

import json
from typing import Any

import pytest

from tests.simulator.bodies import CUSTOM, IMAGE, LOCALE, SIDES, TEMPLATE, TEXT, Json, request
from tests.simulator.conftest import Post
from tests.simulator.test_requests import assert_invalid

VIBER = "viber_service_msg"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "locale is missing"),
        ({"locale": ""}, "locale must not be empty"),
        ({"locale": None}, "locale must be a string"),
        ({"policy": "deterministic"}, "locale is missing"),
        (LOCALE | {"policy": "fallback"}, "policy must be deterministic"),
        (LOCALE | {"policy": None}, "policy must be deterministic"),
        (LOCALE | {"language": "en"}, "language is not"),
        ("en-GB", "whatsapp must be an object"),
    ],
    ids=json.dumps,
)
def test_whatsapp_template_requires_a_valid_locale(post: Post, options: Any, problem: str) -> None:
    response = post(request("whatsapp", TEMPLATE, options=options))
    assert_invalid(response, problem)
    assert "message.whatsapp" in response.json()["detail"]


def test_a_whatsapp_template_without_options_is_refused(post: Post) -> None:
    assert_invalid(post(request("whatsapp", TEMPLATE)), "message.whatsapp is missing")


@pytest.mark.parametrize("content", [TEXT, IMAGE, CUSTOM], ids=lambda content: content["type"])
def test_whatsapp_options_are_refused_without_a_template(post: Post, content: Json) -> None:
    body = request("whatsapp", content, options=LOCALE)
    assert_invalid(post(body), "message.whatsapp is not a parameter")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"category": "transactional"}, "category must be transaction or promotion"),
        ({"category": None}, "category must be transaction or promotion"),
        ({"category": ["promotion"]}, "category must be transaction or promotion"),
        ({"ttl": 29}, "ttl must be an integer"),
        ({"ttl": 259201}, "ttl must be an integer"),
        ({"ttl": "600"}, "ttl must be an integer"),
        ({"ttl": 600.5}, "ttl must be an integer"),
        ({"ttl": True}, "ttl must be an integer"),
        ({"ttl": None}, "ttl must be an integer"),
        ({"type": 1}, "type must be a string"),
        ({"locale": "en-GB"}, "locale is not"),
        ({"tag": "X"}, "tag is not"),
        ([], "must be an object"),
    ],
    ids=json.dumps,
)
def test_invalid_viber_options_are_refused(post: Post, options: Any, problem: str) -> None:
    response = post(request(VIBER, options=options))
    assert_invalid(response, problem)
    assert "message.viber_service_msg" in response.json()["detail"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"category": "promotion"}, "category must be response, update or message_tag"),
        ({"category": "message_tag"}, "tag is missing"),
        ({"category": "message_tag", "tag": ""}, "tag must not be empty"),
        ({"category": "message_tag", "tag": None}, "tag must be a string"),
        ({"tag": 1}, "tag must be a string"),
        ({"ttl": 600}, "ttl is not"),
        (None, "must be an object"),
    ],
    ids=json.dumps,
)
def test_invalid_messenger_options_are_refused(post: Post, options: Any, problem: str) -> None:
    response = post(request("messenger", options=options))
    assert_invalid(response, problem)
    assert "message.messenger" in response.json()["detail"]


@pytest.mark.parametrize("wire", SIDES)
@pytest.mark.parametrize("other", [*SIDES, "viber", "viber_service"])
def test_options_of_another_channel_are_refused(post: Post, wire: str, other: str) -> None:
    body = request(wire)
    body["message"][other] = {}
    response = post(body)
    if wire == other and wire in {VIBER, "messenger"}:
        assert response.status_code == 202
    else:
        assert_invalid(response, f"message.{other} is not a parameter")


@pytest.mark.parametrize("wire", SIDES)
def test_a_client_ref_has_at_most_40_characters(post: Post, wire: str) -> None:
    assert post(request(wire, client_ref="r" * 40)).status_code == 202
    assert_invalid(post(request(wire, client_ref="r" * 41)), "client_ref must be at most 40")
