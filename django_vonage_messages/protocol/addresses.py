"""Normalisation and masking of phone numbers and senders."""

import re
import unicodedata
from typing import Final

import phonenumbers

MASK: Final = "•"

_SEPARATORS: Final = frozenset("./\N{MINUS SIGN}\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}")
_BRACKETS: Final = {"(": "(", "[": "(", ")": ")", "]": ")"}
_NO_BRACKETS: Final = {ord("("): None, ord(")"): None}
_DIALLED: Final = re.compile(r"\+?[0-9]+")
_BRACKETED_ZERO: Final = re.compile(r"\(?(?:\+|00)?\(?([1-9][0-9]{0,2})\)?\(0\)([0-9()]+)")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,6}")
# Characters that ASCII and the GSM alphabet share: phones show them unchanged. Sources:
# developer.vonage.com, "Custom sender ID"; 3GPP TS 23.040, originating address; 3GPP TS 23.038,
# default alphabet.
_NAME: Final = re.compile(r"[A-Za-z0-9 @$_!\"#%&'()*+,\-./:;<=>?]{1,11}")
# The Messages API requires E.164 digits without ``+`` or ``00`` (API reference, ``to.number``).
# Unassigned numbers are valid, because examples in the API reference use them.
_E164_DIGITS: Final = (7, 15)


class InvalidAddress(ValueError):
    """The value is not a valid number, ID or sender. The error text never contains the value."""


def normalize_number(value: str, region: str | None = None) -> str:
    """Return a phone number as ASCII digits with its country code. Raises InvalidAddress."""
    return _e164(_dialled(_strip_separators(value)), region)


def normalize_phone_sender(
    value: str, region: str | None = None, *, short_codes: bool = True, names: bool = True
) -> str:
    """Return a normalised number, short code or alphanumeric name. Raises InvalidAddress."""
    compact = _strip_separators(value)
    if names and is_alphanumeric(compact):
        return _normalize_name(value)
    dialled = _dialled(compact)
    if short_codes and _SHORT_CODE.fullmatch(dialled):
        return dialled
    return _e164(dialled, region)


def is_alphanumeric(sender: str) -> bool:
    """Return whether an SMS sender contains a letter."""
    return any(char.isalpha() for char in sender)


def is_known_region(region: str) -> bool:
    """Return whether ``region`` is an ISO 3166 country code in use, such as ``GB``."""
    return region.upper() in phonenumbers.SUPPORTED_REGIONS


def mask(address: str) -> str:
    """Return an address with at most the first 4 and the last 2 characters visible."""
    if _is_sender_name(address):  # no personal data
        return address
    shown = min(len(address) - 8, 4)  # at least 6 characters are hidden
    if shown < 0:
        return MASK * len(address)
    return address[:shown] + MASK * (len(address) - shown - 2) + address[-2:]


def _is_sender_name(address: str) -> bool:
    digits = sum(char.isdecimal() for char in address)
    return is_alphanumeric(address) and len(address) <= 11 and digits < _E164_DIGITS[0]


def _strip_separators(value: str) -> str:
    text = "".join(map(_plain_character, value))
    return text[4:] if text[:4].lower() == "tel:" else text


def _plain_character(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    # Spaces, invisible characters and dashes.
    if char.isspace() or unicodedata.category(char) in {"Cf", "Pd"}:
        return ""
    plain = unicodedata.normalize("NFKC", char) if unicodedata.category(char)[0] in "PS" else char
    return "" if plain in _SEPARATORS else _BRACKETS.get(plain, plain)


def _dialled(compact: str) -> str:
    if zero := _BRACKETED_ZERO.fullmatch(compact):
        return "+" + _without_trunk_zero(*(part.translate(_NO_BRACKETS) for part in zero.groups()))
    text = compact.translate(_NO_BRACKETS)
    if not text:
        raise InvalidAddress("The number is empty. Write it with its country code.")
    if not _DIALLED.fullmatch(text):
        raise InvalidAddress(
            "The number has invalid characters. Write it as digits only, with its country code."
        )
    return text


def _without_trunk_zero(country: str, rest: str) -> str:
    # Some numbers keep the zero if they are dialled from abroad, for example in Italy.
    try:
        with_zero = phonenumbers.parse(f"+{country}0{rest}")
    except phonenumbers.NumberParseException:
        return country + rest
    dialled = with_zero.italian_leading_zero and phonenumbers.is_valid_number(with_zero)
    return f"{country}0{rest}" if dialled else country + rest


def _e164(dialled: str, region: str | None) -> str:
    if dialled.startswith(("+", "00")):
        digits = _international(dialled)
    elif dialled.startswith("0"):  # a national number of ``region``
        digits = _national(dialled, region)
    else:
        digits = dialled
    shortest, longest = _E164_DIGITS
    if not shortest <= len(digits) <= longest:
        size = "few" if len(digits) < shortest else "many"
        raise InvalidAddress(
            f"The number has too {size} digits ({len(digits)}). With its country code, it must "
            f"have {shortest} to {longest}."
        )
    return digits


def _international(dialled: str) -> str:
    digits = dialled[1:] if dialled.startswith("+") else dialled[2:]
    if digits.startswith("0"):
        raise InvalidAddress(
            "The number has a 0 in place of a country code. Write the country code first."
        )
    return digits


def _national(dialled: str, region: str | None) -> str:
    if not region:
        raise InvalidAddress(
            "The number begins with 0, so its country is unknown. Write it with its country code, "
            "or set the account's REGION."
        )
    if not is_known_region(region):
        raise InvalidAddress(f"The region {region!r} is unknown. Use a country's ISO 3166 letters.")
    try:
        parsed = phonenumbers.parse(dialled, region.upper())
    except phonenumbers.NumberParseException as exc:
        raise InvalidAddress(
            f"The number is not a valid national number of {region.upper()}. Write it with its "
            "country code."
        ) from exc
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[1:]


def _normalize_name(value: str) -> str:
    visible = (char for char in value if unicodedata.category(char) != "Cf")
    name = "".join(visible).strip()
    if not _NAME.fullmatch(name):
        raise InvalidAddress(
            "An alphanumeric sender must have 1 to 11 characters: letters A to Z, digits, spaces "
            "and common punctuation. Correct the name, or use a number with its country code."
        )
    return name
