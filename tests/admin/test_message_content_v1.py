"""Content of API v1: several files, cards, stickers, replies, orders and contacts."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from django_vonage_messages import send_message
from django_vonage_messages.admin.content_labels import content_label
from django_vonage_messages.content import Attachments, Card, Carousel, Image, Sticker, VCard
from django_vonage_messages.content.suggestions import OpenUrl, Reply
from django_vonage_messages.models import Message
from django_vonage_messages.options import RcsOptions
from django_vonage_messages.testing import simulate_inbound
from tests.accounts import v1_account
from tests.admin.conftest import ADDRESSES, CUSTOMER, Staff
from tests.admin.test_message_content import (
    MEDIA_URL,
    SCRIPT,
    external_links,
    in_thread,
    on_page,
    page_of,
    send,
)

OURS = {**ADDRESSES, "rcs": ("Vonage", CUSTOMER)}
BOOTS = Card(
    "Blue <boots>",
    "Leather",
    "https://shop.example/blue.jpg",
    suggestions=[Reply("Buy", "buy-1"), OpenUrl("See more", "see", "https://shop.example/")],
)
SHOES = Card("Red shoes", "Suede", "https://shop.example/red.jpg")


@pytest.fixture(autouse=True)
def _v1(db: None) -> Any:
    with v1_account():
        yield


@pytest.fixture
def reader(staff: Staff) -> Client:
    return staff("view_conversation", "view_message")


@pytest.fixture
def trusted(staff: Staff) -> Client:
    return staff("view_conversation", "view_message", "view_full_address", username="boss")


def receive(content_type: str, content: Any, channel: str = "whatsapp") -> Message:
    our_address, their_address = OURS[channel]
    received = {"type": content_type, content_type: content}
    return simulate_inbound(their_address, received, channel=channel, to=our_address, version="v1")


def send_rcs(content: Any, **kwargs: Any) -> Message:
    return send_message(CUSTOMER, content, channel="rcs", sender="Vonage", **kwargs)


def parts_in(html: str) -> list[str]:
    parts = html.partition('<ol class="vonage-content-parts')[2].partition("</ol>")[0]
    return parts.split("<li>")[1:]


def test_each_of_several_files_has_its_caption(reader: Client) -> None:
    files = [
        {"type": "image", "url": f"{MEDIA_URL}1", "caption": "The <front>"},
        {"type": "image", "url": f"{MEDIA_URL}2", "caption": "The back"},
        {"type": "vcard", "url": f"{MEDIA_URL}3"},
    ]
    message = receive("content", files, "mms")
    for html in (in_thread(reader, message), on_page(reader, message)):
        front, back, card = parts_in(html)
        assert "Open image" in front
        assert "The &lt;front&gt;" in front
        assert "The back" in back
        assert "Open contact card" in card
        assert html.count("The &lt;front&gt;") == 1
        assert ">Files<" in html.replace("<bdi>", "").replace("</bdi>", "")
        assert "Available until" in html
        assert len(external_links(html)) == 3


def test_text_beside_files_does_not_repeat_their_captions(
    reader: Client, post_webhook: Any
) -> None:
    """The customer writes a text, and sends two photos with captions."""
    our_address, their_address = OURS["mms"]
    body = {
        "channel": "mms",
        "message_uuid": str(uuid.uuid4()),
        "to": our_address,
        "from": their_address,
        "timestamp": "2026-11-24T10:00:00Z",
        "message_type": "image",
        "text": "Both are broken",
        "image": {"url": f"{MEDIA_URL}1", "caption": "The front"},
        "content": [
            {"type": "image", "url": f"{MEDIA_URL}1", "caption": "The front"},
            {"type": "image", "url": f"{MEDIA_URL}2", "caption": "The back"},
        ],
    }
    assert post_webhook("inbound-message", body).json() == {"result": "applied"}
    message = Message.objects.inbound().get()
    assert message.text == "Both are broken\nThe front\nThe back"
    html = in_thread(reader, message)
    for text in ("Both are broken", "The front", "The back"):
        assert html.count(text) == 1


def test_several_outbound_files_have_their_captions(reader: Client) -> None:
    message = send(Attachments([Image(MEDIA_URL, "Label"), VCard(f"{MEDIA_URL}1")]), "mms")
    label, card = parts_in(in_thread(reader, message))
    assert "Label" in label
    assert "Open contact card" in card


def test_each_card_shows_its_text_link_and_buttons(reader: Client) -> None:
    message = send_rcs(Carousel([BOOTS, SHOES]))
    for html in (in_thread(reader, message), on_page(reader, message)):
        boots, shoes = parts_in(html)
        assert "Blue &lt;boots&gt;\nLeather" in boots
        assert "<bdi>Buy</bdi> · <bdi>See more</bdi>" in boots
        assert external_links(boots) == ["https://shop.example/blue.jpg"]
        assert "Red shoes" in shoes
        assert "Buttons" not in shoes
        assert external_links(shoes) == ["https://shop.example/red.jpg"]
        assert html.count("Red shoes") == 1


def test_single_card_is_not_numbered(reader: Client) -> None:
    html = in_thread(reader, send_rcs(BOOTS))
    assert 'class="vonage-content-parts vonage-unnumbered"' in html
    assert len(parts_in(html)) == 1


@pytest.mark.parametrize(
    "carousel", [None, [], {}, {"cards": "x"}, {"cards": [None, {"suggestions": [3, {}]}]}]
)
def test_malformed_cards_are_shown_without_an_error(carousel: Any, reader: Client) -> None:
    message = send_rcs(Carousel([BOOTS, SHOES]))
    Message.objects.update(content={"carousel": carousel})
    for html in (in_thread(reader, message), on_page(reader, message)):
        assert "Cards" in html
        assert "Blue &lt;boots&gt;" in html  # the text has its own column


def test_buttons_under_a_text_are_shown(reader: Client) -> None:
    message = send_rcs("Hello", options=RcsOptions(suggestions=[Reply("Talk <to> us", "x")]))
    for html in (in_thread(reader, message), on_page(reader, message)):
        assert "<dt>Buttons</dt><dd><bdi>Talk &lt;to&gt; us</bdi></dd>" in html
    page = page_of(reader, f"message/{message.pk}/change/")
    for member in (
        "type&quot;: &quot;reply",
        "text&quot;: &quot;Talk",
    ):  # PostgreSQL sorts the members
        assert member in page


def test_sticker_with_an_id_shows_the_id(reader: Client) -> None:
    message = send(Sticker(id="aaaaaaaa-0000-4000-8000-000000000001"))
    html = in_thread(reader, message)
    assert "aaaaaaaa-0000-4000-8000-000000000001" in html
    assert "has no valid link" not in html
    assert "has no valid link" in in_thread(reader, receive("sticker", {"url": "x"}))


def test_reply_shows_its_title_and_description(reader: Client) -> None:
    message = receive("reply", {"id": "1", "title": "Order 42", "description": "Blue <boots>"})
    html = in_thread(reader, message)
    assert "Order 42" in html
    assert "<bdi>Blue &lt;boots&gt;</bdi>" in html


def test_order_is_shown_in_lines(reader: Client) -> None:
    items = [
        {"product_retailer_id": SCRIPT, "quantity": "2", "item_price": "9.90", "currency": "EUR"},
        {"product_retailer_id": "laces", "quantity": 1, "item_price": 3.5},
        {"product_retailer_id": "gift"},
        {"quantity": "1"},
        "x",
    ]
    message = receive("order", {"catalog_id": "1", "product_items": items, "text": "By Friday?"})
    for html in (in_thread(reader, message), on_page(reader, message)):
        lines = re.findall(r"<li><bdi>(.*?)</bdi></li>", html)
        assert lines == [
            "2 × &lt;script&gt;alert(1)&lt;/script&gt;, at 9.90 EUR",
            "1 × laces, at 3.5",
            "? × gift",
        ]
        assert "By Friday?" in html
        assert "own form" not in html
        assert "<details" in html


def test_long_order_shows_the_number_of_further_lines(reader: Client) -> None:
    items = [{"product_retailer_id": f"p{number}", "quantity": 1} for number in range(60)]
    html = in_thread(reader, receive("order", {"product_items": items}))
    assert "1 × p49" in html
    assert "1 × p50" not in html
    assert "… and 10 more" in html


@pytest.mark.parametrize("order", [None, [], {}, {"product_items": {}}, {"product_items": [[]]}])
def test_malformed_order_is_shown_as_an_object(order: Any, reader: Client) -> None:
    html = in_thread(reader, receive("order", order))
    assert "Data in the format of the channel’s provider." in html
    assert "Products" not in html


def test_contacts_show_names_and_mask_numbers_without_permission(
    reader: Client, trusted: Client
) -> None:
    split = ",".join(CUSTOMER[at : at + 3] for at in range(0, 12, 3))  # this form is not masked
    contacts = [
        {"name": {"formatted_name": "Bob <i>"}, "phones": [{"phone": f"+{CUSTOMER}"}, {}]},
        {"name": {"formatted_name": f"Jo {CUSTOMER}"}, "phones": [{"phone": split}]},
        {"name": "x", "phones": 3},
    ]
    message = receive("contacts", contacts)
    for show in (in_thread, on_page):
        masked, whole = show(reader, message), show(trusted, message)
        assert "Bob &lt;i&gt;" in masked
        assert CUSTOMER not in masked
        assert split not in masked
        assert f'<bdi dir="ltr">+{CUSTOMER}</bdi>' in whole
        assert f'<bdi dir="ltr">{split}</bdi>' in whole


@pytest.mark.parametrize("contacts", [None, {}, [], ["x"], [{"name": {"formatted_name": 1.5}}]])
def test_malformed_contacts_are_shown_as_an_object(contacts: Any, trusted: Client) -> None:
    html = in_thread(trusted, receive("contacts", contacts))
    assert "Data in the format of the channel’s provider." in html
    assert "Names" not in html


def test_order_label_does_not_use_djangos_translation_for_sorting() -> None:
    with translation.override("he"):
        assert content_label("order") == "Order"
