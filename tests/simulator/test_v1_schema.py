"""Validation of v1 compared with the official OpenAPI document, if it is available.

The simulator accepts every request that the document describes, except for limits that are only in
its prose. It refuses every request that the document refuses.
"""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from django_vonage_messages.simulator.responses import ApiError
from django_vonage_messages.simulator.v1.validate import validate
from tests.openapi.documents import Document, Schema, load_document
from tests.openapi.generation import bodies
from tests.simulator.bodies import Json
from tests.simulator.mutations import mutated
from tests.simulator.v1_bodies import DESCRIBED, NEWER, SIDES, SIZE, URL, v1

V1 = "messages-v1.openapi.json"


def document() -> Document:
    return load_document(V1)


def request_schema() -> Schema:
    operation = document().data["paths"]["/v1/messages"]["post"]
    schema: Schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def fits_document(body: object) -> bool:
    return not document().problems(body, request_schema())


def request_problem(body: object) -> str:
    """Return the error of a request, or "" for a valid request."""
    try:
        validate("application/json", json.dumps(body).encode())
    except ApiError as error:
        return json.dumps(error.response.body())
    return ""


@pytest.mark.parametrize("body", DESCRIBED, ids=lambda body: json.dumps(body)[:90])
def test_accepted_requests_fit_the_document(body: Json) -> None:
    assert fits_document(body)


@pytest.mark.slow
@settings(max_examples=400)
@given(mutated(DESCRIBED))
def test_requests_outside_the_document_are_refused(body: Json) -> None:
    if not request_problem(body) and not is_newer(body):
        assert fits_document(body)


def is_newer(body: Json) -> bool:
    """Return whether the request has a form that the document does not have yet."""
    message_type, channel = body["message_type"], body["channel"]
    return message_type in {"card", "carousel"} or (channel, message_type) == (
        "viber_service",
        "video",
    )


def leaves(schema: Schema) -> list[Schema]:
    """Return the schema of each message type, without its failover."""
    if "oneOf" in schema:
        return [leaf for inner in schema["oneOf"] for leaf in leaves(inner)]
    own = [part for part in schema["allOf"] if not part.get("$ref", "").endswith("/Failover")]
    return [{"allOf": own}]


@pytest.mark.slow
def test_requests_of_the_document_are_accepted() -> None:
    kinds = leaves(request_schema())
    assert len(kinds) == 31
    for kind in kinds:
        check = given(bodies(document(), kind))(_is_accepted)
        settings(max_examples=6, database=None)(check)()


def _is_accepted(body: Json) -> None:
    plausible = _made_plausible(body)
    assert fits_document(plausible), plausible
    assert not request_problem(plausible), plausible


# Rules that are only in the document's prose or implied: the form of addresses and numbers, texts
# that are not empty, at least one attachment.
_PLAUSIBLE: dict[str, Any] = {
    "text": "Hello",
    "url": URL,
    "thumb_url": URL,
    "duration": "123",
    "file_size": "1",
    "name": "a.pdf",
    "emoji": "👍",
    "id": "447700900000",
    "locale": "en-GB",
    "message_uuid": "447700900000",
    "webhook_url": "http://127.0.0.1:8000/status",
    "category": None,
    "tag": "CONFIRMED_EVENT_UPDATE",
    "ttl": 600,
}


def _made_plausible(body: Json) -> Json:
    to, from_ = SIDES[body["channel"]]
    kind = body["message_type"]
    content = body.get(kind, {})
    made = {**_plausible(body), "to": to, "from": from_}
    if kind == "custom":
        made[kind] = content
    elif kind == "content":
        made[kind] = made[kind] or [{"type": "image", "url": URL}]
    elif kind in {"sticker", "reaction"}:
        made[kind] = _one_form(made[kind])
    elif (kind, body["channel"]) == ("video", "viber_service"):
        made[kind] |= SIZE  # the document requires these members without defining them
    if kind == "image" and "action" in made.get("viber_service", {}):
        made[kind]["caption"] = "A caption"
    if made.get("messenger", {}).get("category") == "message_tag":
        made["messenger"]["tag"] = _PLAUSIBLE["tag"]
    return made


def _plausible(value: Any, key: str = "") -> Any:
    """Return a body without unknown names below its top level, and with plausible values."""
    if isinstance(value, dict):
        kept_members = {
            name: each for name, each in value.items() if not (key and name[:2] == "x_")
        }
        return {name: _plausible(each, name) for name, each in kept_members.items()}
    if isinstance(value, list):
        return [_plausible(each, "item") for each in value]
    return value if _PLAUSIBLE.get(key) is None else _PLAUSIBLE[key]


def _one_form(content: Json) -> Json:
    """Return one of the two forms; the document allows both at once."""
    if content.get("action") == "unreact":
        return {"action": "unreact"}
    return {"url": URL} if "url" in content else content


@pytest.mark.parametrize("body", NEWER, ids=lambda body: json.dumps(body)[:90])
def test_newer_requests_are_accepted(body: Json) -> None:
    assert not request_problem(body)


def test_document_distinguishes_valid_and_invalid_bodies() -> None:
    assert fits_document(v1())
    assert not fits_document(v1("mms", "sticker", {"url": URL}))
