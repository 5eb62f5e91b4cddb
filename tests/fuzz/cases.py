"""Whole requests with their expected result."""

import io
import random
from dataclasses import dataclass, field
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from tests.fuzz import bodies, tokens

LIMIT = 1024 * 1024
PATHS = ["message-status", "message-status/", "inbound-message", "inbound-message/"]
HEADERS = {
    "CONTENT_TYPE": ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                     "multipart/form-data; boundary=x", "application/json; charset=utf-7",
                     "application/json; charset=nonsense", "\xff", "a" * 5000, "/;;="],
    "HTTP_ACCEPT": ["", "text/html", "application/xml;q=9", "*/*;version=\xff", "," * 999],
    "HTTP_CONTENT_ENCODING": ["gzip", "br", "identity, gzip", ""],
    "HTTP_TRANSFER_ENCODING": ["chunked", "identity"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["DELETE", "GET"],
    "HTTP_X_FORWARDED_FOR": ["::1, '; DROP", "\x00"],
    "HTTP_COOKIE": ["sessionid=\xff; csrftoken=x", "a=b;" * 500, "sessionid=../../x"],
    "HTTP_EXPECT": ["100-continue", "x"],
    "HTTP_ACCEPT_LANGUAGE": ["xx-\x00", "a" * 600],
    "QUERY_STRING": ["format=xml", "%ff%00=%", "a=" * 600, "version=9"],
    "HTTP_REFERER": ["http://[", "\x00"],
}  # fmt: skip
LENGTHS = ["", "-1", "1e3", "abc", "٣", "²", " 5", "0x10", "9" * 30, "1" * 6000, "1048577", "None"]


@dataclass(frozen=True)
class Case:
    """A request. If ``verified`` is None, it may be accepted or refused."""

    body: bytes = field(repr=False)
    path: str
    authorization: str
    verified: bool | None
    extra: dict[str, str]
    length: str

    def request(self) -> WSGIRequest:
        """Return the request as a server would build it; its stream ends with the body."""
        environ: dict[str, Any] = RequestFactory()._base_environ(
            PATH_INFO=f"/webhooks/{self.path}", REQUEST_METHOD="POST"
        )
        environ |= {
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": self.length,
            "HTTP_AUTHORIZATION": self.authorization,
            "wsgi.input": io.BytesIO(self.body),
            **self.extra,
        }
        return WSGIRequest(environ)


def make_case(rng: random.Random, uuids: list[str]) -> Case:
    """Return one request from a seeded generator."""
    body = _huge(rng) if rng.random() < 0.002 else bodies.body(rng, uuids)
    authorization, verified = tokens.authorization(rng, body)
    if rng.random() < 0.02 and verified:  # a valid token of another body
        body, verified = body + rng.choice([b" ", b"\n", b"\x00", b"{}"]), False
    extra = {}
    if rng.random() < 0.3:
        names = rng.sample(list(HEADERS), rng.randrange(1, 4))
        extra = {name: rng.choice(HEADERS[name]) for name in names}
    length = str(len(body))
    if rng.random() < 0.03:
        length = rng.choice([*LENGTHS, str(len(body) // 2), str(len(body) + 9)])
        verified = _with_length(verified, length, body)
    if len(body) > LIMIT:
        verified = False
    return Case(body, rng.choice(PATHS), authorization, verified, extra, length)


def _with_length(verified: bool | None, length: str, body: bytes) -> bool | None:
    """Return the expected result for a declared length."""
    if length.isdecimal() and len(length) < 20 and len(body) <= int(length) <= LIMIT:
        return verified if length.isascii() else None
    return None if verified and not body else False


def _huge(rng: random.Random) -> bytes:
    size = rng.choice([LIMIT - 200, LIMIT + 1, 10 * LIMIT])
    return rng.choice([b'{"a":"' + b"x" * size + b'"}', b" " * size, b"[" * size, bytes(size)])
