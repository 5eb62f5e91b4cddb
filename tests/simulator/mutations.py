"""Requests with one changed value."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.simulator.bodies import Json

_words = st.text(st.characters(codec="ascii"), max_size=9)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn, good: list[Json]) -> Json:
    """Return one of the requests with one value changed or removed."""
    body: Json = json.loads(json.dumps(draw(st.sampled_from(good))))
    container, key = draw(st.sampled_from(list(places(body))))
    if draw(st.booleans()):
        container[key] = draw(st.sampled_from(VALUES) | json_values)
    else:
        del container[key]
    return body


VALUES = ["x", "", "447700900000", "https://example.com/a", "text", "image", 30, {}, []]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a request with each of its keys or positions."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])
