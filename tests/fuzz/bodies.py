"""Hostile bodies: mutated samples of the reference, and worse."""

import copy
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

from tests.webhooks.reference_bodies import INBOUND, STATUS

STATUSES = ["accepted", "submitted", "delivered", "read", "rejected", "undeliverable", "seen", ""]
_MARK = "raw-json-of-the-fuzzer-"


class Raw:
    """Invalid or unusual JSON text that is inserted into a body unchanged."""

    def __init__(self, text: str) -> None:
        self.text = text


def _deep(rng: random.Random) -> Raw:
    depth = rng.choice([5, 19, 20, 21, 60, 900, 1200, 20_000])
    opening, closing = rng.choice([("[", "]"), ('{"a":', "}"), ('{"status":[', "]}")])
    return Raw(opening * depth + "1" + closing * depth)


def _digits(rng: random.Random) -> Raw:
    length = rng.choice([18, 19, 20, 64, 309, 400, 4299, 4301, 50_000])
    text = "9" * length
    return Raw(rng.choice([text, f"-{text}", f"0.{text}", f"{text[:400]}e{length}"]))


def _long_text(rng: random.Random) -> str:
    return rng.choice(["A", "\x00", "é", "\U0001f600", "\u202e", " "]) * rng.choice(
        [50, 51, 64, 65, 200, 201, 1000, 70_000]
    )


def _odd_text(rng: random.Random) -> str:
    return "".join(
        chr(rng.choice([rng.randrange(256), rng.randrange(0x110000), 0, 0xD800, 0xDFFF, 0xFFFF]))
        for _ in range(rng.randrange(12))
    )


SCALARS: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**17, 10**18, 0.1, -0.0, 1e308,
    "", " ", "0", "-1", "null", "true", "NaN", "1e999", "0x10", "٣", "²", "1300", "99999",
    "sms", "mms", "viber_service_msg", "messenger", "text", "image", "447700900000", "+44 7700",
    "2026-01-01T14:00:00.000Z", "0000-00-00", "9999-12-31T23:59:59-23:59", "2026-01-01T24:00:00Z",
    "\x00", "\ud800", "\udfff\ud800", "\ufeff", "'; DROP TABLE x; --", "%s%n", "{{7*7}}", "<b>",
    "../../etc/passwd", "delivered", "DELIVERED", "read", "status", "message", "STOP",
    [], {}, [[]], [None], {"": ""}, {"\x00": "\x00"}, {"type": "sms"}, {"number": None},
    {"number": 447700900000, "type": "sms"}, {"content": []}, [{"type": "text"}],
]  # fmt: skip
RAWS = [
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1E400", "1e-400", "-0", "0.0000000000001",
    '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', "01", "+1", "'x'", "undefined", "1,", '"\n"',
    "0.03330000000000000000000000000001", "123456789012.5", "99999999999999999999.99",
]  # fmt: skip


def _value(rng: random.Random) -> Any:
    kind = rng.random()
    if kind < 0.7:
        return copy.deepcopy(rng.choice(SCALARS))  # the next mutation may change it
    if kind < 0.8:
        return Raw(rng.choice(RAWS))
    return rng.choice([_deep, _digits, _long_text, _odd_text])(rng)


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) inside a body."""
    pairs = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
    found = [(node, key) for key, _ in pairs]
    for _, child in pairs:
        if isinstance(child, dict | list):
            found += _places(child)
    return found


def _replace(rng: random.Random, container: Any, key: Any) -> None:
    container[key] = _value(rng)


def _wrap(rng: random.Random, container: Any, key: Any) -> None:
    container[key] = rng.choice([[container[key]], {"value": container[key]}])


def _drop(rng: random.Random, container: Any, key: Any) -> None:
    del container[key]


def _add(rng: random.Random, container: Any, key: Any) -> None:
    if isinstance(container, dict):
        container[rng.choice([_odd_text(rng), "status", "message", "error", "x" * 300])] = _value(
            rng
        )


def _turn_into_text(rng: random.Random, container: Any, key: Any) -> None:
    container[key] = json.dumps(container[key], default=lambda raw: raw.text)


MUTATIONS = [_replace, _replace, _replace, _wrap, _drop, _add, _turn_into_text]


def dump(rng: random.Random, data: Any) -> bytes:
    """Encode a body with its raw pieces; strings are sometimes escaped."""
    pieces: list[str] = []

    def raw(value: Any) -> str:
        pieces.append(value.text)
        return f"{_MARK}{len(pieces) - 1}."

    text = json.dumps(data, default=raw, ensure_ascii=rng.random() < 0.7)
    for number, piece in enumerate(pieces):
        text = text.replace(f'"{_MARK}{number}."', piece)
    return text.encode("utf-8", "surrogatepass")


def sample(rng: random.Random, uuids: list[str]) -> dict[str, Any]:
    """Return a sample of the reference, for a known or an unknown message."""
    body: dict[str, Any] = json.loads(rng.choice([STATUS, INBOUND]))
    body["message_uuid"] = rng.choice([*uuids, str(uuid.UUID(int=rng.getrandbits(128)))])
    body["timestamp"] = f"2026-01-{rng.randrange(1, 29):02}T14:00:{rng.randrange(60):02}.000Z"
    if "status" in body:
        body["status"] = rng.choice(STATUSES)
        body["client_ref"] = rng.choice(["order-1", "order-2", "my-personal-reference"])
    return body


def mutated(rng: random.Random, uuids: list[str]) -> bytes:
    body = sample(rng, uuids)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        places = _places(body)
        if places:
            rng.choice(MUTATIONS)(rng, *rng.choice(places))
    return dump(rng, body)


def damaged(rng: random.Random, uuids: list[str]) -> bytes:
    """Return a sample with cut, doubled, changed or differently encoded bytes."""
    body = bytearray(dump(rng, sample(rng, uuids)))
    for _ in range(rng.randrange(1, 5)):
        place = rng.randrange(len(body) + 1)
        edit: Callable[[], bytes] = rng.choice(
            [lambda: b"", lambda: rng.randbytes(3), lambda: b"\xff\xfe", lambda: b'{"a":1}']
        )
        body[place : place + rng.randrange(3)] = edit()
    kind = rng.random()
    if kind < 0.1:
        return b"\xef\xbb\xbf" + bytes(body)
    if kind < 0.2:
        return bytes(body).decode("latin-1").encode(rng.choice(["utf-16", "utf-32", "utf-16-le"]))
    return bytes(body[: rng.randrange(len(body) + 1)]) if kind < 0.4 else bytes(body)


def anything(rng: random.Random, uuids: list[str]) -> bytes:
    """Return other JSON, random bytes or an empty body."""
    kind = rng.random()
    if kind < 0.4:
        return dump(rng, _value(rng))
    if kind < 0.5:
        return rng.choice([b"", b" ", b"{}", b"[]", b"null", b'""', b"{", b"\x00", b"{}{}", b"a=b"])
    if kind < 0.7:
        return rng.randbytes(rng.randrange(300))
    keys = ["status", "message", "message_uuid", "to", "from", "timestamp", "usage", "error"]
    return dump(rng, {rng.choice(keys): _value(rng) for _ in range(rng.randrange(9))})


def body(rng: random.Random, uuids: list[str]) -> bytes:
    """Return one body; about one in twenty is an unchanged sample."""
    make = rng.choices([mutated, damaged, anything, None], weights=[70, 15, 10, 5])[0]
    return make(rng, uuids) if make else dump(rng, sample(rng, uuids))
