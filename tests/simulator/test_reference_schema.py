"""The simulator against the reference's own OpenAPI document, where that is at hand.

What the simulator takes, the document describes; what the document refuses, it refuses; and its
webhooks have the document's shapes.
"""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from django_vonage_messages.simulator import Simulator, number_for
from django_vonage_messages.simulator.responses import ApiError
from django_vonage_messages.simulator.v0_1.validate import validate
from tests.openapi.documents import load_document
from tests.simulator.bodies import (
    ACCEPTED,
    AUDIO,
    CAPTIONED,
    FILE,
    IMAGE,
    SIDES,
    STORED,
    TEXT,
    VIDEO,
    Json,
    addressed,
    request,
)
from tests.simulator.conftest import Post
from tests.simulator.mutations import mutated
from tests.simulator.receiver import Receiver

UNSUPPORTED = {"type": "unsupported"}
LOCATION = {"type": "location", "location": {"latitude": "37.7", "longitude": "-122.4"}}
INBOUND: dict[str, list[Json]] = {
    "sms": [TEXT],
    "mms": [IMAGE],
    "whatsapp": [TEXT, IMAGE, CAPTIONED, VIDEO, AUDIO, FILE, LOCATION, UNSUPPORTED],
    "viber_service_msg": [TEXT, UNSUPPORTED],
    "messenger": [TEXT, IMAGE, VIDEO, AUDIO, FILE, UNSUPPORTED],
}


def is_described(name: str, value: Any) -> bool:
    """Whether a value is what the document calls by this name."""
    document = load_document("messages-v0.1.openapi.yml")
    return not document.problems(value, document.schema(name))


@pytest.mark.parametrize("body", ACCEPTED, ids=lambda body: str(body["message"])[:70])
def test_what_is_accepted_is_described(body: Json) -> None:
    assert is_described("message", body)


@pytest.mark.parametrize("body", ACCEPTED, ids=lambda body: str(body["message"])[:70])
def test_each_member_that_the_document_needs_is_needed(post: Post, body: Json) -> None:
    for lacking in without_each_member(body):
        if not is_described("message", lacking):
            assert post(lacking).status_code == 400, lacking


def without_each_member(value: Json) -> list[Json]:
    """Return copies of an object, each without one member of it or of the objects in it."""
    found: list[Json] = []
    for key, inner in value.items():
        found.append({other: member for other, member in value.items() if other != key})
        if isinstance(inner, dict):
            found += [value | {key: lacking} for lacking in without_each_member(inner)]
    return found


@pytest.mark.slow
@settings(max_examples=300)
@given(mutated(ACCEPTED))
def test_what_is_not_described_is_not_accepted(body: Json) -> None:
    try:
        validate("application/json", json.dumps(body).encode())
    except ApiError:
        return
    assert is_described("message", body)


def test_the_document_tells_right_from_wrong() -> None:
    assert is_described("message", request("sms"))
    assert not is_described("message", request("sms", IMAGE))
    assert not is_described("inbound-message", request("sms"))
    assert not is_described("MessageStatus", request("sms"))


@pytest.mark.parametrize("wire", SIDES)
def test_statuses_are_described(
    post: Post, simulator: Simulator, site: Receiver, wire: str
) -> None:
    for recipient in (number_for("read"), number_for("rejected", 1300)):
        post(addressed(wire, recipient))
    simulator.wait_until_idle()
    assert len(site.deliveries) >= 4
    for delivery in site.deliveries:
        assert is_described("MessageStatus", delivery.json), delivery.json


@pytest.mark.parametrize("wire", SIDES)
def test_inbound_messages_are_described(simulator: Simulator, site: Receiver, wire: str) -> None:
    for content in INBOUND[wire]:
        simulator.customer_sends(content, channel=STORED[wire])
    simulator.wait_until_idle()
    assert len(site.deliveries) == len(INBOUND[wire])
    for delivery in site.deliveries:
        assert is_described("inbound-message", delivery.json), delivery.json
