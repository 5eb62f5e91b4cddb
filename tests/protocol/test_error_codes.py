import json
import re

import pytest

from django_vonage_messages.protocol.error_codes import ERROR_CODES, ActionOwner, get_error_code
from django_vonage_messages.protocol.error_codes.added_in_v1 import V1_CODES
from tests.spec import spec_file


def _spec(name: str) -> str:
    return spec_file(name).read_text()


NEW_IN_V1 = {error.code for error in V1_CODES}


def test_table_contains_63_codes_by_their_numbers():
    assert len(ERROR_CODES) == 63
    assert len(NEW_IN_V1) == 19
    assert all(code == error.code for code, error in ERROR_CODES.items())
    assert (min(ERROR_CODES), max(ERROR_CODES)) == ("1000", "1484")


def test_table_contains_every_code_of_v1_with_its_title():
    listed = json.loads(_spec("messages-v1.openapi.json"))["x-errors"]
    assert set(listed) == set(ERROR_CODES)
    for code in NEW_IN_V1:
        title = re.split(r" +-  ?", listed[code]["description"])[0]
        assert ERROR_CODES[code].title == title


def test_every_title_begins_its_line_in_the_reference():
    errors = _spec("messages-api-v0-reference.txt").partition("\nErrores\n")[2]
    lines = dict(re.findall(r"^(?:CódigoInformación\n)?(1\d{3})\n\n(.+)$", errors, re.M))
    assert set(lines) == set(ERROR_CODES) - NEW_IN_V1
    for code, line in lines.items():
        assert line.startswith(f"{ERROR_CODES[code].title} - ")


def test_titles_equal_those_of_the_openapi_document():
    errors = _spec("messages-v0.1.openapi.yml").partition("\nx-errors:\n")[2]
    found = re.findall(r'^  "(\d{4})":\n    description: (.+)$', errors, re.M)
    assert len(found) == 44
    for code, text in found:
        title, wide, _ = text.partition("  -  ")
        assert ERROR_CODES[code].title == (title if wide else text.partition(" - ")[0])


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("1000", "Throttled"),
        ("1120", "Illegal Sender Address - rejected"),
        ("1210", "Anti-Spam Rejection"),
        ("1290", "Pre-Paid - Insufficient funds"),
        ("1300", "Not part of the provider network"),
        ("1382", "Resource type is invalid"),
    ],
)
def test_titles_are_verbatim(code, title):
    assert ERROR_CODES[code].title == title


def test_temporary_codes_have_the_owner_wait():
    temporary = {code for code, error in ERROR_CODES.items() if error.temporary}
    at_once = {"1000", "1030", "1100", "1180", "1220", "1230", "1331"}
    much_later = {"1241", "1460", "1461", "1472"}
    assert temporary == at_once | much_later
    waiting = {code for code, error in ERROR_CODES.items() if error.owner == ActionOwner.WAIT}
    assert waiting == temporary


@pytest.mark.parametrize(
    ("code", "owner"),
    [
        ("1010", ActionOwner.DEVELOPER),
        ("1070", ActionOwner.ACCOUNT_OWNER),
        ("1170", ActionOwner.STAFF),
        ("1240", ActionOwner.CUSTOMER),
        ("1250", ActionOwner.VONAGE),
        ("1320", ActionOwner.NOTHING),
        ("1360", ActionOwner.STAFF),
    ],
)
def test_codes_have_the_expected_owner(code, owner):
    assert ERROR_CODES[code].owner == owner


def test_every_action_owner_is_used_and_has_its_own_label():
    assert {error.owner for error in ERROR_CODES.values()} == set(ActionOwner)
    assert len({owner.label for owner in ActionOwner}) == len(ActionOwner)


def test_every_explanation_is_a_sentence_without_the_title():
    for error in ERROR_CODES.values():
        for text in (error.meaning, error.advice):
            assert re.fullmatch(r"[A-Z].{10,200}\.", text), error.code
            assert "  " not in text
            assert error.title not in text or len(error.title) < 12


def test_no_explanation_is_taken_from_the_reference():
    reference = _spec("messages-api-v0-reference.txt") + _spec("messages-v1.openapi.json")
    for error in ERROR_CODES.values():
        assert error.meaning not in reference
        assert error.advice not in reference


@pytest.mark.parametrize("code", [1300, "1300", " 1300 "])
def test_code_is_found_as_a_number_and_as_text(code):
    found = get_error_code(code)
    assert found is ERROR_CODES["1300"]


@pytest.mark.parametrize(
    "code",
    [None, "", 0, -1300, 1301, "1301", True, "x", "\ud800", pytest.param(10**5000, id="huge")],
)
def test_unknown_code_is_none(code):
    assert get_error_code(code) is None
