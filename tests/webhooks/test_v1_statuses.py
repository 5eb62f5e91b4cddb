"""Statuses of v1, including forms that differ from the schema."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from django.conf import settings as configured

from django_vonage_messages import send_message
from django_vonage_messages.content import Image
from django_vonage_messages.models import Conversation, Message, UnprocessedWebhook
from django_vonage_messages.protocol.versions import parse_webhook
from django_vonage_messages.protocol.webhook_payloads import StatusPayload
from tests.webhooks.v1_bodies import NUMBER, URL, status_of

pytestmark = pytest.mark.django_db
ACCOUNT = configured.VONAGE_MESSAGES["default"]
SENDERS = {**ACCOUNT["SENDERS"], "rcs": "Example-Agent"}
PRICING = {"type": "regular", "pricing_model": "PMP", "category": "marketing"}


def at(second: int) -> str:
    return f"2025-02-03T12:14:{second:02}Z"


@pytest.fixture
def sent(settings: Any) -> Any:
    """Send on a channel over v1; return the message."""
    settings.VONAGE_MESSAGES = {"default": {**ACCOUNT, "SENDERS": SENDERS, "API_VERSION": "v1"}}

    def send(channel: str = "sms") -> Message:
        to = "0123456789012345" if channel == "messenger" else NUMBER
        content: Any = Image(URL) if channel == "mms" else "Hello"
        return send_message(to, content, channel=channel)

    return send


@pytest.fixture
def apply(post_webhook: Any) -> Any:
    """Deliver a status, check that it is applied, and return the refreshed message."""

    def apply(message: Message, status: str, **fields: Any) -> Message:
        body = status_of(message, status, **fields)
        assert post_webhook("message-status", body).json() == {"result": "applied"}
        message.refresh_from_db()
        event = message.events.latest("id")
        assert (event.status, event.payload) == (status, body)
        return message

    return apply


@pytest.mark.parametrize("channel", SENDERS)
def test_statuses_are_applied_on_every_channel(channel: str, sent: Any, apply: Any) -> None:
    message = sent(channel)
    for second, status in enumerate(("submitted", "delivered", "read")):
        network = {"destination": {"network_code": "12345"}}
        assert apply(message, status, timestamp=at(second), **network).status == status
    assert message.submitted_at < message.delivered_at < message.read_at
    assert (message.price, message.segments, message.pricing) == (None, None, {})


SEGMENTS: list[tuple[dict[str, Any], int | None]] = [
    ({"count_total": "2"}, 2),
    ({"count_total": 2}, 2),
    ({"total_count": "3"}, 3),
    ({"total_count": 3}, 3),
    ({"count_total": "2", "total_count": "3"}, 2),
    ({"count_total": "many", "total_count": "3"}, 3),
    ({"count_total": None}, None),
    ({"count_total": "-1"}, None),
    ({"count_total": "99999999999"}, None),
    ({"count_total": True}, None),
    ({"count_total": "0"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("sms", "segments"), SEGMENTS)
def test_every_form_of_the_number_of_segments_is_parsed(
    sms: dict[str, Any], segments: int | None, sent: Any, apply: Any
) -> None:
    message = apply(sent(), "submitted", sms=sms, usage={"currency": "EUR", "price": "0.0666"})
    assert (message.segments, message.price_as_received) == (segments, "0.0666")


@pytest.mark.parametrize("status", ["delivered", "rejected"])
def test_status_with_a_list_of_segments_is_applied(status: str, sent: Any, apply: Any) -> None:
    """developer.vonage.com, "Multi-segment SMS handling"."""
    segments = [{"timestamp": at(1), "status": "delivered"}, {"timestamp": at(2), "status": status}]
    message = apply(sent(), status, sms={"total_count": "2", "segments": segments})
    assert (message.status, message.segments) == (status, 2)
    assert message.events.latest("id").segments == 2


@pytest.mark.parametrize("order", [*permutations(range(3))], ids=str)
def test_order_of_arrival_does_not_matter(order: tuple[int, ...], sent: Any, apply: Any) -> None:
    """The latest value by Vonage's clock wins; a status without a value removes none."""
    statuses = [
        ("submitted", {"sms": {"count_total": "1"}, "whatsapp": {"pricing": {"category": "a"}}}),
        ("delivered", {"sms": {"total_count": "2"}, "whatsapp": {"pricing": PRICING}}),
        ("read", {}),
    ]
    message = sent()
    for second in order:
        status, fields = statuses[second]
        apply(message, status, timestamp=at(second), **fields)
    assert (message.status, message.segments, message.pricing) == ("read", 2, PRICING)


def test_pricing_of_delivered_is_kept(sent: Any, apply: Any) -> None:
    message = sent("whatsapp")
    usage = {"currency": "EUR", "price": "0"}
    assert apply(message, "submitted", timestamp=at(1)).pricing == {}
    conversation = {"id": "1234567890", "origin": {"type": "service"}}
    whatsapp = {"pricing": PRICING, "conversation": conversation}
    apply(message, "delivered", timestamp=at(2), usage=usage, whatsapp=whatsapp)
    assert message.pricing == PRICING
    assert (message.price, message.price_as_received) == (Decimal(0), "0")
    assert apply(message, "read", timestamp=at(3)).pricing == PRICING
    events = message.events.filter(source="vonage").order_by("id")
    assert [event.pricing for event in events] == [{}, PRICING, {}]


PRICINGS: list[tuple[Any, dict[str, str]]] = [
    (PRICING | {"of_tomorrow": "x"}, PRICING),
    ({"category": "marketing_lite"}, {"category": "marketing_lite"}),
    ({"category": 7, "type": None, "pricing_model": ["PMP"]}, {}),
    ({"category": "", "type": "x" * 500}, {"type": "x" * 64}),
    ("regular", {}),
    (None, {}),
]


@pytest.mark.parametrize(("pricing", "expected"), PRICINGS)
def test_pricing_keeps_only_its_texts(
    pricing: Any, expected: dict[str, str], sent: Any, apply: Any
) -> None:
    message = apply(sent("whatsapp"), "delivered", whatsapp={"pricing": pricing})
    assert message.pricing == message.events.latest("id").pricing == expected


def test_profile_of_a_whatsapp_status_does_not_set_the_contact_name(sent: Any, apply: Any) -> None:
    """Source of the fields: ``MessageStatusTest`` of Vonage's Java SDK."""
    whatsapp = {
        "recipient": {"user_id": "GB.1", "parent_user_id": "GB.ENT.1", "wa_id": NUMBER},
        "waba_id": "102290129340398",
    }
    profile = {"name": "Jane Smith", "username": "@jane"}
    message = apply(sent("whatsapp"), "delivered", whatsapp=whatsapp, profile=profile)
    assert (message.status, message.pricing) == ("delivered", {})
    assert Conversation.objects.get().contact_name == ""


def test_rcs_status_has_a_named_sender_and_no_price(sent: Any, apply: Any) -> None:
    message = apply(sent("rcs"), "read")
    assert (message.our_address, message.status) == ("Example-Agent", "read")
    assert (message.price, message.price_as_received) == (None, "")


WORKFLOWS: list[tuple[Any, tuple[str, int | None]]] = [
    ({"workflow_id": "3TcNjguHxr2", "items_number": "1", "items_total": "2"}, ("3TcNjguHxr2", 1)),
    ({"workflow_id": "w", "items_number": 2, "items_total": 2}, ("w", 2)),
    ({"id": "w", "item_number": "2", "items_total": "3"}, ("w", 2)),
    ({"id": "w", "item_number": 3, "total_items": 3}, ("w", 3)),
    ({"workflow_id": "", "id": "w"}, ("w", None)),
    ({"workflow_id": "w", "items_number": "0"}, ("w", None)),
    ({"workflow_id": "w", "items_number": "100000"}, ("w", None)),
    ({"workflow_id": "w" * 65, "items_number": {}}, ("", None)),
    ({}, ("", None)),
    ("w", ("", None)),
]


@pytest.mark.parametrize(("workflow", "read"), WORKFLOWS)
def test_every_form_of_a_workflow_is_parsed(
    workflow: Any, read: tuple[str, int | None], sent: Any, apply: Any
) -> None:
    message = apply(sent(), "rejected", workflow=workflow)
    assert message.status == "rejected"
    update = parse_webhook(message.events.latest("id").payload)
    assert isinstance(update, StatusPayload)
    assert (update.workflow_id, update.workflow_position) == read


def test_accepted_status_of_vonage_is_applied(sent: Any, apply: Any) -> None:
    """The status is in no schema, but on the page about webhook URLs."""
    message = sent()
    response_time = message.accepted_at
    assert apply(message, "accepted", timestamp=at(1)).status == "accepted"
    assert message.accepted_at < response_time
    apply(message, "delivered", timestamp=at(2))
    assert apply(message, "accepted", timestamp=at(3)).status == "delivered"
    assert [event.late for event in message.events.all()] == [False] * 4


def test_status_with_equal_addresses_is_matched_by_uuid(sent: Any, apply: Any) -> None:
    """The body is the example of the page about WhatsApp's status callbacks."""
    message = sent("whatsapp")
    assert apply(message, "delivered", to=NUMBER, **{"from": NUMBER}).status == "delivered"
    assert message.our_address != NUMBER


def test_status_with_equal_addresses_and_no_uuid_is_stored(sent: Any, post_webhook: Any) -> None:
    body = status_of(sent("whatsapp"), "delivered", to=NUMBER, **{"from": NUMBER})
    del body["message_uuid"]
    assert post_webhook("message-status", body).json() == {"result": "stored"}
    assert UnprocessedWebhook.objects.get().reason == "unusable"


def test_delivered_message_keeps_its_error(sent: Any, apply: Any) -> None:
    error = {
        "type": "https://developer.vonage.com/api-errors/messages#1300",
        "title": 1300,
        "detail": "Not part of the provider network",
        "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf",
    }
    message = apply(sent(), "delivered", error=error)
    assert (message.status, message.error_code) == ("delivered", "1300")
    assert not message.has_failed


def test_detail_of_an_error_can_be_called_details(sent: Any, apply: Any) -> None:
    error = {"type": "https://example.com/errors#1300", "title": "Refused", "details": "By rule"}
    message = apply(sent(), "rejected", error=error)
    assert (message.error_title, message.error_detail) == ("Refused", "By rule")


def test_long_error_detail_is_stored_whole(sent: Any, apply: Any) -> None:
    detail = "It was refused. " * 20
    error = {"type": "https://example.com/errors#1300", "title": 1300, "detail": detail}
    message = apply(sent(), "rejected", error=error)
    assert (message.error_code, message.error_title) == ("1300", detail[:200])
    assert message.error_detail == detail
