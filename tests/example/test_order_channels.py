"""Orders on channels other than SMS."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from django_vonage_messages.content import Image
from django_vonage_messages.models import Conversation, SignalDispatch
from django_vonage_messages.testing import OutgoingMessage, simulate_inbound
from example_project.orders.models import Order
from example_project.vonage import CONSOLE, CONSOLE_SENDERS
from tests.example.conftest import PHONE

Texts = list[OutgoingMessage]
Commits = Callable[[], Any]

PICTURE = Image("https://example.com/parcel.jpg", caption="STATUS")
BUTTON = {"type": "button", "button": {"payload": "status", "text": "Status"}}

pytestmark = [pytest.mark.django_db, pytest.mark.urls("example_project.urls")]


@pytest.fixture
def whatsapp_order(order: Order) -> Order:
    order.channel = Order.Channel.WHATSAPP
    order.save()
    return order


@pytest.mark.parametrize("content", ["STATUS", BUTTON])
def test_keyword_is_answered_on_its_own_channel(
    order: Order, texts: Texts, commits: Commits, content: Any
) -> None:
    with commits():
        simulate_inbound(PHONE, content, channel="whatsapp")
    assert [(text.channel, text.to, text.text) for text in texts] == [
        ("whatsapp", PHONE, order.summary)
    ]


def test_keyword_on_a_channel_without_texts_waits_for_staff(
    order: Order, texts: Texts, commits: Commits
) -> None:
    with commits():
        message = simulate_inbound(PHONE, PICTURE, channel="mms")
    assert (message.text, texts) == ("STATUS", [])
    assert message.conversation.unread_count == 1
    assert not SignalDispatch.objects.exists()


def test_order_ships_without_a_sender_on_its_channel(
    whatsapp_order: Order, texts: Texts, commits: Commits, caplog: pytest.LogCaptureFixture
) -> None:
    account = settings.VONAGE_MESSAGES["default"] | {"SENDERS": {"sms": "447700900001"}}
    with override_settings(VONAGE_MESSAGES={"default": account}), commits():
        whatsapp_order.ship()
    assert whatsapp_order.status == Order.Status.SHIPPED
    assert whatsapp_order.text_status == "Not sent"
    assert texts == []
    assert "order A-1001 was sent. Nothing was sent. sender: There is no sender" in caplog.text


@pytest.mark.parametrize(("channel", "shown"), [("whatsapp", '"template"'), ("viber", '"ttl"')])
def test_each_channel_writes_to_the_console_by_default(
    order: Order, commits: Commits, capsys: pytest.CaptureFixture[str], channel: str, shown: str
) -> None:
    order.channel = channel
    account = {"BACKEND": CONSOLE, "SENDERS": CONSOLE_SENDERS}
    with override_settings(VONAGE_MESSAGES={"default": account}), commits():
        order.ship()
    assert shown in capsys.readouterr().out
    assert order.messages.get().status == "accepted"


def test_home_page_links_the_conversation_of_the_orders_channel(
    whatsapp_order: Order, admin_client: Client, commits: Commits
) -> None:
    simulate_inbound(PHONE, "Hello")
    page = admin_client.get("/").content.decode()
    assert "<td>WhatsApp</td>" in page
    assert ">Conversation<" not in page
    simulate_inbound(PHONE, "Hello", channel="whatsapp")
    thread = Conversation.objects.get(channel="whatsapp")
    page = admin_client.get("/").content.decode()
    assert f"/admin/vonage_messages/conversation/{thread.pk}/change/" in page


def test_the_admin_page_of_an_order_names_a_template(
    whatsapp_order: Order, texts: Texts, admin_client: Client, commits: Commits
) -> None:
    with commits():
        whatsapp_order.ship()
    page = admin_client.get(f"/admin/orders/order/{whatsapp_order.pk}/change/").content.decode()
    assert "example_shop:order_shipped</a> (Sent)" in page
