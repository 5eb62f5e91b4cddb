"""Contents of each channel: every rule kept and broken."""

import json
from typing import Any

import pytest

from django_vonage_messages.simulator import Simulator
from tests.simulator.bodies import (
    ACCEPTED,
    AUDIO,
    CAPTIONED,
    CUSTOM,
    CUSTOMS,
    FILE,
    IMAGE,
    LOCALE,
    SIDES,
    STORED,
    TEMPLATE,
    TEXT,
    VIDEO,
    Json,
    address_of,
    media,
    request,
    template,
    text,
)
from tests.simulator.conftest import Post
from tests.simulator.test_requests import assert_invalid

CONTENT = "message.content"
VIBER = "viber_service_msg"
TAKEN = {
    "sms": {"text"},
    "mms": {"image"},
    "whatsapp": {"text", "template", "image", "video", "audio", "file", "custom"},
    VIBER: {"text", "template", "image", "custom"},
    "messenger": {"text", "image", "video", "audio", "file", "custom"},
}
EVERY = [TEXT, IMAGE, AUDIO, VIDEO, FILE, TEMPLATE, CUSTOM]


def short(value: Any) -> str:
    return json.dumps(value)[-60:] if isinstance(value, dict) else str(value)


def message_of(body: Json) -> str:
    return f"{body['to']['type']} {json.dumps(body['message'])[:70]}"


@pytest.mark.parametrize("body", [*ACCEPTED, *CUSTOMS], ids=message_of)
def test_requests_of_the_reference_are_accepted(
    post: Post, simulator: Simulator, body: Json
) -> None:
    response = post(body)
    assert response.status_code == 202, response.text
    (accepted,) = simulator.accepted
    assert accepted.channel == STORED[body["to"]["type"]]
    assert accepted.to == address_of(body["to"])
    assert accepted.from_ == address_of(body["from"])
    assert accepted.content == body["message"]["content"]
    assert accepted.content_type == accepted.content["type"]
    assert accepted.client_ref == "client-ref2"


@pytest.mark.parametrize("content", EVERY, ids=lambda content: content["type"])
@pytest.mark.parametrize("wire", SIDES)
def test_channel_accepts_only_its_content_types(post: Post, wire: str, content: Json) -> None:
    options = {"options": LOCALE} if (wire, content) == ("whatsapp", TEMPLATE) else {}
    response = post(request(wire, content, **options))
    if content["type"] in TAKEN[wire]:
        assert response.status_code == 202
    else:
        assert_invalid(response, f"{CONTENT}.type must be ")


@pytest.mark.parametrize("kind", ["location", "button", "unsupported", "sticker", "Text", 1, None])
@pytest.mark.parametrize("wire", SIDES)
def test_unknown_content_types_are_refused(post: Post, wire: str, kind: object) -> None:
    assert_invalid(post(request(wire, {"type": kind, str(kind): {}})), f"{CONTENT}.type must be ")


@pytest.mark.parametrize(
    ("content", "recorded"),
    [(TEXT, "Hello From Vonage!"), (CAPTIONED, "My Tabby cat, Oliver."), (IMAGE, ""), (FILE, "")],
    ids=short,
)
def test_recorded_text_is_the_text_or_caption(
    post: Post, simulator: Simulator, content: Json, recorded: str
) -> None:
    post(request("whatsapp", content))
    assert simulator.accepted[0].text == recorded


@pytest.mark.parametrize(
    ("wire", "content", "problem"),
    [
        ("sms", text(""), f"{CONTENT}.text must not be empty"),
        ("sms", text("x" * 1001), f"{CONTENT}.text must be at most 1000"),
        ("whatsapp", text(""), f"{CONTENT}.text must not be empty"),
        ("whatsapp", text("x" * 4097), f"{CONTENT}.text must be at most 4096"),
        (VIBER, text(""), f"{CONTENT}.text must not be empty"),
        (VIBER, text("x" * 1001), f"{CONTENT}.text must be at most 1000"),
        ("messenger", text(""), f"{CONTENT}.text must not be empty"),
        ("messenger", text(["x"]), f"{CONTENT}.text must be a string"),
        ("messenger", text("\ud83d"), f"{CONTENT}.text contains half"),
        ("messenger", TEXT | {"image": {}}, f"{CONTENT}.image is not"),
        ("mms", {"type": "image"}, f"{CONTENT}.image is missing"),
        ("mms", {"type": "image", "image": "https://example.com/a"}, f"{CONTENT}.image must be an"),
        ("mms", {"type": "image", "image": {}}, f"{CONTENT}.image.url is missing"),
        ("mms", media("image", caption="x"), f"{CONTENT}.image.caption is not"),
        (VIBER, media("image", caption="x"), f"{CONTENT}.image.caption is not"),
        ("messenger", media("image", caption="x"), f"{CONTENT}.image.caption is not"),
        ("messenger", media("file", caption="x"), f"{CONTENT}.file.caption is not"),
        ("whatsapp", media("video", caption="x"), f"{CONTENT}.video.caption is not"),
        ("whatsapp", media("audio", caption="x"), f"{CONTENT}.audio.caption is not"),
        ("whatsapp", media("image", caption=None), f"{CONTENT}.image.caption must be a string"),
        ("whatsapp", media("file", caption=7), f"{CONTENT}.file.caption must be a string"),
        ("whatsapp", media("file", name="a.pdf"), f"{CONTENT}.file.name is not"),
        (VIBER, template(name=""), f"{CONTENT}.template.name must not be empty"),
        (VIBER, template(name=None), f"{CONTENT}.template.name must be a string"),
        (VIBER, {"type": "template", "template": {}}, f"{CONTENT}.template.name is missing"),
        (VIBER, template(parameters="x"), f"{CONTENT}.template.parameters must be an array"),
        (VIBER, template(parameters=None), f"{CONTENT}.template.parameters must be an array"),
        (VIBER, template(parameters=["x", 1]), f"{CONTENT}.template.parameters[1] must be a"),
        (VIBER, template(parameters=[{"default": "x"}]), f"{CONTENT}.template.parameters[0]"),
        (VIBER, template(locale="en-GB"), f"{CONTENT}.template.locale is not"),
        (VIBER, {"type": "custom", "custom": []}, f"{CONTENT}.custom must be an object"),
        (VIBER, {"type": "custom", "custom": {"a": [{"\udc00": 1}]}}, f"{CONTENT}.custom contains"),
    ],
    ids=short,
)
def test_error_names_the_path_of_a_broken_rule(
    post: Post, wire: str, content: Json, problem: str
) -> None:
    options = {"options": LOCALE} if wire == "whatsapp" and "template" in content else {}
    assert_invalid(post(request(wire, content, **options)), problem)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "HTTP://EXAMPLE.COM/cat.jpg",
        "http://127.0.0.1:8000/cat.jpg?size=1#top",
        "https://user@[::1]:443/cat.jpg",
        "https://example.com/chat%20gris.jpg",
    ],
)
def test_absolute_urls_are_accepted(post: Post, url: str) -> None:
    assert post(request("mms", media("image", url=url))).status_code == 202


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cat.jpg",
        "/cat.jpg",
        "//example.com/cat.jpg",
        "ftp://example.com/cat.jpg",
        "file:///cat.jpg",
        "data:image/png;base64,AAAA",
        "https:example.com",
        "https://",
        "https:///cat.jpg",
        "https://:443/cat.jpg",
        "https://example.com:port/",
        "https://example.com:99999/",
        "https://[::1/cat.jpg",
        " https://example.com/cat.jpg",
        "https://example.com/my cat.jpg",
        "https://example.com/cat.jpg\n",
    ],
)
def test_other_urls_are_refused(post: Post, url: str) -> None:
    body = request("mms", media("image", url=url))
    assert_invalid(post(body), f"{CONTENT}.image.url must be an absolute")


@pytest.mark.parametrize("url", [None, 1, ["https://example.com/a"]])
def test_url_must_be_a_string(post: Post, url: object) -> None:
    body = request("whatsapp", media("file", url=url))
    assert_invalid(post(body), f"{CONTENT}.file.url must be a string")
