import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_vonage_messages.protocol.addresses import (
    InvalidAddress,
    is_alphanumeric,
    is_known_region,
    mask,
    normalize_number,
    normalize_phone_sender,
)

REGIONS = [None, "", "GB", "US", "IT", "AU", "JP"]
e164 = st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True)
separators = st.text(" .-/\t\xa0\u2009\u202f\u2010\u2011\u2013\u2212\u200e\u200f\u202a\u202c\ufeff")
any_text = st.text(st.characters(exclude_categories=()), max_size=30)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    "written",
    [
        "447700900000",
        "+447700900000",
        "00447700900000",
        "0044 7700 900000",
        "+44 7700 900000",
        "+44 (0)7700 900000",
        "+44 ( 0 ) 7700 900000",
        "+44(0)7700-900000",
        "+44 [0]7700 900000",
        "(+44)(0)7700 900000",
        "0044 (0)7700 900000",
        "44 (0)7700 900000",
        "(+44) 7700-900.000",
        "(0044) 7700/900/000",
        "(00)447700900000",
        "tel:+44-7700-900000",
        "TEL:447700900000",
        " \t447700900000\n",
        "\u202a+44 7700 900000\u202c",
        "\u200e447700900000",
        "+44\xa07700\u2009900\u202f000",
        "+44‑7700‐900–000—",
        "+44 7700−900000",
        "+٤٤٧٧٠٠٩٠٠٠٠٠",
        "४४७७००९०००००",
        "＋４４（０）７７００　９０００００",
        "44ー7700ー900000",
    ],
)
def test_every_spelling_of_a_number_is_normalised_in_every_region(written, region):
    assert normalize_number(written, region) == "447700900000"


@pytest.mark.parametrize("region", REGIONS)
@given(number=e164)
def test_digits_that_do_not_begin_with_0_are_unchanged_in_every_region(region, number):
    assert normalize_number(number, region) == number


@given(e164, st.sampled_from(["", "+", "00", "tel:+", "tel:"]), st.data())
def test_separators_are_ignored_in_any_position(number, prefix, data):
    spaced = "".join(char + data.draw(separators) for char in number)
    assert normalize_number(prefix + spaced) == number


@pytest.mark.parametrize("number", ["447700900000", "15550100000", "999999999999999", "1111111"])
def test_unassigned_numbers_are_accepted(number):
    assert normalize_number("+" + number, "GB") == number


@pytest.mark.parametrize(
    ("written", "region", "expected"),
    [
        ("07700 900000", "GB", "447700900000"),
        ("07700 900000", "gb", "447700900000"),
        ("(07700) 900000", "GB", "447700900000"),
        ("06 12 34 56 78", "FR", "33612345678"),
        ("0171/1234567", "DE", "491711234567"),
        ("02 1234 5678", "IT", "390212345678"),
        ("011 44 7700 900000", "US", "447700900000"),
        ("٠٧٧٠٠٩٠٠٠٠٠", "GB", "447700900000"),
    ],
)
def test_number_with_one_leading_0_is_national(written, region, expected):
    assert normalize_number(written, region) == expected


@pytest.mark.parametrize("region", [None, ""])
def test_national_number_is_refused_without_a_region(region):
    with pytest.raises(InvalidAddress, match="REGION"):
        normalize_number("07700 900000", region)


@pytest.mark.parametrize("region", ["ZZ", "UK", "GBR", "44", "\ud800"])
def test_unknown_region_is_refused(region):
    assert not is_known_region(region)
    with pytest.raises(InvalidAddress, match=r"is unknown\. Use a country"):
        normalize_number("07700 900000", region)


@pytest.mark.parametrize("region", ["GB", "gb", "XK"])
def test_regions_are_case_insensitive(region):
    assert is_known_region(region)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+39 (0)6 1234 5678", "390612345678"),  # Italy's zero is also dialled from abroad
        ("+49 (0)171 1234567", "491711234567"),
        ("+1 (0)212 555 0100", "12125550100"),
        ("+999 (0)123 4567", "9991234567"),  # no such country
        ("4477(0)0900000", "447700900000"),  # no country code before the bracket
    ],
)
def test_bracketed_zero_is_removed_unless_it_is_dialled_from_abroad(written, expected):
    assert normalize_number(written) == expected


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "empty"),
        (" \u200e-()", "empty"),
        ("+", "invalid characters"),
        ("123456", "too few digits"),
        ("+123456", "too few digits"),
        ("00", "too few digits"),
        ("1234567890123456", "too many digits"),
        pytest.param("1" * 5000, "too many digits", id="huge"),
        ("+04477009000", "in place of a country code"),
        ("+00447700900000", "in place of a country code"),
        ("000447700900000", "in place of a country code"),
        ("00(0)447700900000", "in place of a country code"),
        ("44+7700900000", "invalid characters"),
        ("++447700900000", "invalid characters"),
        ("447700900000x12", "invalid characters"),
        ("447700900000,447700900001", "invalid characters"),
        ("+44 7700 9ooooo", "invalid characters"),
        ("4477009²0000", "invalid characters"),
        ("447700\x00900000", "invalid characters"),
        ("tel:tel:447700900000", "invalid characters"),
        ("07", "too few digits"),
        pytest.param("0" + "7" * 300, "not a valid national number", id="long national"),
    ],
)
def test_invalid_number_is_refused_with_the_reason(written, problem):
    with pytest.raises(InvalidAddress, match=problem):
        normalize_number(written, "GB")


@given(any_text | st.text("0123456789+() ", max_size=25), st.sampled_from(REGIONS))
def test_normalisation_of_any_text_is_idempotent(text, region):
    for normalise in (normalize_number, normalize_phone_sender):
        try:
            result = normalise(text, region)
        except InvalidAddress:
            continue
        assert result.isascii()
        assert normalise(result, region) == result
        if normalise is normalize_number:
            assert re.fullmatch(r"[0-9]{7,15}", result)


@pytest.mark.parametrize(
    "written", ["+0447700900000", "0999 447700900000111", "447700900000x", "4477009000001234567"]
)
def test_error_does_not_repeat_the_number(written):
    for normalise in (normalize_number, normalize_phone_sender):
        with pytest.raises(InvalidAddress) as caught:
            normalise(written, None)
        assert not re.search(r"\d{3}", str(caught.value))


def test_many_brackets_are_refused_quickly():
    with pytest.raises(InvalidAddress):
        normalize_number("(" * 100_000)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+44 7700 900001", "447700900001"),
        ("tel:+447700900001", "447700900001"),
        ("07700 900001", "447700900001"),
        ("123", "123"),
        ("12345", "12345"),
        ("12-34-56", "123456"),
        ("٦٠٧٠٠", "60700"),
        ("Acme", "Acme"),
        ("A", "A"),
        ("  Acme Shop\u200e ", "Acme Shop"),
        ("B&Q No.1-A_+!", None),
        ("B&Q-1.A_+!", "B&Q-1.A_+!"),
        ("1234567890a", "1234567890a"),
        ("1234567890ab", None),
        ("Café", None),
        ("Акме", None),
        ("Acme~", None),
        ("A\x00me", None),
        ("A\nB", None),
        ("", None),
        ("!!!", None),
        ("12", None),
        ("+12345", None),
        ("\ud800", None),
    ],
)
def test_sender_is_a_number_a_short_code_or_a_name(written, expected):
    if expected is None:
        with pytest.raises(InvalidAddress):
            normalize_phone_sender(written, "GB")
    else:
        assert normalize_phone_sender(written, "GB") == expected


@pytest.mark.parametrize(
    ("sender", "expected"),
    [("Acme", True), ("1a", True), ("447700900001", False), ("12345", False), ("", False)],
)
def test_only_names_are_alphanumeric(sender, expected):
    assert is_alphanumeric(sender) is expected


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("447700900000", "4477••••••00"),
        ("15550100123", "155••••••23"),
        ("447700900000123", "4477•••••••••23"),
        ("12345678", "••••••78"),
        ("1234567", "•••••••"),
        ("12345", "•••••"),
        ("", ""),
        ("Acme Shop", "Acme Shop"),
        ("US.13491208655302741918", "US.1•••••••••••••••••18"),
        ("a.customer.by.name", "a.cu••••••••••••me"),
        ("x4477009000", "x44••••••00"),
    ],
)
def test_mask_shows_at_most_four_and_two_characters(address, masked):
    assert mask(address) == masked


@given(st.text("0123456789+ ", max_size=60))
def test_mask_hides_at_least_six_characters(address):
    masked = mask(address)
    assert len(masked) == len(address)
    assert masked.count("•") >= min(6, len(address))
    shown = [n for n, char in enumerate(masked) if char != "•"]
    assert all(n < 4 or n >= len(address) - 2 for n in shown)
    assert all(masked[n] == address[n] for n in shown)
