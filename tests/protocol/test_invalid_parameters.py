"""The error detail lists the invalid parameters of a response."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_vonage_messages.protocol.outcomes import interpret

LIMIT = 2000
DETAIL = "The value of one or more parameters is invalid."
URL = {"name": "image.url", "reason": "is required."}
TAG = {"name": "messenger.tag", "reason": "Must be one of `a` or `b`"}


def detail_of(parameters: Any, detail: Any = DETAIL, status: int = 422) -> str:
    body = {
        "type": "https://developer.vonage.com/api-errors/messages#1150",
        "title": "Invalid params",
        "detail": detail,
        "invalid_parameters": parameters,
    }
    outcome = interpret(status, json.dumps(body).encode())
    assert (outcome.reason, outcome.error.code) == ("rejected", "1150")
    return outcome.error.detail


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ([URL], f"{DETAIL} image.url: is required."),
        (URL, f"{DETAIL} image.url: is required."),
        ([URL, TAG], f"{DETAIL} image.url: is required. messenger.tag: Must be one of `a` or `b`."),
        ([{"name": "to"}], f"{DETAIL} to."),
        ([{"reason": "Too long!"}], f"{DETAIL} Too long!"),
        ([{"name": 7, "reason": 8}], f"{DETAIL} 7: 8."),
        ([{"name": " ", "reason": ""}, URL], f"{DETAIL} image.url: is required."),
        ([{"name": "to", "reason": ["x"], "more": {}}], f"{DETAIL} to."),
    ],
)
def test_names_and_reasons_follow_the_detail(parameters: Any, expected: str) -> None:
    assert detail_of(parameters) == expected


@pytest.mark.parametrize("parameters", [None, [], {}, "to", 7, True, [None, "to", 7, [URL]], [{}]])
def test_value_without_a_parameter_adds_nothing(parameters: Any) -> None:
    assert detail_of(parameters) == DETAIL


def test_v0_1_response_names_its_invalid_parameters() -> None:
    """The response is from Vonage/vonage-node-code-snippets, issue 79."""
    balance = {"name": "balance", "reason": "Insufficient balance, please check your account."}
    detail = detail_of([balance], "Found errors validating 1 of your submitted parameters", 400)
    assert detail == (
        "Found errors validating 1 of your submitted parameters. "
        "balance: Insufficient balance, please check your account."
    )


@pytest.mark.parametrize("detail", [None, "", " ", [], {}])
def test_parameters_are_listed_without_a_detail(detail: Any) -> None:
    assert detail_of([URL], detail) == "image.url: is required."


def test_too_long_reason_is_omitted() -> None:
    long = {"name": "text", "reason": f"cannot be {'x' * LIMIT}"}
    assert detail_of([long, URL]) == f"{DETAIL} image.url: is required."
    assert detail_of([URL], "d" * 3 * LIMIT) == "d" * LIMIT


def test_detail_of_many_parameters_is_limited() -> None:
    detail = detail_of([URL] * 5000)
    assert LIMIT - 50 < len(detail) <= LIMIT
    assert detail.endswith("image.url: is required.")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
members = st.sampled_from(["name", "reason"]) | st.text()
shapes = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(members, inner), max_leaves=20
)
parameters = st.dictionaries(st.sampled_from(["name", "reason"]), scalars)


@given(shapes | parameters | st.lists(parameters | shapes), scalars, st.integers(400, 499))
@example([{"name": "\x00", "reason": "\ud800"}], "\ud800", 422)
@example([{"name": 10**300, "reason": float("nan")}], None, 400)
def test_any_value_is_accepted_and_storable(
    parameters_value: Any, detail: Any, status: int
) -> None:
    body = json.dumps({"detail": detail, "invalid_parameters": parameters_value}).encode()
    result = interpret(status, body).error.detail
    assert len(result) <= LIMIT
    assert "\x00" not in result
    result.encode()


def test_too_deep_body_adds_nothing() -> None:
    body = b'{"invalid_parameters": ' + b"[" * 100_000 + b"}"
    assert interpret(422, body).error.detail == ""
