"""The table of what an HTTP error answers a send with, which is not that of the statuses."""

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


def test_the_same_number_means_other_things_in_a_status_and_in_an_answer() -> None:
    shared = ERROR_CODES.keys() & HTTP_ERRORS.keys()
    assert shared == {"1000", "1010", "1060", "1100", "1120", "1140", "1150"}
    for code in shared:
        assert ERROR_CODES[code].title != HTTP_ERRORS[code].title
        assert ERROR_CODES[code].meaning != HTTP_ERRORS[code].meaning


@pytest.mark.parametrize(
    ("code", "in_a_status", "in_an_answer"),
    [
        ("1120", "Illegal Sender Address - rejected", "Invalid sender"),
        ("1140", "Facility not allowed", "Invalid message type"),
        ("1150", "Invalid Message class", "Invalid params"),
    ],
)
def test_each_lookup_has_its_own_table(code: str, in_a_status: str, in_an_answer: str) -> None:
    status, answer = get_error_code(code), get_http_error(code)
    assert status is not None
    assert answer is not None
    assert (status.title, answer.title) == (in_a_status, in_an_answer)


def test_every_fragment_of_the_v1_document_is_there() -> None:
    fragments = set(re.findall(r"api-errors[^\"#]*#([\w-]+)", json.dumps(v1_document())))
    assert {"1120", "110", "unathorized", "low-balance"} <= fragments <= HTTP_ERRORS.keys()


def test_titles_are_those_of_the_v1_documents_errors() -> None:
    schemas = v1_document()["components"]["schemas"]
    found = {}
    for name, schema in schemas.items():
        if name.startswith("Error") and name != "ErrorInternal":  # a 500, which refuses nothing
            examples = {key: value["example"] for key, value in schema["properties"].items() if
                        "example" in value}  # fmt: skip
            found[examples["type"].partition("#")[2]] = examples["title"]
    assert len(found) == 14
    found.pop("")  # a PATCH that the channel does not have
    for code, title in found.items():
        title = title.replace("crendentials", "credentials").rstrip(".")
        assert HTTP_ERRORS[code].title == title


def test_the_fragment_of_the_v0_1_document_is_there() -> None:
    document = spec_file("messages-v0.1.openapi.yml").read_text()
    found = set(re.findall(r"/Errors#(\w+)\"\n +title:\n.*\n +example: \"(.+)\"", document))
    assert found == {("InvalidParams", HTTP_ERRORS["InvalidParams"].title)}


def test_the_documents_misspelling_means_the_same() -> None:
    misspelt, right = HTTP_ERRORS["unathorized"], HTTP_ERRORS["unauthorized"]
    assert (misspelt.title, misspelt.meaning) == (right.title, right.meaning)


def test_only_what_asks_to_wait_is_temporary() -> None:
    waiting = {code for code, error in HTTP_ERRORS.items() if error.owner == ActionOwner.WAIT}
    assert waiting == {code for code, error in HTTP_ERRORS.items() if error.temporary}
    assert waiting == {"1000", "1010"}


def test_what_was_refused_at_once_may_always_be_sent_again() -> None:
    owners = {error.owner for error in HTTP_ERRORS.values()}
    assert not owners & {ActionOwner.NOTHING, ActionOwner.CUSTOMER}


def test_every_code_is_explained_in_whole_sentences_of_our_own() -> None:
    reference = spec_file("messages-v1.openapi.json").read_text()
    for code, error in HTTP_ERRORS.items():
        assert code == error.code
        for text in (error.meaning, error.advice):
            assert re.fullmatch(r"[A-Z].{10,200}\.", text), code
            assert "  " not in text
            assert text not in reference
            assert error.title not in text


@pytest.mark.parametrize("given", ["1120", " 1120 "])
def test_codes_are_found_as_text(given: str) -> None:
    assert get_http_error(given) is HTTP_ERRORS["1120"]


@pytest.mark.parametrize("given", [None, "", "1130", "1240", "invalidparams", "x", "\ud800"])
def test_unknown_codes_are_none(given: str | None) -> None:
    assert get_http_error(given) is None
