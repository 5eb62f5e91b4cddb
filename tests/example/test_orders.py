"""Tests of the example site with the package's public test tools."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone

from django_vonage_messages.content import Template, Text
from django_vonage_messages.models import Message, SignalDispatch, Suppression
from django_vonage_messages.testing import OutgoingMessage
from example_project.orders.models import AlreadyShipped, Order
from example_project.orders.receivers import UNKNOWN
from tests.example.conftest import PHONE

Texts = list[OutgoingMessage]
Commits = Callable[[], Any]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("example_project.urls")]


def test_shipping_texts_the_customer_once_after_the_commit(
    order: Order, texts: Texts, commits: Commits
) -> None:
    with commits():
        order.ship()
        assert texts == []
    assert order.status == Order.Status.SHIPPED
    assert order.shipped_at is not None
    assert [(text.to, text.sender) for text in texts] == [(PHONE, "447700900001")]
    assert texts[0].text.startswith("Hello Oliver Bell, your order A-1001 is on its way.")
    assert [message.status for message in order.messages.all()] == ["accepted"]
    assert order.conversation == order.messages.get().conversation


def test_an_order_ships_only_once(order: Order, texts: Texts, commits: Commits) -> None:
    same = Order.objects.get(pk=order.pk)
    with commits():
        order.ship()
        with pytest.raises(AlreadyShipped):
            same.ship()
    assert len(texts) == 1


def test_rolled_back_order_sends_no_text(order: Order, texts: Texts, commits: Commits) -> None:
    def ship_and_fail() -> None:
        with transaction.atomic():
            order.ship()
            raise RuntimeError("the warehouse is on fire")

    with commits(), pytest.raises(RuntimeError):
        ship_and_fail()
    order.refresh_from_db()
    assert order.status == Order.Status.PACKING
    assert texts == []
    assert not Message.objects.exists()


def test_order_of_a_suppressed_customer_ships_without_a_text(
    order: Order, texts: Texts, commits: Commits
) -> None:
    Suppression.objects.create(address=PHONE, evidence="asked for it")
    with commits():
        order.ship()
    assert order.status == Order.Status.SHIPPED
    assert order.text_status == "Not sent"
    assert texts == []


@pytest.mark.parametrize("phone", ["07700900123", "+447700900123", "4477009 00123", "447700900\n"])
def test_phone_must_be_in_the_stored_form_of_numbers(order: Order, phone: str) -> None:
    order.phone = phone
    with pytest.raises(ValidationError):
        order.full_clean()


@pytest.mark.parametrize("keyword", ["STATUS", "status", " Status\n"])
def test_the_keyword_is_answered_with_the_state_of_the_order(
    order: Order, texts: Texts, customer_writes: Callable[[str], Any], keyword: str
) -> None:
    customer_writes(keyword)
    assert [(text.to, text.text) for text in texts] == [(PHONE, order.summary)]
    assert "being packed" in order.summary


def test_the_answer_is_about_the_latest_order(
    order: Order, texts: Texts, customer_writes: Callable[[str], Any]
) -> None:
    Order.objects.create(reference="A-1002", customer_name="Oliver Bell", phone=PHONE)
    customer_writes("STATUS")
    assert "A-1002" in texts[0].text


def test_summary_of_a_shipped_order_contains_its_date(order: Order, commits: Commits) -> None:
    with commits():
        order.ship()
    assert order.shipped_at is not None
    shipped_on = timezone.localtime(order.shipped_at)  # the page uses the shop's time zone
    assert f"left us on {shipped_on.day} " in order.summary


def test_customer_without_an_order_gets_a_reply(
    texts: Texts, customer_writes: Callable[[str], Any]
) -> None:
    customer_writes("STATUS")
    assert [text.text for text in texts] == [UNKNOWN]


@pytest.mark.parametrize("text", ["Where is my order?", "STATUS please", "", "STOP"])
def test_other_texts_wait_for_staff(
    order: Order, texts: Texts, customer_writes: Callable[[str], Any], text: str
) -> None:
    customer_writes(text)
    assert texts == []
    assert Message.objects.inbound().get().conversation.unread_count == 1


def test_keyword_of_a_suppressed_customer_is_not_answered(
    order: Order, texts: Texts, customer_writes: Callable[[str], Any]
) -> None:
    Suppression.objects.create(address=PHONE, evidence="asked for it")
    customer_writes("STATUS")
    assert texts == []
    assert Message.objects.inbound().exists()
    assert not SignalDispatch.objects.exists()


@pytest.mark.parametrize(
    ("status", "extra", "shown"),
    [
        ("submitted", {}, "Sent to carrier"),
        ("delivered", {}, "Delivered"),
        (
            "rejected",
            {"error": {"code": 1190, "reason": "in the carrier's words"}},
            "Did not arrive: rejected. The number is no longer in use.",
        ),
        ("undeliverable", {}, "Did not arrive"),
    ],
)
def test_order_shows_the_status_of_its_text(
    order: Order,
    commits: Commits,
    post_webhook: Callable[..., Any],
    status_body: Callable[..., dict[str, Any]],
    status: str,
    extra: dict[str, Any],
    shown: str,
) -> None:
    with commits():
        order.ship()
    order.refresh_from_db()
    assert order.text_status == "Sent"
    response = post_webhook("message-status", status_body(order.messages.get(), status, **extra))
    assert response.status_code == 200
    order.refresh_from_db()
    assert order.text_status == shown


def test_text_without_an_order_changes_no_order(
    order: Order, texts: Texts, customer_writes: Callable[[str], Any]
) -> None:
    customer_writes("STATUS")
    order.refresh_from_db()
    assert len(texts) == 1
    assert order.text_status == ""


def test_the_home_page_shows_names_only_to_staff(
    order: Order, client: Client, admin_client: Client
) -> None:
    visitors = client.get("/").content.decode()
    assert "A-1001" in visitors
    assert "Oliver Bell" not in visitors
    assert "<button>" not in visitors
    staffs = admin_client.get("/").content.decode()
    assert "Oliver Bell" in staffs
    assert f'action="/orders/{order.pk}/ship/"' in staffs


def test_home_page_takes_a_fixed_number_of_queries(
    order: Order, admin_client: Client, django_assert_num_queries: Any
) -> None:
    for number in range(2, 12):
        Order.objects.create(
            reference=f"A-{number}", customer_name="Nora", phone=f"4477009000{number:02}"
        )
    with django_assert_num_queries(4):  # session, user, orders, conversations
        admin_client.get("/")


def test_ship_button_ships_once(
    order: Order, admin_client: Client, texts: Texts, commits: Commits
) -> None:
    with commits():
        response = admin_client.post(f"/orders/{order.pk}/ship/", follow=True)
    assert "A-1001 has been shipped" in response.content.decode()
    with commits():
        response = admin_client.post(f"/orders/{order.pk}/ship/", follow=True)
    assert "has been shipped already" in response.content.decode()
    assert len(texts) == 1


def test_only_staff_can_ship_and_only_by_post(
    order: Order, client: Client, admin_client: Client, texts: Texts, commits: Commits
) -> None:
    with commits():
        assert client.post(f"/orders/{order.pk}/ship/").status_code == 302
        assert admin_client.get(f"/orders/{order.pk}/ship/").status_code == 405
    order.refresh_from_db()
    assert order.status == Order.Status.PACKING
    assert texts == []


def test_admin_action_ships_selected_orders(
    order: Order, admin_client: Client, texts: Texts, commits: Commits
) -> None:
    shipped = Order.objects.create(reference="A-1002", customer_name="Nora", phone="447700900124")
    with commits():
        shipped.ship()
    action = {"action": "ship_and_text", "_selected_action": [order.pk, shipped.pk]}
    with commits():
        page = admin_client.post("/admin/orders/order/", action, follow=True).content.decode()
    assert "A-1002 has been shipped already" in page
    assert "Shipped: 1" in page
    assert [text.to for text in texts] == ["447700900124", PHONE]


def test_admin_action_requires_permission(
    order: Order, client: Client, django_user_model: Any, rf: Any
) -> None:
    request = rf.get("/admin/orders/order/")
    request.user = django_user_model.objects.create_user("looker", is_staff=True)
    assert "ship_and_text" not in admin.site.get_model_admin(Order).get_actions(request)


def test_the_admin_page_of_an_order_links_its_texts_and_thread(
    order: Order, admin_client: Client, commits: Commits
) -> None:
    url = f"/admin/orders/order/{order.pk}/change/"
    assert admin_client.get(url).content.decode().count("none yet") == 2
    with commits():
        order.ship()
    message = order.messages.get()
    page = admin_client.get(url).content.decode()
    assert f"/admin/vonage_messages/message/{message.pk}/change/" in page
    assert f"/admin/vonage_messages/conversation/{message.conversation_id}/change/" in page


@pytest.mark.parametrize(
    ("channel", "content", "options"),
    [
        (
            "sms",
            Text(
                "Hello Oliver Bell, your order A-1001 is on its way. "
                "Reply STATUS at any time, or just ask us."
            ),
            None,
        ),
        (
            "whatsapp",
            Template("example_shop:order_shipped", ["Oliver Bell", "A-1001"], locale="en-GB"),
            None,
        ),
        (
            "viber",
            Text(
                "Hello Oliver Bell, your order A-1001 is on its way. "
                "Reply STATUS at any time, or just ask us."
            ),
            {"category": "transaction", "ttl": 86400},
        ),
    ],
)
def test_customer_is_notified_on_the_channel_of_the_order(
    order: Order,
    texts: list[OutgoingMessage],
    commits: Callable[[], Any],
    channel: str,
    content: Any,
    options: Any,
) -> None:
    Order.objects.filter(pk=order.pk).update(channel=channel)
    order.refresh_from_db()
    with commits():
        order.ship()
    (sent,) = texts
    assert (sent.channel, sent.content) == (channel, content)
    assert sent.body["message"].get("viber_service_msg") == options
    message = order.messages.get()
    assert order.conversation == message.conversation


def test_conversation_of_an_order_is_that_of_its_channel(
    order: Order, texts: list[OutgoingMessage], commits: Callable[[], Any]
) -> None:
    with commits():
        order.ship()
    by_sms = order.conversation
    Order.objects.filter(pk=order.pk).update(channel="viber")
    order.refresh_from_db()
    assert by_sms is not None
    assert order.conversation is None
