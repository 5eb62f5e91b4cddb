"""What a status of v1 says beside its word, and where practice differs from the schema."""

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
    """Deliver a status that must be applied; return its message as it is then."""

    def apply(message: Message, status: str, **more: Any) -> Message:
        body = status_of(message, status, **more)
        assert post_webhook("message-status", body).json() == {"result": "applied"}
        message.refresh_from_db()
        event = message.events.latest("id")
        assert (event.status, event.payload) == (status, body)
        return message

    return apply


@pytest.mark.parametrize("channel", SENDERS)
def test_the_way_of_a_message_on_every_channel(channel: str, sent: Any, apply: Any) -> None:
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
def test_every_spelling_of_the_number_of_segments(
    sms: dict[str, Any], segments: int | None, sent: Any, apply: Any
) -> None:
    message = apply(sent(), "submitted", sms=sms, usage={"currency": "EUR", "price": "0.0666"})
    assert (message.segments, message.price_as_received) == (segments, "0.0666")


@pytest.mark.parametrize("status", ["delivered", "rejected"])
def test_a_callback_that_waited_for_all_segments(status: str, sent: Any, apply: Any) -> None:
    """developer.vonage.com, "Multi-segment SMS handling"."""
    parts = [{"timestamp": at(1), "status": "delivered"}, {"timestamp": at(2), "status": status}]
    message = apply(sent(), status, sms={"total_count": "2", "segments": parts})
    assert (message.status, message.segments) == (status, 2)
    assert message.events.latest("id").segments == 2


@pytest.mark.parametrize("order", [*permutations(range(3))], ids=str)
def test_no_order_of_arrival_matters(order: tuple[int, ...], sent: Any, apply: Any) -> None:
    """The last that tells it by Vonage's clock wins; one that tells nothing takes nothing away."""
    told = [
        ("submitted", {"sms": {"count_total": "1"}, "whatsapp": {"pricing": {"category": "a"}}}),
        ("delivered", {"sms": {"total_count": "2"}, "whatsapp": {"pricing": PRICING}}),
        ("read", {}),
    ]
    message = sent()
    for second in order:
        status, more = told[second]
        apply(message, status, timestamp=at(second), **more)
    assert (message.status, message.segments, message.pricing) == ("read", 2, PRICING)


def test_the_pricing_comes_with_delivered_alone(sent: Any, apply: Any) -> None:
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


@pytest.mark.parametrize(("pricing", "kept"), PRICINGS)
def test_a_pricing_is_words_or_nothing(
    pricing: Any, kept: dict[str, str], sent: Any, apply: Any
) -> None:
    message = apply(sent("whatsapp"), "delivered", whatsapp={"pricing": pricing})
    assert message.pricing == message.events.latest("id").pricing == kept


def test_what_newer_whatsapp_statuses_add(sent: Any, apply: Any) -> None:
    """Vonage's Java SDK, ``MessageStatusTest``. Their profile is nobody's message."""
    whatsapp = {
        "recipient": {"user_id": "GB.1", "parent_user_id": "GB.ENT.1", "wa_id": NUMBER},
        "waba_id": "102290129340398",
    }
    profile = {"name": "Jane Smith", "username": "@jane"}
    message = apply(sent("whatsapp"), "delivered", whatsapp=whatsapp, profile=profile)
    assert (message.status, message.pricing) == ("delivered", {})
    assert Conversation.objects.get().contact_name == ""


def test_an_rcs_status_comes_from_a_name_and_costs_nothing(sent: Any, apply: Any) -> None:
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
def test_every_spelling_of_a_workflow(
    workflow: Any, read: tuple[str, int | None], sent: Any, apply: Any
) -> None:
    message = apply(sent(), "rejected", workflow=workflow)
    assert message.status == "rejected"
    update = parse_webhook(message.events.latest("id").payload)
    assert isinstance(update, StatusPayload)
    assert (update.workflow_id, update.workflow_position) == read


def test_vonages_own_accepted(sent: Any, apply: Any) -> None:
    """No schema has the word, the page about webhook URLs does: it is what the answer said."""
    message = sent()
    answered = message.accepted_at
    assert apply(message, "accepted", timestamp=at(1)).status == "accepted"
    assert message.accepted_at < answered
    apply(message, "delivered", timestamp=at(2))
    assert apply(message, "accepted", timestamp=at(3)).status == "delivered"
    assert [event.late for event in message.events.all()] == [False] * 4


def test_a_body_from_and_to_the_same_number_is_about_its_uuid(sent: Any, apply: Any) -> None:
    """As the example of the page about WhatsApp's status callbacks has it."""
    message = sent("whatsapp")
    assert apply(message, "delivered", to=NUMBER, **{"from": NUMBER}).status == "delivered"
    assert message.our_address != NUMBER


def test_the_same_body_without_a_uuid_is_kept(sent: Any, post_webhook: Any) -> None:
    body = status_of(sent("whatsapp"), "delivered", to=NUMBER, **{"from": NUMBER})
    del body["message_uuid"]
    assert post_webhook("message-status", body).json() == {"result": "stored"}
    assert UnprocessedWebhook.objects.get().reason == "unusable"


def test_an_error_of_a_delivered_message_stays_with_it(sent: Any, apply: Any) -> None:
    error = {
        "type": "https://developer.vonage.com/api-errors/messages#1300",
        "title": 1300,
        "detail": "Not part of the provider network",
        "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf",
    }
    message = apply(sent(), "delivered", error=error)
    assert (message.status, message.error_code) == ("delivered", "1300")
    assert not message.has_failed


def test_a_long_reason_is_kept_whole(sent: Any, apply: Any) -> None:
    said = "It was refused. " * 20
    error = {"type": "https://example.com/errors#1300", "title": 1300, "detail": said}
    message = apply(sent(), "rejected", error=error)
    assert (message.error_code, message.error_title) == ("1300", said[:200])
    assert message.error_detail == said
