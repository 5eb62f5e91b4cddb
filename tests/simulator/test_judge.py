"""The judge holds against anything that can be written as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_vonage_messages.simulator.answers import ApiError, Refusal
from django_vonage_messages.simulator.judge import Sms, judge
from tests.simulator.conftest import sms

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def verdict(body: bytes) -> Sms | Refusal:
    try:
        return judge("application/json", body)
    except ApiError as error:
        return error.refusal


@given(st.binary(max_size=200))
def test_any_bytes_are_judged(body: bytes) -> None:
    refusal = verdict(body)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 400


@given(st.sampled_from(["to", "from", "message", "client_ref"]), json_values)
def test_any_member_is_judged(key: str, value: Any) -> None:
    found = verdict(json.dumps(sms() | {key: value}).encode())
    if isinstance(found, Refusal):
        assert found.status == 400
        assert key in found.detail or "not valid JSON" in found.detail
    else:
        assert (key, value) == ("client_ref", found.client_ref)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=1000))
def test_every_text_arrives_as_it_was(text: str) -> None:
    body = sms(message={"content": {"type": "text", "text": text}})
    for ensure_ascii in (True, False):
        encoded = json.dumps(body, ensure_ascii=ensure_ascii).encode()
        assert judge("application/json", encoded).text == text


@pytest.mark.parametrize("key", ["447700900000", "My secret text"])
def test_an_unknown_key_that_could_be_a_text_is_not_repeated(key: str) -> None:
    refusal = verdict(json.dumps(sms() | {key: 1}).encode())
    assert isinstance(refusal, Refusal)
    assert key not in refusal.detail
    assert "(an unusual key)" in refusal.detail
