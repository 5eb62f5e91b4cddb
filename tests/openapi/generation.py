"""Hypothesis strategies for bodies that fit a schema.

The existing library for it does not work with current hypothesis versions. ``_PLAUSIBLE`` limits
values where the schema is open and other pages of the reference are not.
"""

import string
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.openapi.documents import Document, Schema

_TEXT = st.text(max_size=30)
_NAMES = st.text(string.ascii_lowercase, min_size=3, max_size=12).map("x_{}".format)
_TIMES = st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")
_URLS = st.from_regex(r"https://[a-z]{1,12}\.example/[A-Za-z0-9/._~%-]{0,40}", fullmatch=True)
# An address has 1 to 50 characters in the reference; an empty one is invalid.
_ADDRESSES = st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True) | st.text(min_size=1, max_size=50)
_UUIDS = st.uuids(version=4).map(str)
_PLAUSIBLE: dict[str, st.SearchStrategy[Any]] = {
    "message_uuid": _UUIDS,
    "number": _ADDRESSES,
    "id": _ADDRESSES,
    "timestamp": _TIMES,
    "url": _URLS,
}


def bodies(document: Document, schema: Schema) -> st.SearchStrategy[Any]:
    """Return a strategy of values that fit ``schema``; some objects have an unknown member."""
    return _values(document, schema, "")


def _values(document: Document, schema: Schema, name: str) -> st.SearchStrategy[Any]:
    schema = document.resolved(schema)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            rest = {key: value for key, value in schema.items() if key != choice}
            parts = [{"allOf": [rest, part]} for part in schema[choice]]
            return st.one_of([_values(document, part, name) for part in parts])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "properties" in schema:
        return _objects(document, schema)
    if name in _PLAUSIBLE:
        return _PLAUSIBLE[name]
    return _SCALARS[schema.get("type", "string")](document, schema)


def _objects(document: Document, schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    members = {name: _values(document, part, name) for name, part in schema["properties"].items()}
    required = {name: members[name] for name in schema.get("required", ()) if name in members}
    optional = {name: part for name, part in members.items() if name not in required}
    listed = st.fixed_dictionaries(required, optional=optional)
    if schema.get("additionalProperties") is False:
        return listed
    unknown = st.dictionaries(_NAMES, _TEXT | st.integers() | st.none(), max_size=1)
    return st.tuples(unknown, listed).map(lambda both: {**both[0], **both[1]})


def _texts(_document: Document, schema: Schema) -> st.SearchStrategy[str]:
    least = schema.get("minLength", 0)
    most = schema.get("maxLength", max(least, 60))
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    return st.text(min_size=least, max_size=min(most, max(least, 200)))


def _integers(_document: Document, schema: Schema) -> st.SearchStrategy[int]:
    return st.integers(schema.get("minimum", 0), schema.get("maximum", 10**6))


def _numbers(_document: Document, schema: Schema) -> st.SearchStrategy[float]:
    return st.floats(
        schema.get("minimum", -1000.0),
        schema.get("maximum", 1000.0),
        allow_nan=False,
        allow_infinity=False,
    )


def _arrays(document: Document, schema: Schema) -> st.SearchStrategy[list[Any]]:
    items = _values(document, schema["items"], "")
    return st.lists(items, min_size=schema.get("minItems", 0), max_size=schema.get("maxItems", 3))


def _any_object(_document: Document, _schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(_NAMES, _TEXT, min_size=1, max_size=2)


_SCALARS: dict[str, Callable[[Document, Schema], st.SearchStrategy[Any]]] = {
    "string": _texts,
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda _document, _schema: st.booleans(),
    "array": _arrays,
    "object": _any_object,
}
