"""Outcomes of HTTP responses: certain only if the API confirms it."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_vonage_messages.protocol.error_codes import get_http_error
from django_vonage_messages.protocol.outcomes import (
    Accepted,
    NotSent,
    Outcome,
    Throttled,
    Unconfirmed,
    interpret,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from tests.backends.server import UUID

REASONS = {"", "rejected", "throttled", "not_sent", "unconfirmed"}
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
members = st.sampled_from(["message_uuid", "type", "title", "detail", "instance"])
documents = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(members | st.text(), inner)
)
bodies = (
    st.binary()
    | st.dictionaries(members, scalars).map(lambda data: json.dumps(data).encode())
    | documents.map(lambda data: json.dumps(data).encode("utf-16"))
)


@given(st.integers() | st.integers(100, 599), bodies, st.none() | st.text())
@example(202, b"[" * 100_000, None)
@example(400, b'{"title": ' + b"9" * 5000 + b"}", "1" * 5000)
@example(202, b'{"message_uuid": "\\ud800"}', "٣")
@example(429, b'{"type": "#\\u0000"}', " 5 ")
def test_any_response_is_interpreted_and_only_a_2xx_with_a_uuid_is_accepted(
    status: int, body: bytes, retry_after: str | None
) -> None:
    outcome = interpret(status, body, retry_after)
    assert outcome.reason in REASONS - {"not_sent"}
    assert (outcome.is_accepted) == (200 <= status < 300 and has_uuid(body))
    assert (outcome.reason in {"rejected", "throttled"}) == (400 <= status < 500)
    assert bool(outcome.message_uuid) == (outcome.is_accepted)
    assert bool(outcome.error) == (not outcome.is_accepted)
    assert outcome.retry_after is None or 0 <= outcome.retry_after < 10**6
    assert_storable(outcome)


def has_uuid(body: bytes) -> bool:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return False
    value = data.get("message_uuid") if isinstance(data, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 10**18
    return isinstance(value, str) and bool(value.strip()) and len(value) <= 64


def assert_storable(outcome: Outcome) -> None:
    error = outcome.error
    for text, limit in [
        (outcome.message_uuid, 64),
        (error.code, 32),
        (error.title, 200),
        (error.detail, 2000),
        (error.instance, 100),
    ]:
        assert len(text) <= limit
        assert "\x00" not in text
        text.encode()


@pytest.mark.parametrize(
    "uuid", [None, "", " ", "\t\n", [], {}, True, 1.5, "x" * 65, [UUID], {"id": UUID}]
)
def test_invalid_uuid_is_unconfirmed(uuid: Any) -> None:
    outcome = interpret(202, json.dumps({"message_uuid": uuid}).encode())
    assert (outcome.reason, outcome.error.title) == (
        "unconfirmed",
        "No message_uuid in the response",
    )
    assert outcome.error.detail == "HTTP 202"


@pytest.mark.parametrize(
    ("type_", "code"),
    [
        ("https://www.nexmo.com/messages/Errors#InvalidParams", "InvalidParams"),
        ("https://developer.vonage.com/api-errors/messages#1120", "1120"),
        ("https://developer.vonage.com/api-errors", ""),
        ("about:blank", ""),
        ("", ""),
        (None, ""),
        (1000, ""),
    ],
)
def test_code_is_the_fragment_of_the_type(type_: Any, code: str) -> None:
    outcome = interpret(400, json.dumps({"type": type_, "title": "No"}).encode())
    assert (outcome.reason, outcome.error.code, outcome.error.title) == ("rejected", code, "No")


@pytest.mark.parametrize("status", [400, 420, 422, 429])
def test_code_1000_is_throttled_with_every_4xx(status: int) -> None:
    body = json.dumps({"type": "https://developer.vonage.com/api-errors/messages#1000"}).encode()
    assert interpret(status, body, "2") == Throttled(
        error=interpret(status, body).error, retry_after=2.0
    )


@pytest.mark.parametrize("status", [100, 101, 301, 304, 308, 500, 503, 599, 600, 0, -1])
def test_other_status_codes_are_unconfirmed(status: int) -> None:
    given = {"title": "Sorry", "detail": "An error", "instance": "a1b2", "type": "#1000"}
    body = json.dumps({"message_uuid": UUID, **given}).encode()
    outcome = interpret(status, body, "3")
    assert outcome == Unconfirmed(error=ErrorInfo("1000", "Sorry", "An error", "a1b2"))
    assert interpret(status, b"<html>") == Unconfirmed(f"HTTP {status}")


@pytest.mark.parametrize(
    ("status", "code"), [(401, "401"), (402, "402"), (404, "404"), (400, ""), (422, "")]
)
@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"type": "about:blank"}'])
def test_refusal_without_a_code_is_explained_by_its_status(
    status: int, code: str, body: bytes
) -> None:
    error = interpret(status, body).error
    assert (error.code, error.title) == (code, f"HTTP {status}")
    assert (get_http_error(code) is not None) == bool(code)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0.0), (" 30 ", 30.0), ("999999", 999999.0), ("", None), ("1.5", None), ("-1", None),
     ("1000000", 1_000_000.0), ("9" * 19, None), ("+3", None), ("1e3", None), ("٣", None),
     ("soon", None), (None, None)],
)  # fmt: skip
def test_retry_after_is_parsed_as_whole_seconds(text: str | None, seconds: float | None) -> None:
    assert interpret(429, b"", text).retry_after == seconds


def test_repr_of_an_outcome_does_not_quote_the_api() -> None:
    body = json.dumps({"title": "Invalid", "detail": "447700900000 said Hello"}).encode()
    for outcome in (interpret(400, body), NotSent("447700900000"), Unconfirmed("Hello")):
        assert "447700900000" not in repr(outcome)
        assert "Hello" not in repr(outcome)
    assert repr(Accepted(UUID)) == (f"Accepted(message_uuid='{UUID}', retry_after=None)")


def test_details_key_of_a_401_is_read_as_detail() -> None:
    body = json.dumps({"title": "Unauthorized", "details": "No such key."}).encode()
    assert interpret(401, body).error.detail == "No such key."
