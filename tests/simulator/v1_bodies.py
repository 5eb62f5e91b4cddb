"""Requests of every channel and message type of v1, and changes that break one rule each."""

from typing import Any

from tests.simulator.bodies import Json

URL = "https://example.com/a"
UUID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
SIDES: dict[str, tuple[str, str]] = {
    "sms": ("447700900000", "447700900001"),
    "mms": ("447700900000", "12345"),
    "rcs": ("447700900000", "ExampleAgent"),
    "whatsapp": ("447700900000", "447700900001"),
    "messenger": ("0123456789012345", "0123456789012346"),
    "viber_service": ("447700900000", "654321"),
}
"""``to`` and ``from`` of a request, by the channel's name in v1."""
STORED = {channel: channel.removesuffix("_service") for channel in SIDES}

FILE: Json = {"url": URL}
CAPTIONED: Json = {"url": URL, "caption": "My Tabby cat, Oliver."}
CARD: Json = {"title": "Cat", "text": "A cat for rent", "media_url": URL}
CONTEXT: Json = {"message_uuid": UUID}
LOCALE: Json = {"locale": "en-GB"}
SIZE: Json = {"duration": "123", "file_size": "1"}
SUGGESTIONS: list[Json] = [
    {"type": "reply"},
    {"type": "dial", "phone_number": "+447700900000", "fallback_url": URL},
    {
        "type": "view_location",
        "latitude": "51.5230371",
        "longitude": "-0.0852492",
        "pin_label": "Office",
        "fallback_url": URL,
    },
    {"type": "share_location"},
    {"type": "open_url", "url": URL, "description": "A website"},
    {"type": "open_url_in_webview", "url": URL, "description": "A website", "view_mode": "FULL"},
    {
        "type": "create_calendar_event",
        "start_time": "2026-11-24T10:00:00Z",
        "end_time": "2026-11-24T11:00:00Z",
        "title": "Cats",
        "description": "A meeting about cats",
        "fallback_url": URL,
    },
]
for suggestion in SUGGESTIONS:
    suggestion |= {"text": "Tap me", "postback_data": "tapped"}


def v1(channel: str = "sms", kind: str = "text", content: Any = "Hello", **members: Any) -> Json:
    """Return a request on v1; the argument ``from_`` sets ``from``."""
    to, from_ = SIDES[channel]
    body = {"message_type": kind, "channel": channel, "to": to, "from": from_, kind: content}
    return body | {key.rstrip("_"): value for key, value in members.items()}


DESCRIBED: list[Json] = [
    v1(),
    v1(text="x" * 3200, ttl=1, client_ref="r" * 100),
    v1(sms={"encoding_type": "unicode", "content_id": "1107", "entity_id": "1101"}),
    v1(from_="MyCompany", webhook_version="v0.1", webhook_url="http://127.0.0.1:8000/status"),
    v1("mms"),
    *(v1("mms", kind, CAPTIONED, ttl=300) for kind in ("image", "vcard", "audio", "video", "file")),
    v1("mms", "content", [{"type": "image", **CAPTIONED}, {"type": "vcard", **FILE}], ttl=259200),
    v1("rcs", "text", "x" * 3072, ttl=300, rcs={"category": "service-request"}),
    *(v1("rcs", kind, FILE, ttl=2592000) for kind in ("image", "video", "file")),
    v1("rcs", "custom", {"contentMessage": {"text": "Hi"}}, from_="My-Agent_1&2"),
    v1("whatsapp", "text", "x" * 4096, context=CONTEXT),
    v1("whatsapp", "image", {"url": URL, "caption": "x" * 3000}),
    v1("whatsapp", "audio", FILE),
    v1("whatsapp", "video", CAPTIONED),
    v1("whatsapp", "file", CAPTIONED | {"name": "a.pdf"}),
    v1("whatsapp", "template", {"name": "verify"}, whatsapp=LOCALE),
    v1(
        "whatsapp",
        "template",
        {"name": "ns:verify", "parameters": ["Daisy", ""]},
        whatsapp=LOCALE | {"policy": "deterministic"},
        context=CONTEXT,
    ),
    v1("whatsapp", "sticker", FILE),
    v1("whatsapp", "sticker", {"id": UUID}),
    v1("whatsapp", "reaction", {"action": "react", "emoji": "👍"}, context=CONTEXT),
    v1("whatsapp", "reaction", {"action": "unreact"}, context=CONTEXT),
    v1("whatsapp", "custom", {"type": "contacts", "contacts": [{}]}),
    v1("messenger", "text", "x" * 640, messenger={"category": "update"}),
    v1(
        "messenger",
        "text",
        "Hello",
        messenger={"category": "message_tag", "tag": "CONFIRMED_EVENT_UPDATE"},
    ),
    *(v1("messenger", kind, FILE) for kind in ("image", "audio", "video", "file")),
    v1("viber_service", "text", "x" * 1000, viber_service={"category": "promotion", "ttl": 30}),
    v1(
        "viber_service",
        "text",
        "Hello",
        viber_service={"type": "string", "action": {"url": URL, "text": "x" * 30}},
    ),
    v1("viber_service", "image", FILE),
    v1("viber_service", "image", CAPTIONED, viber_service={"action": {"url": URL, "text": "Go"}}),
    v1(
        "viber_service",
        "video",
        CAPTIONED | {"thumb_url": URL} | SIZE,
        viber_service=SIZE | {"ttl": 259200},
    ),
    v1("viber_service", "file", FILE | {"name": "x" * 25}),
    v1(failover=[v1("whatsapp"), v1("viber_service", client_ref="other")]),
    v1("rcs", failover=[]),
]
"""Requests that fit the document: every content type, and values at every limit."""

NEWER: list[Json] = [
    v1(trusted_recipient=True),
    v1(sms={"trusted_recipient": False, "pool_id": "abc", "something_new": 1}),
    v1(something_new={"a": 1}),
    v1("whatsapp", whatsapp={"something_new": 1}),
    v1("mms", mms={"participants": ["447700900002"]}),
    v1("rcs", suggestions=SUGGESTIONS),
    v1("rcs", suggestions=SUGGESTIONS[:1] * 11),
    v1("rcs", "card", CARD, rcs={"card_orientation": "HORIZONTAL", "image_alignment": "LEFT"}),
    v1(
        "rcs",
        "card",
        CARD
        | {
            "media_description": "A cat",
            "media_height": "TALL",
            "thumbnail_url": URL,
            "media_force_refresh": True,
            "suggestions": SUGGESTIONS[:4],
        },
    ),
    v1("rcs", "carousel", {"cards": [CARD] * 10}, rcs={"card_width": "SMALL"}),
    v1(
        "viber_service",
        "video",
        CAPTIONED | {"thumb_url": URL},
        viber_service={"duration": "600", "file_size": "200"},
    ),
]
"""Requests of Vonage's libraries and guides that are not in the document yet."""


def _broken() -> list[tuple[Json, str, str]]:
    """Return invalid requests with the parameter's name and the fragment of the error type."""
    card, cards = CARD | {"suggestions": SUGGESTIONS[:5]}, {"cards": [CARD]}
    video = CAPTIONED | {"thumb_url": URL}
    image_without_caption = v1(
        "viber_service", "image", FILE, viber_service={"action": {"url": URL, "text": "Go"}}
    )
    return [
        (v1(channel_="fax"), "channel", "1100"),
        (v1(channel_="viber_service_msg"), "channel", "1100"),
        (v1("mms", message_type="image"), "image", "1150"),
        (v1("mms", message_type="image"), "text", "1150"),
        (v1(message_type="sticker"), "message_type", "1140"),
        (v1(to="+447700900000"), "to", "110"),
        (v1(to="0447700900"), "to", "110"),
        (v1(to="123456"), "to", "110"),
        (v1(to=447700900000), "to", "110"),
        (v1("messenger", to="x" * 51), "to", "110"),
        (v1(from_="TwelveLetter"), "from", "1120"),
        (v1("rcs", from_="My Agent"), "from", "1120"),
        (v1("viber_service", from_=""), "from", "1120"),
        (v1("whatsapp", from_="MyCompany"), "from", "1120"),
        (v1(client_ref="r" * 101), "client_ref", "1060"),
        (v1(client_ref=None), "client_ref", "1060"),
        (v1(webhook_url="https://example.com/status"), "webhook_url", "1150"),
        (v1(webhook_url="http://example.com\\@127.0.0.1/"), "webhook_url", "1150"),
        (v1(webhook_url="http://127.0.0.1@example.com/"), "webhook_url", "1150"),
        (v1(webhook_url="http://localhost.example.com/"), "webhook_url", "1150"),
        (v1(webhook_url=""), "webhook_url", "1150"),
        (v1(webhook_version="v2"), "webhook_version", "1150"),
        (v1("rcs", webhook_version="v1"), "webhook_version", "1150"),
        (v1(trusted_recipient="true"), "trusted_recipient", "1150"),
        (v1(content=""), "text", "1150"),
        (v1(content="x" * 3201), "text", "1150"),
        (v1(content="\ud83d"), "text", "1150"),
        (v1(ttl=True), "ttl", "1150"),
        (v1(pool_id="abc"), "pool_id", "1150"),
        (v1(ttl="60"), "ttl", "1150"),
        (v1("whatsapp", ttl=300), "ttl", "1150"),
        (v1(whatsapp=LOCALE), "whatsapp", "1110"),
        (v1(context=CONTEXT), "context", "1150"),
        (v1(sms={"encoding_type": "utf-8"}), "sms.encoding_type", "1110"),
        (v1(sms=[]), "sms", "1110"),
        (v1("mms", "image", {"url": "cat.jpg"}), "image.url", "1150"),
        (v1("mms", "image", {"url": URL, "caption": ""}), "image.caption", "1150"),
        (v1("mms", "image", {"url": URL, "caption": "x" * 3001}), "image.caption", "1150"),
        (v1("mms", "image", FILE | {"name": "a.jpg"}), "image.name", "1150"),
        (v1("mms", ttl=299), "ttl", "1150"),
        (v1("mms", ttl=259201), "ttl", "1150"),
        (v1("mms", "content", []), "content", "1150"),
        (v1("mms", "content", [{"type": "text", **FILE}]), "content[0].type", "1150"),
        (v1("rcs", content="x" * 3073), "text", "1150"),
        (v1("rcs", ttl=2592001), "ttl", "1150"),
        (v1("rcs", rcs={"category": "service"}), "rcs.category", "1110"),
        (v1("rcs", "image", CAPTIONED), "image.caption", "1150"),
        (v1("rcs", "audio", FILE), "message_type", "1140"),
        (v1("rcs", "custom", []), "custom", "1150"),
        (v1("rcs", "card", card), "card.suggestions", "1150"),
        (v1("rcs", "card", CARD | {"media_height": "tall"}), "card.media_height", "1150"),
        (v1("rcs", "card", CARD | {"title": "x" * 201}), "card.title", "1150"),
        (v1("rcs", "carousel", cards), "carousel.cards", "1150"),
        (v1("rcs", "carousel", {"cards": [CARD] * 11}), "carousel.cards", "1150"),
        (v1("rcs", suggestions=SUGGESTIONS[:1] * 12), "suggestions", "1150"),
        (v1("rcs", suggestions=[{"type": "hint"}]), "suggestions[0].type", "1150"),
        (
            v1("rcs", suggestions=[SUGGESTIONS[0] | {"text": "x" * 26}]),
            "suggestions[0].text",
            "1150",
        ),
        (v1("rcs", suggestions=[SUGGESTIONS[0] | {"url": URL}]), "suggestions[0].url", "1150"),
        (v1("rcs", "image", FILE, suggestions=SUGGESTIONS), "suggestions", "1150"),
        (v1(suggestions=SUGGESTIONS), "suggestions", "1150"),
        (v1("whatsapp", content="x" * 4097), "text", "1150"),
        (v1("whatsapp", "audio", {"url": "http://a"}), "audio.url", "1150"),
        (v1("whatsapp", "audio", CAPTIONED), "audio.caption", "1150"),
        (v1("whatsapp", "template", {"name": "verify"}), "whatsapp", "1110"),
        (v1("whatsapp", "template", {"name": "verify"}, whatsapp={}), "whatsapp.locale", "1110"),
        (
            v1("whatsapp", "template", {"name": "v"}, whatsapp=LOCALE | {"policy": "fallback"}),
            "whatsapp.policy",
            "1110",
        ),
        (
            v1("whatsapp", "template", {"name": "v", "parameters": [1]}, whatsapp=LOCALE),
            "template.parameters[0]",
            "1150",
        ),
        (v1("whatsapp", "sticker", {}), "sticker", "1150"),
        (v1("whatsapp", "sticker", FILE | {"id": UUID}), "sticker", "1150"),
        (v1("whatsapp", "reaction", {"action": "unreact"}), "context", "1150"),
        (
            v1("whatsapp", "reaction", {"action": "react"}, context=CONTEXT),
            "reaction.emoji",
            "1150",
        ),
        (v1("whatsapp", "reaction", {"action": "x"}, context=CONTEXT), "reaction.action", "1150"),
        (v1("whatsapp", context={}), "context.message_uuid", "1150"),
        (v1("messenger", content="x" * 641), "text", "1150"),
        (v1("messenger", messenger={"category": "message_tag"}), "messenger.tag", "1110"),
        (v1("messenger", messenger={"category": "news"}), "messenger.category", "1110"),
        (v1("viber_service", content="x" * 1001), "text", "1150"),
        (v1("viber_service", viber_service={"ttl": 29}), "viber_service.ttl", "1110"),
        (
            v1("viber_service", viber_service=SIZE),
            "viber_service.duration",
            "1110",
        ),
        (image_without_caption, "image.caption", "1150"),
        (v1("viber_service", "video", video), "viber_service", "1110"),
        (
            v1("viber_service", "video", video, viber_service=SIZE | {"duration": 12}),
            "viber_service.duration",
            "1110",
        ),
        (
            v1("viber_service", "video", video, viber_service=SIZE | {"file_size": "201"}),
            "viber_service.file_size",
            "1110",
        ),
        (v1("viber_service", "video", CAPTIONED, viber_service=SIZE), "video.thumb_url", "1150"),
        (v1("viber_service", "file", FILE | {"name": "x" * 26}), "file.name", "1150"),
        (
            v1("viber_service", "file", FILE, viber_service={"action": {"url": URL, "text": "x"}}),
            "viber_service.action",
            "1110",
        ),
        (v1(failover={}), "failover", "1150"),
        (v1(failover=["x"]), "failover[0]", "1150"),
        (v1(failover=[v1(), v1(to="x")]), "failover[1].to", "110"),
        (v1(failover=[v1(failover=[])]), "failover[0].failover", "1150"),
    ]


BROKEN = _broken()
