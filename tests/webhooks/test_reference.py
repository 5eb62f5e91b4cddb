"""The samples of the v0.1 reference, posted to both webhook URLs."""

import json
from decimal import Decimal

import pytest

from django_vonage_messages.models import Conversation, Message, UnprocessedWebhook
from tests.settings import SIGNATURE_SECRET
from tests.spec import spec_file
from tests.webhooks.reference_bodies import INBOUND, STATUS

pytestmark = pytest.mark.django_db
UUID = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"


@pytest.fixture(params=[SIGNATURE_SECRET, None], ids=["signed", "unsigned"])
def secret(request, accounts):
    if request.param is None:
        accounts(default={"VERIFY_WEBHOOKS": False})
    return request.param


@pytest.mark.parametrize("sample", [STATUS, INBOUND], ids=["status", "inbound"])
def test_samples_equal_the_reference(sample):
    assert sample in spec_file("messages-api-v0-reference.txt").read_bytes()


def test_sample_status_updates_its_message(post_webhook, message, secret):
    Message.objects.filter(pk=message.pk).update(message_uuid=UUID)

    response = post_webhook("message-status", STATUS, secret=secret)

    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    message.refresh_from_db()
    assert message.status == "delivered"
    assert not message.has_failed
    assert message.delivered_at.isoformat() == "2020-01-01T14:00:00+00:00"
    assert message.price == Decimal("0.0333")
    assert (message.price_as_received, message.currency) == ("0.0333", "EUR")
    event = message.events.last()
    assert (event.status, event.error_code) == ("delivered", "1300")
    assert event.error_title == "Not part of the provider network"
    assert event.payload == json.loads(STATUS)
    assert (message.error_code, message.error_title) == (event.error_code, event.error_title)


def test_sample_status_of_an_unknown_message_is_stored(post_webhook, message, secret):
    response = post_webhook("message-status", STATUS, secret=secret)

    assert (response.status_code, response.json()) == (200, {"result": "stored"})
    webhook = UnprocessedWebhook.objects.get()
    assert bytes(webhook.body) == STATUS
    assert (webhook.reason, webhook.message_uuid) == ("unknown_message", UUID)
    assert webhook.client_ref == "my-personal-reference"
    message.refresh_from_db()
    assert message.status == "accepted"


def test_sample_inbound_message_starts_a_conversation(post_webhook, secret):
    response = post_webhook("inbound-message", INBOUND, secret=secret)

    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    message = Message.objects.get()
    assert message.is_inbound
    assert (message.their_address, message.our_address) == ("447700900001", "447700900000")
    assert (message.content_type, message.text) == ("text", "Hello From Vonage!")
    assert (message.segments, message.status) == (2, "received")
    assert (message.price_as_received, message.currency) == ("0.0333", "EUR")
    assert message.occurred_at.isoformat() == "2020-01-01T14:00:00+00:00"
    assert message.payload == json.loads(INBOUND)
    thread = Conversation.objects.get()
    assert thread == message.conversation
    assert (thread.unread_count, thread.last_message_preview) == (1, "Hello From Vonage!")
    assert thread.waiting_since is not None


@pytest.mark.parametrize("sample", [STATUS, INBOUND], ids=["status", "inbound"])
def test_repeated_sample_is_a_duplicate(post_webhook, message, stored, secret, sample):
    Message.objects.filter(pk=message.pk).update(message_uuid=UUID)
    post_webhook("message-status", sample, secret=secret)
    before = stored()

    response = post_webhook("message-status", sample, secret=secret)

    assert (response.status_code, response.json()) == (200, {"result": "duplicate"})
    assert stored() == before


@pytest.mark.parametrize("sample", [STATUS, INBOUND], ids=["status", "inbound"])
def test_each_url_accepts_both_samples(post_webhook, message, secret, sample):
    Message.objects.filter(pk=message.pk).update(message_uuid=UUID)
    path = "inbound-message" if sample is STATUS else "message-status"
    response = post_webhook(path, sample, secret=secret)
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
