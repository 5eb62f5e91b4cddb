import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_vonage_messages.protocol.sanitize import (
    MAX_DEPTH,
    UnusableBody,
    load_object,
    sanitize,
    sanitize_text,
)

# Every character, including surrogates and NUL.
any_text = st.text(st.characters(exclude_categories=()), max_size=40)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=15,
)


def _nested(levels: int) -> bytes:
    """Return an object with ``levels`` levels of objects and arrays, including itself."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def _texts(data):
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        for item in data:
            yield from _texts(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(key)
            yield from _texts(value)


@given(any_text)
def test_sanitized_text_can_be_encoded_and_has_no_nul(text):
    stored = sanitize_text(text)
    assert "\x00" not in stored
    stored.encode()
    assert len(stored) == len(text)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_sanitize_text_leaves_valid_text_unchanged(text):
    assert sanitize_text(text) == text


def test_sanitize_text_counts_characters():
    assert sanitize_text("a\x00😀bc", limit=3) == "a\ufffd😀"


@given(any_json)
def test_sanitize_covers_every_string_and_key(data):
    for text in _texts(sanitize(data)):
        assert "\x00" not in text
        text.encode()


@given(st.dictionaries(any_text, any_json, max_size=4))
def test_loaded_json_is_sanitized(data):
    # dumps escapes surrogates, and loads decodes an escaped pair to one character
    body = json.dumps(data).encode()
    try:
        loaded = load_object(body)
    except UnusableBody:
        assert b"Infinity" in body
        return
    assert loaded == sanitize(json.loads(body))
    assert json.loads(json.dumps(loaded, allow_nan=False).encode()) == loaded


@given(st.binary(max_size=200))
def test_any_bytes_are_loaded_or_rejected(body):
    with contextlib.suppress(UnusableBody):
        assert isinstance(load_object(body), dict)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"12",
        b"{",
        b"{} {}",
        b'{"a": NaN}',
        b'{"a": [Infinity]}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\xff"}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a":' * 100_000,
        _nested(100_000),
    ],
    ids=lambda body: repr(body[:16]),
)
def test_load_object_rejects_unusable_bodies(body):
    with pytest.raises(UnusableBody):
        load_object(body)


def test_error_does_not_repeat_the_body():
    with pytest.raises(UnusableBody) as caught:
        load_object(b'{"number": "447700900000"')
    assert "447700900000" not in str(caught.value)


def test_byte_order_mark_is_ignored():
    assert load_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_nesting_over_the_limit_is_rejected():
    load_object(_nested(MAX_DEPTH))
    with pytest.raises(UnusableBody):
        load_object(_nested(MAX_DEPTH + 1))


@pytest.mark.parametrize("wrap", [b'{"a":%s}', b"[%s]"])
def test_objects_and_arrays_both_count_as_levels(wrap):
    body = b"1"
    for _ in range(MAX_DEPTH - 1):
        body = wrap % body
    load_object(b'{"a":%s}' % body)
    with pytest.raises(UnusableBody):
        load_object(b'{"a":%s}' % (wrap % body))


def test_depth_limit_is_below_the_32_levels_of_mariadb():
    assert MAX_DEPTH == 20


def test_wide_body_is_accepted():
    assert len(load_object(json.dumps({str(n): [n] for n in range(5000)}).encode())) == 5000
