"""Held and redirected messages, and the notices of a restored copy."""

import html
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.admin import notices as notices_module
from django_vonage_messages.backends import Throttled
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Deployment, Message
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.operations.hold import hold_messages, release_messages
from django_vonage_messages.testing import capture_messages, simulate_status
from tests.admin.conftest import CUSTOMER, MASKED, Staff
from tests.admin.test_actions import message_url
from tests.admin.test_reply import reply
from tests.admin.test_upkeep import notices

CONVERSATIONS = "/admin/vonage_messages/conversation/"
LIST = "/admin/vonage_messages/message/"
PHONE = "447700900009"


@pytest.fixture
def client(staff: Staff) -> Client:
    return staff("view_conversation", "view_message", "reply_conversation")


@pytest.fixture
def limit(settings: Any) -> Any:
    def limit(**changes: Any) -> None:
        account = settings.VONAGE_MESSAGES["default"] | changes
        settings.VONAGE_MESSAGES = {"default": account}

    return limit


def page(client: Client, url: str) -> str:
    return html.unescape(client.get(url).content.decode())


def hold() -> None:
    list(hold_messages())


def test_held_message_shows_the_reason_and_the_advice(client: Client) -> None:
    message = queue_message(CUSTOMER, "Hello")
    hold()

    text = page(client, message_url(message))
    assert "Held: by the operators" in text
    assert "manage.py vonage_hold --release" in text
    assert "Scheduled: " in text
    assert "Overdue" not in text
    assert "Due since" not in text
    assert "Cancel message" in text
    assert "Held: by the operators" in page(client, LIST)


def test_message_that_is_not_allowed_names_the_setting(client: Client, limit: Any) -> None:
    limit(ALLOWED_RECIPIENTS=[])
    message = queue_message(CUSTOMER, "Hello")
    deliver(message.pk)

    text = page(client, message_url(message))
    assert "Held: recipient not allowed" in text
    assert "add the recipient to ALLOWED_RECIPIENTS" in text
    assert "ALLOWED_RECIPIENTS does not contain the recipient" in text  # in the timeline


def test_released_message_shows_no_failed_attempt(client: Client, limit: Any) -> None:
    limit(ALLOWED_RECIPIENTS=[])
    message = queue_message(CUSTOMER, "Hello")
    deliver(message.pk)
    limit(ALLOWED_RECIPIENTS=[CUSTOMER])
    list(release_messages())

    text = page(client, message_url(message))
    assert "Held" not in text.partition("Timeline")[0].partition("Delivery")[2]
    assert "The last attempt failed" not in text


def test_failover_message_shows_that_it_is_held(client: Client) -> None:
    first = queue_message(CUSTOMER, "Hello", failover=[Failover("Hello", channel="whatsapp")])
    hold()

    second = first.workflow.messages.get(workflow_position=2)
    assert "Held: by the operators" in page(client, message_url(second))


def test_filter_finds_held_messages(client: Client, limit: Any) -> None:
    limit(ALLOWED_RECIPIENTS=[])
    deliver(queue_message(CUSTOMER, "Hello").pk)
    limit(ALLOWED_RECIPIENTS=None)
    for _ in range(2):
        queue_message(CUSTOMER, "Hello")
    hold()
    send_message(CUSTOMER, "Hello")

    for value, count in (("any", 3), ("hold", 2), ("not_allowed", 1)):
        assert client.get(LIST, {"held": value}).context["cl"].result_count == count


def test_cancelled_message_is_no_longer_shown_as_held(client: Client) -> None:
    message = queue_message(CUSTOMER, "Hello")
    hold()
    client.post(f"{LIST}{message.pk}/do/cancel/")

    assert "Held" not in page(client, message_url(message)).partition("Delivery")[2]
    assert client.get(LIST, {"held": "any"}).context["cl"].result_count == 0


def test_held_messages_have_a_notice(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        queue_message(CUSTOMER, "Hello")
    assert "held" not in notices(client)
    hold()

    assert "3 messages are held and are not sent." in notices(client)
    assert f'href="{LIST}?held=any"' in notices(client)
    monkeypatch.setattr(notices_module, "MOST_COUNTED", 2)
    assert "Over 2 messages are held and are not sent." in notices(client)


def test_restored_copy_has_a_notice(client: Client) -> None:
    assert "another host" not in notices(client)
    seen_at = datetime(2031, 2, 3, 4, 5, tzinfo=UTC)
    Deployment.objects.create(fingerprint="of another", host="web1", seen_at=seen_at)

    text = notices(client)
    assert "last used by another host" in text
    assert "web1" in text
    assert "2031" in text
    assert "vonage_hold" in text
    hold()
    assert "another host" not in notices(client)


def test_redirected_message_shows_the_masked_address(
    client: Client, staff: Staff, limit: Any
) -> None:
    limit(REDIRECT_TO=PHONE)
    message = send_message(CUSTOMER, "Hello")

    text = page(client, message_url(message))
    assert "Redirected to" in text
    assert "4477••••••09" in text
    assert MASKED in text
    assert PHONE not in text
    trusted = staff("view_message", "view_full_address", username="trusted")
    assert PHONE in page(trusted, message_url(message))
    limit(REDIRECT_TO=None)
    assert "Redirected to" not in page(client, message_url(send_message(CUSTOMER, "Hello")))


def test_redirected_message_is_not_shown_as_delivered_to_the_customer(
    client: Client, limit: Any
) -> None:
    limit(REDIRECT_TO=PHONE)
    message = send_message(CUSTOMER, "Hello")
    simulate_status(message, "delivered")

    for url in (message_url(message), f"{CONVERSATIONS}{message.conversation_id}/change/"):
        text = page(client, url)
        assert "Delivered (redirected)" in text
        assert "was sent to the address in REDIRECT_TO, not to the customer" in text
        assert "arrived on the customer" not in text
    assert "Delivered (redirected)" in page(client, LIST)


def test_redirected_message_that_failed_is_not_shown_as_sent(client: Client, limit: Any) -> None:
    limit(REDIRECT_TO=PHONE)
    message = send_message(CUSTOMER, "Hello")
    simulate_status(message, "rejected", error_code=1300)

    text = page(client, message_url(message))
    assert "(redirected)" in text
    assert "was sent to the address in REDIRECT_TO" not in text


def test_message_that_is_queued_again_is_not_shown_as_redirected(
    client: Client, limit: Any
) -> None:
    limit(REDIRECT_TO=PHONE)
    message = queue_message(CUSTOMER, "Hello")
    with capture_messages(outcome=Throttled("Slow down", retry_after=1)):
        deliver(message.pk)

    assert "(redirected)" not in page(client, message_url(message))


def test_failover_shows_the_messages_that_are_held(staff: Staff) -> None:
    queue_message(CUSTOMER, "Hello", failover=[Failover("Hello", channel="whatsapp")])
    hold()

    operator = staff("view_message", "view_workflow", username="operator")
    text = page(operator, "/admin/vonage_messages/workflow/")
    assert text.count("Held: by the operators") == 2


def test_reply_to_a_customer_who_is_not_allowed_names_the_setting(
    client: Client, conversation: Any, limit: Any
) -> None:
    limit(ALLOWED_RECIPIENTS=[])

    text = html.unescape(reply(client, conversation).content.decode())

    assert "This site does not send to this recipient" in text
    assert "ALLOWED_RECIPIENTS" in text
    assert Message.objects.outbound().get().status == "failed"
