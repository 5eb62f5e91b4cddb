"""simulate_status() and simulate_inbound(): the view, the defaults and errors of use."""

import uuid
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.test import override_settings

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.content import Image, Location
from django_vonage_messages.models import (
    Conversation,
    Message,
    StatusEvent,
    UnprocessedWebhook,
)
from django_vonage_messages.signals import message_received, message_status_changed
from django_vonage_messages.testing import simulate_inbound, simulate_status

pytestmark = pytest.mark.django_db
LOCMEM = "django_vonage_messages.backends.locmem.LocMemBackend"
SENDERS = {"sms": "447700900001"}


@pytest.fixture
def message(db) -> Message:
    return send_message("447700900000", "Hello")


def test_a_status_is_applied_and_the_message_is_refreshed(message):
    assert simulate_status(message, "submitted", price="0.0333") is message
    assert (message.status, message.price_as_received, message.currency) == (
        "submitted",
        "0.0333",
        "EUR",
    )
    assert simulate_status(message, "delivered").status == "delivered"
    assert message.price == Decimal("0.0333")
    assert [event.status for event in message.events.all()] == [
        "accepted",
        "submitted",
        "delivered",
    ]
    assert abs(datetime.now(UTC) - message.delivered_at) < timedelta(seconds=60)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [({}, "Absent Subscriber - Temporary"), ({"error_reason": "Phone is off"}, "Phone is off")],
)
def test_error_has_the_default_or_the_given_reason(message, arguments, reason):
    simulate_status(message, "undeliverable", error_code=1170, **arguments)
    assert (message.error_code, message.status) == ("1170", "undeliverable")
    event = message.events.get(status="undeliverable")
    assert event.payload["error"] == {"code": 1170, "reason": event.error_title}
    if arguments:
        assert event.error_title == reason
    else:
        assert event.error_title == message.error_info.title


def test_unknown_error_code_is_accepted(message):
    simulate_status(message, "rejected", error_code="77")
    assert (message.error_code, message.error_title) == ("77", "Test error")


@pytest.mark.parametrize(
    ("timestamp", "wire", "moment"),
    [
        (
            datetime(2026, 1, 1, 14, tzinfo=UTC),
            "2026-01-01T14:00:00.000Z",
            datetime(2026, 1, 1, 14, tzinfo=UTC),
        ),
        (
            datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))),
            "2026-01-01T12:00:00.000Z",
            datetime(2026, 1, 1, 12, tzinfo=UTC),
        ),
        (
            "2026-01-01 14:00:00 +0000",
            "2026-01-01 14:00:00 +0000",
            datetime(2026, 1, 1, 14, tzinfo=UTC),
        ),
        ("yesterday", "yesterday", None),
    ],
)
def test_timestamp_may_be_a_datetime_or_text(message, timestamp, wire, moment):
    simulate_status(message, "delivered", timestamp=timestamp)
    event = message.events.get(status="delivered")
    assert (event.payload["timestamp"], event.occurred_at) == (wire, moment)


def test_the_same_status_twice_is_one_event(message):
    for _ in range(2):
        simulate_status(message, "delivered", timestamp="2026-01-01T14:00:00.000Z")
    assert message.events.filter(status="delivered").count() == 1


def test_status_of_an_unconfirmed_message_is_matched(message):
    Message.objects.filter(pk=message.pk).update(message_uuid=None, status="unconfirmed")
    simulate_status(message, "delivered")
    assert message.status == "delivered"
    assert message.message_uuid


def test_status_calls_receivers(message):
    received_calls = []

    def changed(sender, message, previous_status, **kwargs):
        received_calls.append((previous_status, message.status))

    message_status_changed.connect(changed)
    try:
        simulate_status(message, "delivered")
    finally:
        message_status_changed.disconnect(changed)
    assert received_calls == [("accepted", "delivered")]


def test_status_of_an_unsent_message_is_an_assertion_error():
    with transaction.atomic():
        queued = send_message("447700900000", "Hello")
        assert queued.status == "queued"
        with pytest.raises(AssertionError, match="captureOnCommitCallbacks"):
            simulate_status(queued, "delivered")
    assert not UnprocessedWebhook.objects.exists()


def test_status_that_is_not_applied_is_an_assertion_error():
    received = simulate_inbound("447700900000", "Hello")
    Message.objects.filter(pk=received.pk).update(started_at=received.created_at)
    with pytest.raises(AssertionError, match="stored but not applied"):
        simulate_status(received, "delivered")


def test_inbound_message_is_stored_and_signalled():
    received_calls = []

    def received(sender, message, **kwargs):
        received_calls.append(message.text)

    message_received.connect(received)
    try:
        message = simulate_inbound("+44 7700 900000", "Where is it? \N{PILE OF POO}")
    finally:
        message_received.disconnect(received)
    assert received_calls == [message.text] == ["Where is it? \N{PILE OF POO}"]
    assert (message.their_address, message.our_address) == ("447700900000", "447700900001")
    assert (message.status, message.segments, message.price_as_received) == ("received", 1, "")
    assert Conversation.objects.get().unread_count == 1


def test_every_value_of_an_inbound_message_can_be_given():
    message = simulate_inbound(
        "447700900000",
        "Hello",
        to="+44 7700 900009",
        message_uuid="a-uuid",
        num_messages=3,
        price="0.05",
        currency="USD",
        timestamp=datetime(2026, 1, 1, 14, tzinfo=UTC),
    )
    assert (message.our_address, message.message_uuid, message.segments) == (
        "447700900009",
        "a-uuid",
        3,
    )
    assert (message.price, message.currency) == (Decimal("0.05"), "USD")
    assert message.occurred_at == datetime(2026, 1, 1, 14, tzinfo=UTC)
    again = simulate_inbound("447700900000", "Hello", message_uuid="a-uuid")
    assert again == message
    assert Message.objects.count() == 1


def test_a_national_number_is_read_in_the_accounts_region(settings):
    settings.VONAGE_MESSAGES = {"default": {"SENDERS": SENDERS, "REGION": "GB"}}
    assert simulate_inbound("07700 900000", "Hello").their_address == "447700900000"


def test_default_recipient_of_an_inbound_message_is_a_number(settings):
    settings.VONAGE_MESSAGES = {"default": {"SENDERS": {"sms": ["SHOP", "447700900002"]}}}
    assert simulate_inbound("447700900000", "Hello").our_address == "447700900002"
    settings.VONAGE_MESSAGES = {"default": {"SENDERS": {"sms": "SHOP"}}}
    with pytest.raises(AssertionError, match="no number in its SENDERS"):
        simulate_inbound("447700900000", "Hello")
    assert simulate_inbound("447700900000", "Hello", to="447700900003")


def test_unknown_account_is_named():
    with pytest.raises(ImproperlyConfigured, match="no account 'shop'"):
        simulate_inbound("447700900000", "Hello", account="shop")


def test_account_without_a_secret_gets_a_temporary_one(settings):
    settings.VONAGE_MESSAGES = accounts = {
        "default": {"BACKEND": LOCMEM, "SENDERS": SENDERS},
        "shop": {"BACKEND": LOCMEM, "API_KEY": "shopkey", "SENDERS": {"sms": "447700900002"}},
    }
    for alias in accounts:
        message = send_message("447700900000", "Hello", account=alias)
        assert simulate_status(message, "delivered").status == "delivered"
        assert simulate_inbound("447700900000", "Hello", account=alias).account == alias
    assert "SIGNATURE_SECRETS" not in settings.VONAGE_MESSAGES["default"]


def test_secret_that_is_none_is_replaced_by_a_temporary_one(settings):
    account = {"BACKEND": LOCMEM, "SENDERS": SENDERS, "SIGNATURE_SECRETS": [None]}
    settings.VONAGE_MESSAGES = {"default": account}
    assert simulate_inbound("447700900000", "Hello").text == "Hello"


def test_webhook_belongs_to_the_given_account(settings):
    shared = {"BACKEND": LOCMEM, "SIGNATURE_SECRETS": ["the secret that both of them hold"]}
    settings.VONAGE_MESSAGES = {
        "default": {**shared, "APPLICATION_ID": "aaaa-1", "SENDERS": SENDERS},
        "shop": {**shared, "APPLICATION_ID": "bbbb-2", "SENDERS": SENDERS},
    }
    assert simulate_inbound("447700900000", "Hello", account="shop").account == "shop"
    assert simulate_inbound("447700900000", "Hello").account == "default"


def test_refused_webhook_is_an_assertion_error_with_the_reason(message, settings):
    """The age limit shows that the token is verified."""
    settings.VONAGE_MESSAGES["default"]["WEBHOOK_MAX_AGE"] = 1e-9
    try:
        with pytest.raises(AssertionError, match=r"answered 503, not 200: .*stale_token"):
            simulate_status(message, "delivered")
    finally:
        del settings.VONAGE_MESSAGES["default"]["WEBHOOK_MAX_AGE"]
    assert not message.events.filter(status="delivered").exists()


def test_middleware_of_the_site_is_applied(message, settings):
    settings.MIDDLEWARE = ["tests.testing.middleware.teapot"]
    with pytest.raises(AssertionError, match="answered 418, not 200: A teapot"):
        simulate_status(message, "delivered")


def test_https_redirect_of_the_site_does_not_apply(message, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert simulate_status(message, "delivered").status == "delivered"


@override_settings(ROOT_URLCONF="tests.docs.no_urls")
def test_view_is_called_directly_without_urls(message):
    assert simulate_status(message, "delivered").status == "delivered"
    assert simulate_inbound("447700900000", "Hello").status == "received"
    assert StatusEvent.objects.filter(status="delivered").count() == 1


def test_status_is_applied_inside_transactions(message):
    assert connection.in_atomic_block
    with transaction.atomic():
        simulate_status(message, "submitted")
        transaction.set_rollback(True)
    message.refresh_from_db()
    assert message.status == "accepted"


@pytest.mark.django_db(transaction=True)
def test_status_is_applied_outside_transactions():
    message = send_message("447700900000", "Hello")
    assert not connection.in_atomic_block
    assert simulate_status(message, "delivered").status == "delivered"


EVERY_SENDER = settings.VONAGE_MESSAGES["default"]["SENDERS"]


@pytest.mark.parametrize("channel", EVERY_SENDER)
@pytest.mark.parametrize(
    ("content", "content_type", "text"),
    [
        ("Hello", "text", "Hello"),
        (Image("https://example.com/cat.jpg", caption="Cat"), "image", "Cat"),
        (Location(51.5, -0.1, name="Shop"), "location", ""),
        ({"type": "button", "button": {"payload": "yes", "text": "Yes"}}, "button", "Yes"),
        ({"type": "unsupported"}, "unsupported", ""),
    ],
)
def test_every_content_is_received_on_every_channel(channel, content, content_type, text):
    from_ = "0123456789012345" if channel == "messenger" else "+44 7700 900000"
    message = simulate_inbound(from_, content, channel=channel)
    assert (message.channel, message.our_address) == (channel, EVERY_SENDER[channel])
    assert message.their_address == from_.replace("+", "").replace(" ", "")
    assert (message.content_type, message.text) == (content_type, text)
    assert ("sms" in message.payload["message"]) == (channel == "sms")


@pytest.mark.parametrize("channel", EVERY_SENDER)
def test_read_status_is_applied_on_every_channel(channel):
    to = "0123456789012345" if channel == "messenger" else "447700900000"
    content = Image("https://example.com/cat.jpg") if channel == "mms" else "Hello"
    assert simulate_status(send_message(to, content, channel=channel), "read").status == "read"


def test_unknown_channel_is_an_assertion_error():
    with pytest.raises(AssertionError, match="Unknown channel 'fax'"):
        simulate_inbound("447700900000", "Hello", channel="fax")


@override_settings(VONAGE_MESSAGES={"default": {"BACKEND": LOCMEM, "SENDERS": SENDERS}})
def test_channel_without_a_sender_is_an_assertion_error():
    with pytest.raises(AssertionError, match="no id in its SENDERS for viber"):
        simulate_inbound("447700900000", "Hello", channel="viber")


def test_answer_names_quoted_message():
    sent = send_message("447700900000", "Shall we come?", channel="whatsapp")
    answer = simulate_inbound("447700900000", "YES", reply_to=sent, version="v1")
    assert (answer.channel, answer.our_address) == ("whatsapp", sent.our_address)
    assert answer.payload["context_status"] == "available"
    assert answer.payload["context"] == {
        "message_uuid": sent.message_uuid,
        "message_from": sent.our_address,
    }
    again = simulate_inbound("447700900000", "Well?", reply_to=answer, version="v1")
    assert again.payload["context"]["message_from"] == "447700900000"


def test_answer_names_message_by_uuid():
    quoted = uuid.uuid4()
    answer = simulate_inbound("447700900000", "YES", channel="viber", reply_to=quoted, version="v1")
    assert answer.payload["context"] == {"message_uuid": str(quoted)}


@pytest.mark.parametrize(("channel", "version"), [("sms", "v1"), ("whatsapp", "v0.1")])
def test_webhook_without_quotes_has_no_context(channel, version):
    sent = send_message("447700900000", "Shall we come?", channel=channel)
    answer = simulate_inbound("447700900000", "YES", reply_to=sent, version=version)
    assert (answer.channel, answer.conversation) == (channel, sent.conversation)
    assert "context" not in answer.payload


def test_answer_to_unsent_message_is_an_assertion_error():
    queued = queue_message("447700900000", "Hello")
    with pytest.raises(AssertionError, match=r"'queued' and has no message_uuid.*deliver_queued"):
        simulate_inbound("447700900000", "YES", reply_to=queued)
