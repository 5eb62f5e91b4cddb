"""The table of HTTP error codes, which differ from status codes."""

import json
import re
from typing import Any

import pytest

from django_vonage_messages.protocol.error_codes import (
    ERROR_CODES,
    HTTP_ERRORS,
    ActionOwner,
    get_error_code,
    get_http_error,
)
from tests.spec import spec_file


def v1_document() -> Any:
    return json.loads(spec_file("messages-v1.openapi.json").read_text())


def test_shared_numbers_have_other_meanings_in_responses_and_statuses() -> None:
    shared = ERROR_CODES.keys() & HTTP_ERRORS.keys()
    assert shared == {"1000", "1010", "1060", "1100", "1120", "1140", "1150"}
    for code in shared:
        assert ERROR_CODES[code].title != HTTP_ERRORS[code].title
        assert ERROR_CODES[code].meaning != HTTP_ERRORS[code].meaning


@pytest.mark.parametrize(
    ("code", "status_title", "response_title"),
    [
        ("1120", "Illegal Sender Address - rejected", "Invalid sender"),
        ("1140", "Facility not allowed", "Invalid message type"),
        ("1150", "Invalid Message class", "Invalid params"),
    ],
)
def test_each_lookup_has_its_own_table(code: str, status_title: str, response_title: str) -> None:
    status, response = get_error_code(code), get_http_error(code)
    assert status is not None
    assert response is not None
    assert (status.title, response.title) == (status_title, response_title)


def test_table_contains_every_fragment_of_the_v1_document() -> None:
    fragments = set(re.findall(r"api-errors[^\"#]*#([\w-]+)", json.dumps(v1_document())))
    assert {"1120", "110", "unathorized", "low-balance"} <= fragments <= HTTP_ERRORS.keys()


def test_titles_equal_those_of_the_v1_document() -> None:
    schemas = v1_document()["components"]["schemas"]
    found = {}
    for name, schema in schemas.items():
        if name.startswith("Error") and name != "ErrorInternal":  # a 500 is no refusal
            examples = {key: value["example"] for key, value in schema["properties"].items() if
                        "example" in value}  # fmt: skip
            found[examples["type"].partition("#")[2]] = examples["title"]
    assert len(found) == 14
    found.pop("")  # an update that the channel does not support
    for code, title in found.items():
        title = title.replace("crendentials", "credentials").rstrip(".")
        assert HTTP_ERRORS[code].title == title


def test_table_contains_the_fragment_of_the_v0_1_document() -> None:
    document = spec_file("messages-v0.1.openapi.yml").read_text()
    found = set(re.findall(r"/Errors#(\w+)\"\n +title:\n.*\n +example: \"(.+)\"", document))
    assert found == {("InvalidParams", HTTP_ERRORS["InvalidParams"].title)}


def test_misspelling_of_the_document_has_the_same_meaning() -> None:
    misspelt, right = HTTP_ERRORS["unathorized"], HTTP_ERRORS["unauthorized"]
    assert (misspelt.title, misspelt.meaning) == (right.title, right.meaning)


def test_temporary_codes_have_the_owner_wait() -> None:
    waiting = {code for code, error in HTTP_ERRORS.items() if error.owner == ActionOwner.WAIT}
    assert waiting == {code for code, error in HTTP_ERRORS.items() if error.temporary}
    assert waiting == {"1000", "1010"}


def test_every_refused_message_may_be_resent() -> None:
    owners = {error.owner for error in HTTP_ERRORS.values()}
    assert not owners & {ActionOwner.NOTHING, ActionOwner.CUSTOMER}


def test_every_explanation_is_a_sentence_without_the_title() -> None:
    reference = spec_file("messages-v1.openapi.json").read_text()
    for code, error in HTTP_ERRORS.items():
        assert code == error.code
        for text in (error.meaning, error.advice):
            assert re.fullmatch(r"[A-Z].{10,200}\.", text), code
            assert "  " not in text
            assert text not in reference
            assert error.title not in text


@pytest.mark.parametrize("code", ["1120", " 1120 "])
def test_code_is_found_as_text(code: str) -> None:
    assert get_http_error(code) is HTTP_ERRORS["1120"]


@pytest.mark.parametrize("code", [None, "", "1130", "1240", "invalidparams", "x", "\ud800"])
def test_unknown_code_is_none(code: str | None) -> None:
    assert get_http_error(code) is None
