"""Message content in the conversation, on the message page and in the list."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.admin.content_labels import CONTENT_LABELS
from django_vonage_messages.content import (
    CONTENT_CLASSES,
    Audio,
    Custom,
    File,
    Image,
    Location,
    Template,
    Text,
    Video,
)
from django_vonage_messages.models import Message
from django_vonage_messages.options import MessengerOptions, ViberOptions
from django_vonage_messages.protocol.content_summary import MEDIA_TYPES
from tests.admin.conftest import ADDRESSES, CUSTOMER, Receive, Staff

MEDIA_URL = "https://api-eu.nexmo.com/v3/media/1b456509?sig=a&b=c"
ESCAPED_URL = "https://api-eu.nexmo.com/v3/media/1b456509?sig=a&amp;b=c"
SCRIPT = "<script>alert(1)</script>"
PLACE = {"latitude": "51.5007292", "longitude": "-0.1246254"}


def page_of(client: Client, url: str) -> str:
    response = client.get(f"/admin/vonage_messages/{url}")
    assert response.status_code == 200
    return response.content.decode()


def in_thread(client: Client, message: Message) -> str:
    page = page_of(client, f"conversation/{message.conversation_id}/change/")
    return page.partition(f'id="message-{message.pk}"')[2].partition("</article>")[0]


def on_page(client: Client, message: Message) -> str:
    page = page_of(client, f"message/{message.pk}/change/")
    return page.partition("field-body")[2].partition("</fieldset>")[0]


def in_list(client: Client) -> str:
    page = page_of(client, "message/")
    return page.partition('class="field-preview"')[2].partition("</td>")[0]


def external_links(html: str) -> list[str]:
    """Return the URLs of all links to other sites."""
    urls = re.findall(r'href="([^"]*)"', html)
    return [url for url in urls if not url.startswith(("/", "#", "?"))]


def send(content: Any, channel: str = "whatsapp", **kwargs: Any) -> Message:
    our_address, their_address = ADDRESSES[channel]
    return send_message(their_address, content, channel=channel, sender=our_address, **kwargs)


@pytest.fixture
def reader(staff: Staff) -> Client:
    return staff("view_conversation", "view_message")


def test_every_content_type_has_a_label() -> None:
    received = {*MEDIA_TYPES, "location", "button", "unsupported"}
    received |= {"reply", "reaction", "contacts", "order"}  # on v1
    assert set(CONTENT_LABELS) == (received | set(CONTENT_CLASSES)) - {"text"}


NAMED = {"vcard": "contact card"}


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_inbound_file_is_a_link_with_its_host(
    kind: str, reader: Client, receive_content: Receive
) -> None:
    message = receive_content({"type": kind, kind: {"url": MEDIA_URL, "caption": "Look, <b>"}})
    for part in (in_thread(reader, message), on_page(reader, message)):
        link = re.search(r"<a [^>]*>Open [\w ]+", part)
        assert link
        assert link[0].endswith(f">Open {NAMED.get(kind, kind)}")
        assert f'href="{ESCAPED_URL}"' in link[0]
        assert 'rel="noopener noreferrer"' in link[0]
        assert 'target="_blank"' in link[0]
        assert 'class="vonage-host vonage-muted">api-eu.nexmo.com</bdi>' in part
        assert "(opens in a new tab)" in part
        assert "Look, &lt;b&gt;" in part
        assert str(CONTENT_LABELS[kind]) in part
        assert "Available until" in part
        assert external_links(part) == [ESCAPED_URL]
    assert str(CONTENT_LABELS[kind]) in in_list(reader)
    assert "Look, &lt;b&gt;" in in_list(reader)


def test_name_of_a_file_and_website_of_a_place_are_shown(
    reader: Client, receive_content: Receive
) -> None:
    file = {"url": MEDIA_URL, "name": "in\u202evoice.pdf", "caption": "Ours"}
    message = receive_content({"type": "file", "file": file})
    assert "Open file: invoice.pdf" in in_thread(reader, message)
    site = "https://example.com/shop"
    place = receive_content({"type": "location", "location": {**PLACE, "url": site}})
    assert f'href="{site}"' in in_thread(reader, place)
    odd = receive_content({"type": "location", "location": {**PLACE, "url": "javascript:alert(1)"}})
    assert "javascript" not in in_thread(reader, odd)


@pytest.mark.parametrize(
    ("content", "channel"),
    [
        (Image(MEDIA_URL, "A caption"), "whatsapp"),
        (Image(MEDIA_URL), "mms"),
        (Image(MEDIA_URL), "viber"),
        (Audio(MEDIA_URL), "messenger"),
        (Video(MEDIA_URL), "messenger"),
        (File(MEDIA_URL, "A caption"), "whatsapp"),
    ],
)
def test_outbound_file_is_a_link_without_an_expiry_note(
    content: Any, channel: str, reader: Client
) -> None:
    message = send(content, channel)
    Message.objects.update(created_at=timezone.now() - timedelta(days=9))
    for part in (in_thread(reader, message), on_page(reader, message)):
        assert f"Open {content.content_type}" in part
        assert external_links(part) == [ESCAPED_URL]
        assert "Available until" not in part
        assert content.text in part


@pytest.mark.parametrize(
    ("occurred", "created", "expired"),
    [
        (47, 47, False),
        (49, 49, True),
        (49, 0, True),
        (0, 49, True),
        (None, 49, True),
        (None, 47, False),
    ],
)
def test_a_file_older_than_48_hours_may_be_gone(
    occurred: int | None, created: int, expired: bool, reader: Client, receive_content: Receive
) -> None:
    message = receive_content({"type": "image", "image": {"url": MEDIA_URL}})
    now = timezone.now()
    Message.objects.update(
        created_at=now - timedelta(hours=created),
        occurred_at=None if occurred is None else now - timedelta(hours=occurred),
    )
    part = in_thread(reader, message)
    assert ("This file may be gone: Vonage keeps files for 48 hours." in part) is expired
    assert ("Available until" in part) is not expired


@pytest.mark.parametrize(
    "media",
    [
        {"url": "javascript:alert(1)"},
        {"url": "JAVASCRIPT:alert(1)"},
        {"url": "data:text/html,<script>alert(1)</script>"},
        {"url": "//evil.example/x"},
        {"url": "https://user:secret@evil.example/"},
        {"url": 'https://evil.example/" onclick="alert(1)'},
        {"url": "https://"},
        {"url": "https://evil.example:0/"},
        {"url": {"url": MEDIA_URL}},
        {"url": None},
        {"url": 5},
        {},
        "x",
        [MEDIA_URL],
        None,
    ],
)
def test_unsafe_url_is_not_a_link(media: Any, reader: Client, receive_content: Receive) -> None:
    message = receive_content({"type": "image", "image": media})
    for part in (in_thread(reader, message), on_page(reader, message)):
        assert "The file has no valid link." in part
        assert external_links(part) == []
        assert "Open " not in part
    assert "Image" in in_list(reader)


def test_location_is_shown_with_a_link_to_a_map(reader: Client, receive_content: Receive) -> None:
    described = {"name": "Big <b>Ben</b>", "address": "London SW1A 0AA"}
    message = receive_content({"type": "location", "location": PLACE | described})
    url = (
        "https://www.openstreetmap.org/?mlat=51.500729&amp;mlon=-0.124625"
        "#map=16/51.500729/-0.124625"
    )
    for part in (in_thread(reader, message), on_page(reader, message)):
        assert "Big &lt;b&gt;Ben&lt;/b&gt;" in part
        assert "London SW1A 0AA" in part
        assert "51.5007292, -0.1246254" in part
        assert "Show on map" in part
        assert 'rel="noopener noreferrer"' in part
        assert external_links(part) == [url]
    assert "Big &lt;b&gt;Ben" in in_list(reader)


def test_outbound_location_is_shown(reader: Client, db: None) -> None:
    message = send(Location(51.5, -0.12, "Our shop", "1 High Street"))
    part = in_thread(reader, message)
    for expected_text in (
        "Our shop",
        "1 High Street",
        "51.5, -0.12",
        "#map=16/51.500000/-0.120000",
    ):
        assert expected_text in part


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected_text"),
    [
        ("91", "0", "Invalid coordinates."),
        ("0", "-180.5", "Invalid coordinates."),
        ("nan", "0", "Invalid coordinates."),
        ("0", "inf", "Invalid coordinates."),
        ("1" * 400, "0", "Invalid coordinates."),
        (SCRIPT, "0", "Invalid coordinates."),
        (None, "0", "Invalid coordinates."),
        ([1], {}, "Invalid coordinates."),
    ],
)
def test_invalid_location_has_no_map(
    latitude: Any, longitude: Any, expected_text: str, reader: Client, receive_content: Receive
) -> None:
    place = {"latitude": latitude, "longitude": longitude}
    message = receive_content({"type": "location", "location": place})
    for part in (in_thread(reader, message), on_page(reader, message)):
        assert expected_text in part
        assert external_links(part) == []


def test_pressed_button_shows_its_label(reader: Client, receive_content: Receive) -> None:
    message = receive_content({"type": "button", "button": {"payload": "y-42", "text": "Yes <3"}})
    for part in (in_thread(reader, message), on_page(reader, message)):
        assert "Pressed button: <bdi>Yes &lt;3</bdi>" in part
        assert "y-42" not in part
    assert "Yes &lt;3" in in_list(reader)


@pytest.mark.parametrize("button", [{}, {"text": 5.5}, {"text": ["Yes"]}, "Yes", None])
def test_button_without_a_label_shows_a_placeholder(
    button: Any, reader: Client, receive_content: Receive
) -> None:
    message = receive_content({"type": "button", "button": button})
    assert "Vonage did not send the button’s label." in in_thread(reader, message)


def test_template_shows_its_name_language_and_parameters(reader: Client, db: None) -> None:
    message = send(Template("acme:shipped", ["Daisy", "<b>42</b>", "at 9"], locale="en-GB"))
    for part in (in_thread(reader, message), on_page(reader, message)):
        assert "acme:shipped" in part
        assert "en-GB" in part
        filled = re.findall(r"<li><bdi>(.*?)</bdi></li>", part)
        assert filled == ["Daisy", "&lt;b&gt;42&lt;/b&gt;", "at 9"]
        assert "approved text" in part
    assert "acme:shipped" in in_list(reader)


@pytest.mark.parametrize(
    "template", [None, "x", [], {}, {"name": ["x"], "parameters": "ab"}, {"parameters": [{}, None]}]
)
def test_malformed_template_is_shown_without_an_error(
    template: Any, reader: Client, db: None
) -> None:
    message = send(Template("acme:shipped", locale="en-GB"))
    Message.objects.update(content={"template": template})
    for part in (in_thread(reader, message), on_page(reader, message), in_list(reader)):
        assert "Template" in part
        assert "<bdi>a</bdi>" not in part


def test_a_custom_object_is_shown_without_its_values(reader: Client, staff: Staff) -> None:
    split = ",".join(CUSTOMER[at : at + 3] for at in range(0, 12, 3))  # this form is not masked
    custom = {"type": "contacts", "phone": f"+{CUSTOMER}", "name": SCRIPT, "split": [split]}
    message = send(Custom(custom))
    trusted = staff("view_conversation", "view_message", "view_full_address", username="boss")
    for show in (in_thread, on_page):
        masked, whole = show(reader, message), show(trusted, message)
        assert "<details" in masked
        assert "&quot;phone&quot;" in masked
        assert "&quot;contacts&quot;" not in masked
        assert CUSTOMER not in masked
        assert split not in masked
        assert "&quot;contacts&quot;" in whole
        assert split in whole
        assert f"+{CUSTOMER}" in whole
        assert SCRIPT not in masked + whole
    assert "Custom content" in in_list(reader)


def test_unsupported_content_shows_advice(reader: Client, receive_content: Receive) -> None:
    message = receive_content({"type": "unsupported"})
    expected_text = (
        "Vonage does not support this kind of message. Ask the customer to send text instead."
    )
    assert expected_text in in_thread(reader, message)
    assert expected_text in on_page(reader, message)
    assert "Unsupported" in in_list(reader)


def test_unknown_content_type_is_shown_with_its_json(
    reader: Client, staff: Staff, receive_content: Receive
) -> None:
    content = {"type": "<u>order", "order": {"catalog": SCRIPT, "from": CUSTOMER}}
    message = receive_content(content)
    trusted = staff("view_conversation", "view_message", "view_full_address", username="boss")
    for show in (in_thread, on_page):
        masked, whole = show(reader, message), show(trusted, message)
        assert "Unknown content type: <bdi>&lt;u&gt;order</bdi>" in masked
        assert "&quot;catalog&quot;" in masked
        assert CUSTOMER not in masked
        assert f"&quot;from&quot;: &quot;{CUSTOMER}&quot;" in whole
        assert SCRIPT not in masked + whole
    assert "&lt;u&gt;order" in in_list(reader)


def test_empty_text_shows_a_placeholder(reader: Client, receive_content: Receive) -> None:
    message = receive_content({"type": "text", "text": {"body": "?"}})
    assert "No text." in in_thread(reader, message)
    assert "No text." not in in_thread(reader, receive_content({"type": "text", "text": "Hello"}))


def test_large_content_is_shortened(reader: Client, receive_content: Receive) -> None:
    message = receive_content({"type": "order", "order": ["x" * 30_000]})
    assert len(in_thread(reader, message)) < 25_000
    assert len(in_list(reader)) < 1_000
    long = receive_content({"type": "image", "image": {"url": "x", "caption": "y" * 5_000}})
    assert "y" * 5_000 in in_thread(reader, long)
    assert "y" * 100 not in in_list(reader)


@pytest.mark.parametrize(
    "content", [Text("Hello"), Image(MEDIA_URL), Template("acme:x", locale="en-GB")]
)
def test_pruned_message_shows_a_placeholder_and_cannot_be_resent(
    content: Any, staff: Staff
) -> None:
    client = staff("view_conversation", "view_message", "reply_conversation")
    message = send(content)
    Message.objects.update(status="rejected", created_at=timezone.now() - timedelta(days=40))
    assert "Send again" in in_thread(client, message)
    call_command("vonage_prune", texts=30)
    for part in (in_thread(client, message), on_page(client, message)):
        assert "The content is no longer stored." in part
        assert "has no valid link" not in part
    assert "Send again" not in in_thread(client, message)
    url = f"/admin/vonage_messages/message/{message.pk}/do/send-again/"
    page = client.post(url, follow=True).content.decode()
    assert "Not sent again. The content is no longer stored." in page
    assert Message.objects.count() == 1


def test_pruned_payload_leaves_the_content(reader: Client, receive_content: Receive) -> None:
    message = receive_content({"type": "image", "image": {"url": MEDIA_URL}})
    Message.objects.update(payload={})
    assert external_links(in_thread(reader, message)) == [ESCAPED_URL]


@pytest.mark.parametrize(
    ("channel", "options", "expected"),
    [
        (
            "viber",
            ViberOptions(category="promotion", ttl=600, type="<b>"),
            [
                "Category: <bdi>promotion</bdi>",
                "Expires after (seconds): <bdi>600</bdi>",
                "Type: <bdi>&lt;b&gt;</bdi>",
            ],
        ),
        (
            "messenger",
            MessengerOptions(category="message_tag", tag="ACCOUNT_UPDATE"),
            ["Category: <bdi>message_tag</bdi>", "Message tag: <bdi>ACCOUNT_UPDATE</bdi>"],
        ),
        ("viber", None, []),
    ],
)
def test_channel_options_are_shown_on_the_message_page(
    channel: str, options: Any, expected: list[str], reader: Client, db: None
) -> None:
    page = page_of(reader, f"message/{send('Hi', channel, options=options).pk}/change/")
    assert ("field-channel_options" in page) is bool(expected)
    for expected_text in expected:
        assert expected_text in page


def test_thread_with_every_content_type_loads_nothing_from_other_hosts(
    reader: Client, receive_content: Receive
) -> None:
    for kind in MEDIA_TYPES:
        receive_content({"type": kind, kind: {"url": MEDIA_URL, "caption": f"<img src=x>{SCRIPT}"}})
    receive_content({"type": "location", "location": PLACE | {"name": SCRIPT, "url": MEDIA_URL}})
    receive_content({"type": "hologram", "hologram": {"url": MEDIA_URL}})
    message = receive_content({"type": "text", "text": f"{MEDIA_URL} {SCRIPT}"})
    page = page_of(reader, f"conversation/{message.conversation_id}/change/")
    sources = re.findall(r'(?:src|srcset|poster|data|action)="([^"]*)"', page)
    assert all(source.startswith("/") for source in sources)
    assert SCRIPT not in page
    for tag in ("<img", "<audio", "<video", "<iframe", "<object", "<embed", " style="):
        assert tag not in page
    assert len(external_links(page)) == len(MEDIA_TYPES) + 2  # a map and a website


def _one_of_each(receive_content: Receive) -> Message:
    for kind in MEDIA_TYPES:
        receive_content({"type": kind, kind: {"url": MEDIA_URL}})
    receive_content({"type": "location", "location": PLACE})
    receive_content({"type": "sticker", "sticker": {"url": MEDIA_URL}})
    send(Custom({"type": "contacts"}))
    return send(Template("acme:x", ["a"], locale="en-GB"))


@pytest.mark.parametrize("page", ["conversation/", "message/", "thread"])
def test_content_types_take_no_queries_per_message(
    page: str, staff: Staff, receive_content: Receive
) -> None:
    client = staff("view_conversation", "reply_conversation", "view_message")
    thread = f"conversation/{_one_of_each(receive_content).conversation_id}/change/"
    url = thread if page == "thread" else page

    def queries() -> int:
        page_of(client, url)  # marks the conversation as read
        with CaptureQueriesContext(connection) as captured:
            page_of(client, url)
        return len(captured)

    expected = queries()
    for _ in range(9):
        _one_of_each(receive_content)
    assert queries() == expected <= 14
