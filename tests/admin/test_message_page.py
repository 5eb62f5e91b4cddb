from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, StatusEvent
from tests.admin.conftest import CUSTOMER, Receive, Staff


def page_of(client: Client, message: Message) -> str:
    response = client.get(f"/admin/vonage_messages/message/{message.pk}/change/")
    assert response.status_code == 200
    return response.content.decode()


def timeline_in(page: str) -> list[str]:
    return page.partition("vonage-timeline-heading")[2].partition("</ol>")[0].split("<li>")[1:]


@pytest.fixture
def reader(staff: Staff) -> Client:
    return staff("view_message")


def test_the_timeline_tells_what_was_said_by_whom_and_when(reader: Client, db: None) -> None:
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
    assert "Accepted" in accepted
    assert "This site" in accepted
    assert "Delivered" in delivered
    assert "Vonage" in delivered
    assert "14:00:07" in delivered
    assert "14:00:09" in delivered
    assert "0.0330 EUR" in delivered
    assert "Late:" in late
    assert "Absent Subscriber Temporary (1180)" in late
    assert "Send it again later." in late
    assert "&lt;b&gt;odd&lt;/b&gt;" in odd


def test_our_own_error_is_not_looked_up_in_the_catalogue(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    message.events.create(
        source="local", status="failed", error_code="1120", error_title="Odd", dedupe_key="1"
    )
    step = timeline_in(page_of(reader, message))[-1]
    assert "Odd 1120" in step
    assert "Illegal Sender Address" not in step


def test_the_price_is_shown_as_it_came(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(price_as_received="0.03300000", price="0.033", currency="EUR")
    assert "0.03300000 EUR, as received from Vonage" in page_of(reader, message)


def test_the_related_object_is_named_and_linked_for_those_who_may_see_it(
    reader: Client, staff: Staff
) -> None:
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
    assert "no longer there" in page_of(reader, message)


def test_an_inbound_messages_payload_is_for_those_who_see_full_numbers(
    reader: Client, staff: Staff, receive_text: Receive
) -> None:
    message = receive_text("Hello")
    assert "raw_payload" not in page_of(reader, message)
    trusted = staff("view_message", "view_full_address", username="trusted")
    assert "&quot;num_messages&quot;" in page_of(trusted, message)


def test_a_status_events_payload_is_for_those_who_see_full_numbers(
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


def test_a_failed_message_says_why(reader: Client, db: None) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status="rejected", error_code="1240", error_title="Illegal Number")
    assert "The customer has opted out" in page_of(reader, message)
