import re
import time
import uuid

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_vonage_messages.protocol import signatures
from django_vonage_messages.protocol.redaction import MAX_LENGTH, redact

IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}", re.I)

any_text = st.text(st.characters(exclude_categories=()))
identifiers = st.uuids().map(str) | st.uuids().map(lambda value: value.hex)
digit_uuids = st.from_regex(r"[0-9]{8}-([0-9]{4}-){3}[0-9]{12}", fullmatch=True)
pieces = st.lists(
    st.sampled_from(
        [*"ab .,-_()/:?&=+@\"'\\\n\xa0", "secret=", "token:", "Bearer ", "https://", "u:p@h"]
    )
    | st.from_regex(r"[0-9]{1,16}", fullmatch=True)
    | st.text("0123456789abcdef-", max_size=40)
    | digit_uuids
    | identifiers
    | any_text,
    max_size=25,
).map("".join)


@given(pieces, st.integers(1, 600))
@example("e3e70682-c209-4cac-629f-6fbed82c07cd000000000000f728b4fa-4248-5e3a-0a5d-2f346baa9455", 57)
def test_seven_digits_in_a_row_remain_only_in_identifiers(text, limit):
    redacted = redact(text, limit)
    assert not re.search(r"\d{7}", IDENTIFIER.sub(" ", redacted))
    assert len(redacted) <= limit


@given(any_text, st.integers(1, 20))
def test_any_text_can_be_redacted(text, limit):
    assert len(redact(text, limit)) <= limit
    redact(text)


@given(st.text(st.characters(categories=["L", "P", "Zs"], exclude_characters="@=:"), max_size=60))
def test_harmless_text_is_unchanged(text):
    if "bearer" not in text.lower() and "basic" not in text.lower():
        assert redact(text) == text


@given(digit_uuids | identifiers, st.sampled_from([" ", ", ", "'", '"', "\n", "(", "/", "_", "="]))
def test_identifiers_are_unchanged(identifier, edge):
    assert redact(f"see{edge}{identifier}{edge}now") == f"see{edge}{identifier}{edge}now"
    assert redact(identifier) == identifier


@pytest.mark.parametrize(
    "identifier",
    [
        "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
        "AAAAAAAA-BBBB-CCCC-DDDD-0123456789AB",
        "12345678-1234-1234-1234-123456789012",
        "12345678123412341234123456789012",
        "f94b4e0000000000000000000000000a",
    ],
)
def test_identifiers_beside_a_number_are_unchanged(identifier):
    text = f"{identifier} 447700900000 {identifier}"
    assert redact(text) == f"{identifier} •••••••••••• {identifier}"


@pytest.mark.parametrize(
    "joined",
    [
        "12345678-1234-1234-1234-1234567890123",
        "112345678-1234-1234-1234-123456789012",
        "123456781234123412341234567890123",
        "1234-12345678123412341234123456789012",
    ],
)
def test_digits_joined_to_an_identifier_are_masked_with_it(joined):
    assert not re.search(r"\d", redact(joined))


@pytest.mark.parametrize(
    "number",
    [
        "447700900000",
        "+447700900000",
        "+44 7700 900000",
        "+44 (0)7700 900000",
        "(07700) 900-000",
        "0044.7700.900000",
        "07700/900000",
        "+44\xa07700\u2009900\u2011000",
        "٤٤٧٧٠٠٩٠٠٠٠٠",
        "\u202a+447700900000\u202c",
        "1234567",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "Key (to)=({}) exists", "x{}y", "to: '{}'.", "tel:{}"])
def test_every_spelling_of_a_number_is_masked(number, frame):
    redacted = redact(frame.format(number))
    assert not any(char.isdecimal() for char in redacted)
    assert "•••••••" in redacted


@pytest.mark.parametrize("text", ["error 1300", "HTTP 429", "10.0.0.1:8000", "v0.1", "123456"])
def test_short_numbers_are_unchanged(text):
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("write to john.doe+x@mail.example.com!", "write to [email]"),
        ('"to": "o@example.com", "a": 1', '"to": "[email]", "a": 1'),
        ("a@b@c d", "[email] d"),
        ("Authorization: Bearer abc.DEF_1-2~3+/=", "Authorization: Bearer [token]"),
        ("'authorization': 'basic dXNlcjpwYXNz', 'b': 1", "'authorization': [secret], 'b': 1"),
        ("Basic dXNlcjpwYXNz, then", "Basic [token], then"),
        ("api_secret=hunter2&to=5", "api_secret=[secret]&to=5"),
        ("API_SECRET = hunter2", "API_SECRET = [secret]"),
        ("password: hunter2, next", "password: [secret], next"),
        ('{"password": "a \\" b c", "ok": 1}', '{"password": [secret], "ok": 1}'),
        ("{'access_token': 'a b', 'ok': 1}", "{'access_token': [secret], 'ok': 1}"),
        ("secret='never closed 1", "secret=[secret]"),
        ("sig=abcdef&x=1", "sig=[secret]&x=1"),
        ("token=aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "token=[secret]"),
        ("Expired access Token - log in", "Expired access Token - log in"),
        ("signal: strong", "signal: strong"),
        ("postgres://user:pass@host:5432/db", "postgres://host:5432/db"),
        ("postgres://u:p/a@s@host/db", "postgres://host/db"),
        ("postgres://u:p?ss@host/db", "postgres://?…"),
        (
            "GET https://h.example/a/b?x=secretvalue&y=1 failed",
            "GET https://h.example/a/b?… failed",
        ),
        ("https://h.example/p?next=a@hunter2", "https://h.example/p?…"),
        ("https://h.example/447700900000/x", "https://h.example/••••••••••••/x"),
        ("https://h.example/Errors#InvalidParams", "https://h.example/Errors#InvalidParams"),
        ("https://h.example/#access_token=abc", "https://h.example/#access_token=[secret]"),
        ("https://[::1/?a", "https://[::1/?…"),
        ("a -----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY----- b", "a [key] b"),
        ("a -----BEGIN RSA PRIVATE KEY-----\nMII cut off", "a [key]"),
        (
            "django.db.utils.IntegrityError: app_message.to",
            "django.db.utils.IntegrityError: app_message.to",
        ),
    ],
)
def test_secrets_of_each_kind_are_redacted(text, redacted):
    assert redact(text) == redacted


@given(st.text(max_size=10), st.text(max_size=10), st.booleans())
def test_tokens_are_always_redacted(before, after, truncated):
    token = signatures.sign(b"body", "a secret of Vonage", api_key="abcd1234")
    if truncated:
        token = token[: token.rindex(".")]
    redacted = redact(f"{before} {token} {after}")
    for part in token.split("."):
        assert part not in redacted


def test_any_three_part_token_is_redacted():
    part = "Zm9vYmFyYmF6cXV4_-a"
    assert redact(f"got {part}.{part}.{part}!") == "got [token]!"


def test_long_text_is_cut_with_an_ellipsis():
    assert redact("ab " * 400) == ("ab " * 400)[: MAX_LENGTH - 1] + "…"
    assert redact("a" * MAX_LENGTH) == "a" * MAX_LENGTH
    assert redact("abcdef", limit=4) == "abc…"


def test_secrets_are_masked_before_the_cut():
    assert "hunter" not in redact("a" * 485 + " password=hunter2hunter2hunter2")
    assert "44770" not in redact("a" * 490 + " 447700900000")


def test_identifier_broken_by_the_cut_is_masked():
    cut = redact("12345678-1234-1234-1234-123456789012", limit=35)
    assert cut == "•" * 34 + "…"


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "1 ",
        "1----",
        "a@",
        "@",
        "a://",
        "://",
        "eyJ",
        "a.",
        "(",
        "\\",
        "secret",
        'secret="',
        "token='\\",
        "bearer ",
        "-----BEGIN ",
        "-----BEGIN A-----",
        "password:   ",
        str(uuid.UUID(int=0)),
    ],
)
def test_long_texts_are_redacted_quickly(unit):
    started = time.process_time()
    redact(unit * (1_000_000 // len(unit)))
    assert time.process_time() - started < 0.25
