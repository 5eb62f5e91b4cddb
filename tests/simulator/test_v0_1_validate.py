"""Property tests of v0.1 validation; the simulator's independence of the package."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_vonage_messages import simulator
from django_vonage_messages.simulator.message_data import ValidatedRequest
from django_vonage_messages.simulator.responses import ApiError, ErrorResponse
from django_vonage_messages.simulator.v0_1.validate import validate
from tests.simulator.bodies import ACCEPTED, CUSTOMS, SIDES, Json, request, text
from tests.simulator.conftest import sms
from tests.simulator.mutations import json_values, mutated


def result_of(body: bytes) -> ValidatedRequest | ErrorResponse:
    try:
        return validate("application/json", body)
    except ApiError as error:
        return error.response


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_without_an_exception(body: bytes) -> None:
    refusal = result_of(body)
    assert isinstance(refusal, ErrorResponse)
    assert refusal.status == 400


@given(
    st.sampled_from([*SIDES]),
    st.sampled_from(["to", "from", "message", "client_ref"]),
    json_values | st.text(),
)
def test_any_member_is_accepted_or_refused(wire: str, key: str, value: Any) -> None:
    result = result_of(json.dumps(request(wire) | {key: value}).encode())
    if isinstance(result, ErrorResponse):
        assert result.status == 400
        assert key in result.detail or "not valid JSON" in result.detail
    else:
        assert (key, value) == ("client_ref", result.client_ref)


@given(mutated([*ACCEPTED, *CUSTOMS]))
def test_any_changed_value_is_accepted_or_refused(body: Json) -> None:
    result = result_of(json.dumps(body).encode())
    assert isinstance(result, ValidatedRequest) or result.status == 400


@given(
    st.sampled_from(["sms", "whatsapp", "viber_service_msg", "messenger"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=1000),
)
def test_every_text_is_unchanged(wire: str, value: str) -> None:
    for ensure_ascii in (True, False):
        encoded = json.dumps(request(wire, text(value)), ensure_ascii=ensure_ascii).encode()
        assert validate("application/json", encoded).text == value


@pytest.mark.parametrize("key", ["447700900000", "My secret text"])
def test_error_does_not_repeat_an_unusual_key(key: str) -> None:
    refusal = result_of(json.dumps(sms() | {key: 1}).encode())
    assert isinstance(refusal, ErrorResponse)
    assert key not in refusal.detail
    assert "(an unusual key)" in refusal.detail


@pytest.mark.parametrize("wire", SIDES)
def test_repr_shows_no_address_or_text(wire: str) -> None:
    body = request(wire)
    shown = repr(validate("application/json", json.dumps(body).encode()))
    values = [*body["to"].values(), *body["from"].values(), "Hello", "example.com"]
    for secret in set(values) - {wire}:
        assert secret not in shown


def test_the_simulator_imports_only_mask_and_sign_from_the_package() -> None:
    allowed = {"addresses", "signatures"}  # masking and webhook signatures
    names = set()
    for file in Path(simulator.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            package, _, rest = module.removeprefix("django_vonage_messages.").partition(".")
            assert package not in {"services", "backends", "models", "options"}, file
            assert package != "protocol" or rest in allowed, file
            if package == "protocol":
                assert isinstance(node, ast.ImportFrom)
                names |= {f"{rest}.{alias.name}" for alias in node.names}
    assert names == {"addresses.mask", "signatures.sign"}
