"""Validation of v0.1 compared with the reference's OpenAPI document, if it is available.

The document describes every request that the simulator accepts, and the simulator refuses every
request that the document refuses. The webhooks fit the document.
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


def fits_document(name: str, value: Any) -> bool:
    """Return whether a value fits the schema of this name."""
    document = load_document("messages-v0.1.openapi.yml")
    return not document.problems(value, document.schema(name))


@pytest.mark.parametrize("body", ACCEPTED, ids=lambda body: str(body["message"])[:70])
def test_accepted_requests_fit_the_document(body: Json) -> None:
    assert fits_document("message", body)


@pytest.mark.parametrize("body", ACCEPTED, ids=lambda body: str(body["message"])[:70])
def test_members_required_by_the_document_are_required(post: Post, body: Json) -> None:
    for incomplete in without_each_member(body):
        if not fits_document("message", incomplete):
            assert post(incomplete).status_code == 400, incomplete


def without_each_member(value: Json) -> list[Json]:
    """Return copies of an object, each without one of its members at any depth."""
    copies: list[Json] = []
    for key, inner in value.items():
        copies.append({other: member for other, member in value.items() if other != key})
        if isinstance(inner, dict):
            copies += [value | {key: incomplete} for incomplete in without_each_member(inner)]
    return copies


@pytest.mark.slow
@settings(max_examples=300)
@given(mutated(ACCEPTED))
def test_requests_outside_the_document_are_refused(body: Json) -> None:
    try:
        validate("application/json", json.dumps(body).encode())
    except ApiError:
        return
    assert fits_document("message", body)


def test_document_distinguishes_valid_and_invalid_bodies() -> None:
    assert fits_document("message", request("sms"))
    assert not fits_document("message", request("sms", IMAGE))
    assert not fits_document("inbound-message", request("sms"))
    assert not fits_document("MessageStatus", request("sms"))


@pytest.mark.parametrize("wire", SIDES)
def test_statuses_fit_the_document(
    post: Post, simulator: Simulator, site: Receiver, wire: str
) -> None:
    for recipient in (number_for("read"), number_for("rejected", 1300)):
        post(addressed(wire, recipient))
    simulator.wait_until_idle()
    assert len(site.deliveries) >= 4
    for delivery in site.deliveries:
        assert fits_document("MessageStatus", delivery.json), delivery.json


@pytest.mark.parametrize("wire", SIDES)
def test_inbound_messages_fit_the_document(simulator: Simulator, site: Receiver, wire: str) -> None:
    for content in INBOUND[wire]:
        simulator.customer_sends(content, channel=STORED[wire])
    simulator.wait_until_idle()
    assert len(site.deliveries) == len(INBOUND[wire])
    for delivery in site.deliveries:
        assert fits_document("inbound-message", delivery.json), delivery.json
