"""Validation of ``to`` and ``from`` on every channel."""

from typing import Any

import pytest

from tests.simulator.bodies import SIDES, key_of, request
from tests.simulator.conftest import Post
from tests.simulator.test_requests import assert_invalid

VIBER = "viber_service_msg"
KEYS = [
    (wire, side, key)
    for wire, parties in SIDES.items()
    for side, party in zip(("to", "from"), parties, strict=True)
    for key in [key_of(party)]
]
OTHER = {"number": "id", "id": "number"}


def test_address_keys_are_those_of_the_reference() -> None:
    assert {(wire, side) for wire, side, key in KEYS if key == "id"} == {
        (VIBER, "from"),
        ("messenger", "to"),
        ("messenger", "from"),
    }


@pytest.mark.parametrize(("wire", "side", "key"), KEYS)
def test_wrong_key_is_refused(post: Post, wire: str, side: str, key: str) -> None:
    body = request(wire)
    body[side][OTHER[key]] = body[side].pop(key)
    assert_invalid(post(body), f"{side}.{key} is missing")


@pytest.mark.parametrize(("wire", "side", "key"), KEYS)
def test_wrong_key_beside_the_right_one_is_refused(
    post: Post, wire: str, side: str, key: str
) -> None:
    body = request(wire)
    body[side][OTHER[key]] = body[side][key]
    assert_invalid(post(body), f"{side}.{OTHER[key]} is not a parameter")


@pytest.mark.parametrize(("wire", "side", "key"), KEYS)
@pytest.mark.parametrize("value", [None, 447700900000, "", ["447700900000"], "\ud83d"])
def test_address_must_be_a_string_and_not_empty(
    post: Post, wire: str, side: str, key: str, value: object
) -> None:
    body = request(wire)
    body[side][key] = value
    assert_invalid(post(body), f"{side}.{key}")


@pytest.mark.parametrize("wire", SIDES)
@pytest.mark.parametrize("other", [*SIDES, "viber", "viber_service", "rcs", "", None, ["sms"]])
def test_both_sides_must_name_the_same_channel(post: Post, wire: str, other: Any) -> None:
    body = request(wire)
    body["from"]["type"] = other
    if other == wire:
        assert post(body).status_code == 202
    else:
        assert_invalid(post(body), f"from.type must be {wire}, the same as to.type")


@pytest.mark.parametrize("other", ["viber", "viber_service", "rcs", "SMS", "", None, 1, ["sms"]])
def test_other_channels_are_refused(post: Post, other: object) -> None:
    to = {"type": other, "number": "447700900000"}
    assert_invalid(post(request("sms", to=to, from_=to)), "to.type must be sms, mms, whatsapp, ")


@pytest.mark.parametrize("wire", SIDES)
@pytest.mark.parametrize("side", ["to", "from"])
@pytest.mark.parametrize("party", ["447700900000", {}, [], None])
def test_each_side_must_be_an_object_with_a_type(
    post: Post, wire: str, side: str, party: object
) -> None:
    body = request(wire) | {side: party}
    assert_invalid(post(body), f"{side}.type must" if party == {} else f"{side} must be an object")


NUMBERS = ["1234567", "123456789012345"]
NOT_NUMBERS = ["123456", "1234567890123456", "+447700900000", "07700900000", "٤٤٧٧٠٠٩٠٠٠٠٠", "a"]


@pytest.mark.parametrize(
    ("wire", "side", "good", "bad"),
    [
        ("mms", "to", NUMBERS, NOT_NUMBERS),
        ("whatsapp", "to", NUMBERS, NOT_NUMBERS),
        (VIBER, "to", NUMBERS, NOT_NUMBERS),
        ("sms", "from", [*NUMBERS, "123", "123456", "MyCompany"], ["12", "TwelveLetter"]),
        ("mms", "from", [*NUMBERS, "123", "012345"], ["12", "0123456", "MyCompany"]),
        ("whatsapp", "from", NUMBERS, [*NOT_NUMBERS, "12345", "MyCompany"]),
        (VIBER, "from", ["1", "654321", "i" * 50], ["", "i" * 51]),
        ("messenger", "to", ["1", "a person", "i" * 50], ["", "i" * 51]),
        ("messenger", "from", ["1", "i" * 50], ["", "i" * 51]),
    ],
)
def test_address_is_validated_at_its_limits(
    post: Post, wire: str, side: str, good: list[str], bad: list[str]
) -> None:
    body = request(wire)
    key = key_of(body[side])
    for address in good:
        body[side][key] = address
        assert post(body).status_code == 202, address
    for address in bad:
        body[side][key] = address
        assert_invalid(post(body), f"{side}.{key} must be")
