"""Requests of every channel, from the samples of the reference."""

from typing import Any

Json = dict[str, Any]

SIDES: dict[str, tuple[Json, Json]] = {
    "sms": (
        {"type": "sms", "number": "447700900000"},
        {"type": "sms", "number": "447700900001"},
    ),
    "mms": (
        {"type": "mms", "number": "447700900000"},
        {"type": "mms", "number": "12345"},
    ),
    "whatsapp": (
        {"type": "whatsapp", "number": "447700900000"},
        {"type": "whatsapp", "number": "447700900001"},
    ),
    "viber_service_msg": (
        {"type": "viber_service_msg", "number": "447700900000"},
        {"type": "viber_service_msg", "id": "654321"},
    ),
    "messenger": (
        {"type": "messenger", "id": "0123456789012345"},
        {"type": "messenger", "id": "0123456789012346"},
    ),
}
"""``to`` and ``from`` of a request, by the channel's name in v0.1."""

STORED = {wire: wire.removesuffix("_service_msg") for wire in SIDES}

TEXT: Json = {"type": "text", "text": "Hello From Vonage!"}
IMAGE: Json = {"type": "image", "image": {"url": "https://example.com/cat.jpg"}}
CAPTIONED: Json = {
    "type": "image",
    "image": {"url": "https://example.com/cat.jpg", "caption": "My Tabby cat, Oliver."},
}
AUDIO: Json = {"type": "audio", "audio": {"url": "https://example.com/audio.mp3"}}
VIDEO: Json = {"type": "video", "video": {"url": "https://example.com/video.mp4"}}
FILE: Json = {"type": "file", "file": {"url": "https://example.com/file.pdf"}}
TEMPLATE: Json = {
    "type": "template",
    "template": {"name": "whatsapp:hsm:verify", "parameters": ["Daisy", "12345"]},
}
CUSTOM: Json = {"type": "custom", "custom": {"type": "contacts", "contacts": [{}]}}

PLAIN: dict[str, Json] = {wire: IMAGE if wire == "mms" else TEXT for wire in SIDES}
"""The simplest content of each channel."""


def request(wire: str, content: Any = None, **changes: Any) -> Json:
    """Return a request on a channel; ``options`` is the channel's member of the message."""
    to, from_ = SIDES[wire]
    message: Json = {"content": PLAIN[wire] if content is None else content}
    if "options" in changes:
        message[wire] = changes.pop("options")
    body = {"client_ref": "client-ref2", "to": dict(to), "from": dict(from_), "message": message}
    return body | {key.rstrip("_"): value for key, value in changes.items()}


def key_of(party: Json) -> str:
    """Return the key of the address in ``to`` or ``from``."""
    (key,) = party.keys() - {"type"}
    return key


def address_of(party: Json) -> str:
    return str(party[key_of(party)])


def addressed(wire: str, address: str) -> Json:
    """Return a request to a number, or to an id that looks like a number."""
    to = SIDES[wire][0]
    return request(wire, to=to | {key_of(to): address})


def text(value: Any) -> Json:
    return {"type": "text", "text": value}


def media(kind: str, **members: Any) -> Json:
    return {"type": kind, kind: {"url": "https://example.com/a"} | members}


def template(**members: Any) -> Json:
    return {"type": "template", "template": {"name": "verify"} | members}


LOCALE = {"locale": "en-GB"}

ACCEPTED: list[Json] = [
    request("sms"),
    request("sms", text("x")),
    request("sms", text("x" * 1000)),
    request("mms", IMAGE),
    request("whatsapp", text("x")),
    request("whatsapp", text("x" * 4096)),
    request("whatsapp", text("🙂" * 4096)),
    request("whatsapp", TEMPLATE, options=LOCALE),
    request("whatsapp", TEMPLATE, options=LOCALE | {"policy": "deterministic"}),
    request("whatsapp", template(), options=LOCALE),
    request("whatsapp", template(parameters=[]), options=LOCALE),
    request("whatsapp", IMAGE),
    request("whatsapp", CAPTIONED),
    request("whatsapp", media("image", caption="")),
    request("whatsapp", VIDEO),
    request("whatsapp", AUDIO),
    request("whatsapp", FILE),
    request("whatsapp", media("file", caption="An important report")),
    request("viber_service_msg", text("x")),
    request("viber_service_msg", text("x" * 1000)),
    request("viber_service_msg", IMAGE),
    request("viber_service_msg", TEMPLATE),
    request("viber_service_msg", TEXT, options={}),
    request("viber_service_msg", TEXT, options={"category": "transaction"}),
    request("viber_service_msg", IMAGE, options={"category": "promotion", "ttl": 600}),
    request("viber_service_msg", TEXT, options={"ttl": 30}),
    request("viber_service_msg", TEXT, options={"ttl": 259200}),
    request("viber_service_msg", TEMPLATE, options={"type": "template"}),
    request("messenger", text("x")),
    request("messenger", text("x" * 5000)),
    request("messenger", IMAGE),
    request("messenger", VIDEO),
    request("messenger", AUDIO),
    request("messenger", FILE),
    request("messenger", TEXT, options={}),
    request("messenger", TEXT, options={"category": "response"}),
    request("messenger", FILE, options={"category": "update"}),
    request(
        "messenger", TEXT, options={"category": "message_tag", "tag": "CONFIRMED_EVENT_UPDATE"}
    ),
]
"""Requests that fit the reference: every content type, and values at every limit."""

CUSTOMS: list[Json] = [request(wire, CUSTOM) for wire in SIDES if wire not in {"sms", "mms"}]
"""Custom objects, which the OpenAPI document does not list."""
