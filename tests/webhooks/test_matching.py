"""Matching of statuses to messages, also before the response to the send arrives."""

import uuid
from collections.abc import Callable

import pytest
from django.db import transaction

from django_vonage_messages import send_message
from django_vonage_messages.backends.base import BaseBackend, OutgoingMessage
from django_vonage_messages.exceptions import DeliveryUnconfirmed
from django_vonage_messages.models import Message, UnprocessedWebhook
from django_vonage_messages.protocol.outcomes import Accepted, Outcome, Unconfirmed
from django_vonage_messages.services.receiving import status_webhooks
from tests.settings import SIGNATURE_SECRET

pytestmark = pytest.mark.django_db
BOTH = {
    "to": {"type": "sms", "number": "447700900000"},
    "from": {"type": "sms", "number": "447700900001"},
}


class InterruptedBackend(BaseBackend):
    """A backend that lets a test act before the response arrives."""

    before_response: Callable[[OutgoingMessage], Outcome]

    def send(self, message: OutgoingMessage) -> Outcome:
        return type(self).before_response(message)


@pytest.fixture
def before_response(settings):
    settings.VONAGE_MESSAGES = {
        "default": {
            "BACKEND": f"{__name__}.InterruptedBackend",
            "API_KEY": "abcd1234",
            "SIGNATURE_SECRETS": [SIGNATURE_SECRET],
            "SENDERS": {"sms": "447700900001"},
        }
    }

    def act(function):
        InterruptedBackend.before_response = staticmethod(function)

    return act


def _status(message_uuid, client_ref, status="delivered", **extra):
    return BOTH | {
        "message_uuid": message_uuid,
        "timestamp": "2026-01-01T14:00:00.000Z",
        "status": status,
        "client_ref": client_ref,
    } | extra  # fmt: skip


def _unconfirmed(client_ref):
    with pytest.raises(DeliveryUnconfirmed) as raised:
        send_message("447700900000", "Hello", client_ref=client_ref)
    return raised.value.message


@pytest.mark.parametrize("client_ref", ["", "order-42"])
def test_status_before_the_response_finds_its_message(before_response, post_webhook, client_ref):
    message_uuid, results = str(uuid.uuid4()), []

    def act_and_accept(outgoing):
        body = _status(message_uuid, outgoing.body["client_ref"])
        results.append(post_webhook("message-status", body).json())
        return Accepted(message_uuid)

    before_response(act_and_accept)
    message = send_message("447700900000", "Hello", client_ref=client_ref)

    assert results == [{"result": "applied"}]
    assert (message.status, message.message_uuid) == ("delivered", message_uuid)
    assert [event.status for event in message.events.all()] == ["delivered", "accepted"]
    assert not UnprocessedWebhook.objects.exists()


def test_status_settles_an_unconfirmed_message(before_response, post_webhook):
    before_response(lambda outgoing: Unconfirmed("The answer did not come"))
    message = _unconfirmed("order-42")

    assert post_webhook("message-status", _status("uuid-1", "order-42")).status_code == 200

    message.refresh_from_db()
    assert (message.status, message.message_uuid) == ("delivered", "uuid-1")
    assert (message.error_title, message.failed_at) == ("", None)


@pytest.mark.parametrize(
    "changed",
    [
        {"client_ref": "order-43"},
        {"client_ref": ""},
        {"client_ref": "ORDER-42"},
        {"to": {"type": "sms", "number": "447700900002"}},
        {"from": {"type": "sms", "number": "447700900002"}},
        {"to": {"type": "whatsapp", "number": "447700900000"}},
        {"to": {}},
        {"from": {}},
    ],
)
def test_client_ref_alone_does_not_match(before_response, post_webhook, changed):
    before_response(lambda outgoing: Unconfirmed("The answer did not come"))
    message = _unconfirmed("order-42")

    response = post_webhook("message-status", _status("uuid-1", "order-42") | changed)

    assert response.json() == {"result": "stored"}
    assert UnprocessedWebhook.objects.get().reason == "unknown_message"
    message.refresh_from_db()
    assert (message.status, message.message_uuid) == ("unconfirmed", None)


def test_unstarted_message_does_not_match(before_response, post_webhook):
    with transaction.atomic():
        send_message("447700900000", "Hello", client_ref="order-42")
    assert post_webhook("message-status", _status("uuid-1", "order-42")).json() == {
        "result": "stored"
    }


def test_ambiguous_status_is_stored_until_the_response_arrives(before_response, post_webhook):
    """Two messages have one client_ref, and the first is unconfirmed."""
    before_response(lambda outgoing: Unconfirmed("The answer did not come"))
    first = _unconfirmed("order-42")

    def act_and_accept(outgoing):
        body = _status("uuid-2", "order-42")
        assert post_webhook("message-status", body).json() == {"result": "stored"}
        webhook = UnprocessedWebhook.objects.get()
        assert (webhook.reason, webhook.processed_at) == ("ambiguous_message", None)
        return Accepted("uuid-2")

    before_response(act_and_accept)
    second = send_message("447700900000", "Hello", client_ref="order-42")

    assert (second.status, second.message_uuid) == ("delivered", "uuid-2")
    first.refresh_from_db()
    assert (first.status, first.message_uuid) == ("unconfirmed", None)
    assert UnprocessedWebhook.objects.get().processed_at is not None


def test_ambiguous_status_is_applied_when_a_later_status_matches(before_response, post_webhook):
    before_response(lambda outgoing: Unconfirmed("The answer did not come"))
    first = _unconfirmed("order-42")

    def act_and_accept(outgoing):
        post_webhook("message-status", _status("uuid-1", "order-42", "submitted"))
        return Accepted("uuid-2")

    before_response(act_and_accept)
    send_message("447700900000", "Hello", client_ref="order-42")
    assert UnprocessedWebhook.objects.get().reason == "ambiguous_message"

    later = _status("uuid-1", "order-42", timestamp="2026-01-01T14:00:09Z")
    assert post_webhook("message-status", later).json() == {"result": "applied"}

    first.refresh_from_db()
    assert first.status == "delivered"
    assert first.submitted_at is not None
    assert UnprocessedWebhook.objects.get().processed_at is not None


def test_uuid_committed_while_a_status_is_stored_is_found(message, post_webhook, monkeypatch):
    """The uuid is committed after the first search and before the status is stored."""
    Message.objects.filter(pk=message.pk).update(message_uuid="uuid-1")
    looks = iter([lambda *args: status_webhooks.UnprocessedReason.UNKNOWN_MESSAGE])
    real = status_webhooks.find_message
    monkeypatch.setattr(status_webhooks, "find_message", lambda *args: next(looks, real)(*args))

    response = post_webhook("message-status", _status("uuid-1", "any"))

    assert response.json() == {"result": "applied"}
    message.refresh_from_db()
    assert message.status == "delivered"
    assert UnprocessedWebhook.objects.get().processed_at is not None


def test_uuid_committed_while_a_status_is_applied_outranks_client_ref(
    before_response, post_webhook, monkeypatch
):
    """The status of another message matches by client_ref just before our message gets its uuid."""
    before_response(lambda outgoing: Unconfirmed("The answer did not come"))
    message = _unconfirmed("order-42")
    real = status_webhooks.find_message

    def find_and_set_uuid(*args):
        found = real(*args)
        Message.objects.filter(pk=message.pk).update(message_uuid="uuid-of-ours")
        return found

    monkeypatch.setattr(status_webhooks, "find_message", find_and_set_uuid)
    response = post_webhook("message-status", _status("uuid-of-another", "order-42"))

    assert response.json() == {"result": "stored"}
    assert not message.events.filter(status="delivered").exists()
    assert UnprocessedWebhook.objects.get().reason == "unknown_message"


def test_failure_to_apply_a_stored_status_keeps_the_acceptance(
    before_response, post_webhook, monkeypatch
):
    def act_and_accept(outgoing):
        post_webhook("message-status", _status("uuid-1", "a-ref-of-nobody"))
        monkeypatch.setattr(
            "django_vonage_messages.services.receiving.status_webhooks.record_status",
            lambda *args: 1 / 0,
        )
        return Accepted("uuid-1")

    before_response(act_and_accept)
    message = send_message("447700900000", "Hello")

    assert message.status == "accepted"
    assert UnprocessedWebhook.objects.get().processed_at is None
