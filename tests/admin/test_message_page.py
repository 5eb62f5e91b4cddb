import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.utils import timezone

from django_vonage_messages import (
    cancel_message,
    queue_message,
    reschedule_message,
    send_message,
)
from django_vonage_messages.models import Message, StatusEvent
from django_vonage_messages.protocol.outcomes import interpret
from tests.admin.conftest import CUSTOMER, Receive, Staff
from tests.admin.test_thread import failed_send


def page_of(client: Client, message: Message) -> str:
    response = client.get(f"/admin/vonage_messages/message/{message.pk}/change/")
    assert response.status_code == 200
    return response.content.decode()


def timeline_in(page: str) -> list[str]:
    return page.partition("vonage-timeline-heading")[2].partition("</ol>")[0].split("<li>")[1:]


@pytest.fixture
def reader(staff: Staff) -> Client:
    return staff("view_message")


def test_timeline_shows_status_source_and_times(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    clock = datetime(2026, 1, 1, 14, 0, 7, tzinfo=UTC)
    common: dict[str, Any] = {"message": message, "source": "vonage"}
    StatusEvent.objects.create(
        **common,
        status="delivered",
        dedupe_key="1",
        occurred_at=clock,
        received_at=datetime(2026, 1, 1, 14, 0, 9, tzinfo=UTC),
        price_as_received="0.0330",
        currency="EUR",
    )
    StatusEvent.objects.create(
        **common,
        status="rejected",
        dedupe_key="2",
        error_code="1180",
        error_title="Absent Subscriber Temporary",
        late=True,
    )
    StatusEvent.objects.create(**common, status="<b>odd</b>", dedupe_key="3")
    with timezone.override(UTC):
        accepted, delivered, late, odd = timeline_in(page_of(reader, message))
    assert "Sent" in accepted
    assert "This site" in accepted
    assert "Delivered" in delivered
    assert "Vonage" in delivered
    assert "14:00:07" in delivered
    assert "14:00:09" in delivered
    assert "0.0330 EUR" in delivered
    assert "Arrived late:" in late
    assert "Absent Subscriber Temporary (1180)" in late
    assert "Send the message again later." in late
    assert "&lt;b&gt;odd&lt;/b&gt;" in odd


@pytest.mark.usefixtures("db")
def test_timeline_shows_the_new_time_of_a_moved_message(reader: Client) -> None:
    noon = datetime(2031, 5, 4, 12, tzinfo=UTC)
    message = queue_message(CUSTOMER, "Hello", send_at=noon)
    reschedule_message(message, send_at=noon + timedelta(hours=1))
    cancel_message(message)
    reschedule_message(message, send_at=None)
    with timezone.override(UTC):
        page = page_of(reader, message)
        moved, cancelled, revived = timeline_in(page)
    assert "Rescheduled to" in moved
    assert "May 4, 2031, 1 p.m." in moved
    assert "Rescheduled to" not in cancelled
    assert "as soon as possible" in revived
    assert "Due since " in page


@pytest.mark.parametrize(
    ("source", "status", "expected_text", "absent"),
    [
        ("local", "failed", ["Odd 1120", "send from our number or name"], ["Illegal", "country"]),
        ("vonage", "rejected", ["Illegal Sender Address", "country"], ["our number or name"]),
    ],
)
def test_timeline_explains_an_error_by_its_origin(
    source: str,
    status: str,
    expected_text: list[str],
    absent: list[str],
    reader: Client,
    db: None,
) -> None:
    message = send_message(CUSTOMER, "Hello")
    message.events.create(
        source=source, status=status, error_code="1120", error_title="Odd", dedupe_key="1"
    )
    step = timeline_in(page_of(reader, message))[-1]
    assert all(word in step for word in expected_text)
    assert not any(word in step for word in absent)


def test_automatic_retry_in_the_timeline_has_no_advice(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    message.events.create(
        source="local", status="queued", error_code="1000", error_title="Odd", dedupe_key="1"
    )
    step = timeline_in(page_of(reader, message))[-1]
    assert "Odd 1000" in step
    assert "again" not in step


def test_price_is_shown_as_received(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(price_as_received="0.03300000", price="0.033", currency="EUR")
    page = page_of(reader, message)
    assert '<bdi dir="ltr">0.03300000 EUR</bdi>' in page


def test_related_object_is_linked_with_permission(reader: Client, staff: Staff) -> None:
    group = Group.objects.create(name="<i>Order 42</i>")
    message = send_message(CUSTOMER, "Hello", related=group)
    assert "Order 42" not in page_of(reader, message)
    assert f"group {group.pk}" in page_of(reader, message)

    client = staff("view_message", username="ben")
    may_view = Permission.objects.get(codename="view_group")
    User.objects.get(username="ben").user_permissions.add(may_view)
    page = page_of(client, message)
    link = f'<a href="/admin/auth/group/{group.pk}/change/">group: &lt;i&gt;Order 42&lt;/i&gt;</a>'
    assert link in page
    group.delete()
    assert "(deleted)" in page_of(reader, message)


def test_payload_of_an_inbound_message_requires_view_full_address(
    reader: Client, staff: Staff, receive_text: Receive
) -> None:
    message = receive_text("Hello")
    assert "raw_payload" not in page_of(reader, message)
    trusted = staff("view_message", "view_full_address", username="trusted")
    assert "&quot;num_messages&quot;" in page_of(trusted, message)


def test_payload_of_a_status_event_requires_view_full_address(
    staff: Staff, receive_text: Receive
) -> None:
    event = StatusEvent.objects.create(
        message=receive_text(),
        source="vonage",
        status="read",
        dedupe_key="1",
        error_detail=f"No such number {CUSTOMER}",
        payload={"to": CUSTOMER},
    )
    url = f"/admin/vonage_messages/statusevent/{event.pk}/change/"
    page = staff("view_statusevent").get(url).content.decode()
    assert "No such number •" in page
    trusted = staff("view_statusevent", "view_full_address", username="trusted")
    assert f"&quot;to&quot;: &quot;{CUSTOMER}&quot;" in trusted.get(url).content.decode()


def test_refused_message_shows_its_reason(staff: Staff, outcomes: list[Any]) -> None:
    wrong = [{"name": "from", "reason": f"{CUSTOMER} is not yours"}]
    body = {
        "type": "https://developer.vonage.com/api-errors/messages#1120",
        "title": "Invalid sender",
        "invalid_parameters": wrong,
    }
    outcomes.append(interpret(422, json.dumps(body).encode()))
    message = failed_send("Hello")
    names = ("view_message", "reply_conversation", "view_conversation")
    page = page_of(staff(*names), message)
    assert "Vonage rejected the message" in page
    assert "Error from Vonage: <bdi>Invalid sender: from: ••••" in page
    assert "send from our number or name" in page
    assert "Who must act? <strong>The developers of this site</strong>" in page
    assert ">Send again<" in page
    assert "Illegal Sender Address" not in page
    assert "country" not in page
    trusted = staff(*names, "view_full_address", username="trusted")
    assert f"from: {CUSTOMER} is not yours" in page_of(trusted, message)


def test_rejected_message_shows_its_explanation(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status="rejected", error_code="1240", error_title="Illegal Number")
    assert "The customer has opted out" in page_of(reader, message)


PRICING = {"type": "regular", "pricing_model": "PMP", "category": "<b>marketing</b>"}


def test_segments_and_pricing_are_shown_with_the_price(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    columns: dict[str, Any] = {"segments": 3, "pricing": PRICING}
    message.events.create(source="vonage", status="delivered", dedupe_key="1", **columns)
    Message.objects.update(**columns, price_as_received="0", currency="EUR")
    page = page_of(reader, message)
    cost = page.partition("Cost")[2].partition("</fieldset>")[0]
    for expected_text in ("0 EUR", ">3<", "WhatsApp pricing", "regular", "PMP"):
        assert expected_text in cost
    assert "Category: <bdi>&lt;b&gt;marketing&lt;/b&gt;</bdi>" in cost
    step = timeline_in(page)[-1]
    assert "<dt>Segments</dt><dd>3</dd>" in step
    assert "&lt;b&gt;marketing&lt;/b&gt;" in step


def test_message_without_pricing_shows_none(reader: Client, db: None) -> None:
    page = page_of(reader, send_message(CUSTOMER, "Hello"))
    assert "WhatsApp pricing" not in page
    assert "Pricing category" not in page
    assert "<dt>Segments</dt>" not in page
    assert "field-segments" not in page


def test_event_page_shows_segments_and_pricing(staff: Staff, db: None) -> None:
    event = send_message(CUSTOMER, "Hello").events.create(
        source="vonage", status="delivered", dedupe_key="1", segments=3, pricing=PRICING
    )
    url = f"/admin/vonage_messages/statusevent/{event.pk}/change/"
    page = staff("view_statusevent").get(url).content.decode()
    assert "Pricing model: <bdi>PMP</bdi>" in page
    assert ">3<" in page
