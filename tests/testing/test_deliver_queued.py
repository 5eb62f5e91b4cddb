"""deliver_queued(): the queue in tests."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.backends import NotSent, Outcome, Rejected
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.signals import message_received
from django_vonage_messages.testing import (
    VonageMessagesTestMixin,
    deliver_queued,
    outbox,
    simulate_inbound,
    simulate_status,
)

CUSTOMER = "447700900000"


def texts() -> list[str]:
    return [sent.text for sent in outbox]


@pytest.mark.django_db
def test_message_for_later_is_sent_at_its_time() -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    message = queue_message(CUSTOMER, "See you.", send_at=tomorrow)
    assert deliver_queued() == []
    assert deliver_queued(now=tomorrow - timedelta(seconds=1)) == []
    assert deliver_queued(now=tomorrow) == [message]
    assert texts() == ["See you."]
    message.refresh_from_db()
    assert (message.status, message.started_at) == ("accepted", tomorrow)


@pytest.mark.django_db
def test_messages_are_returned_in_order_of_sending() -> None:
    now = timezone.now()
    later = queue_message(CUSTOMER, "Later", send_at=now + timedelta(hours=2))
    sooner = queue_message(CUSTOMER, "Sooner", send_at=now + timedelta(hours=1))
    sent = deliver_queued(now=now + timedelta(days=1))
    assert sent == [sooner, later]
    assert [message.status for message in sent] == ["accepted", "accepted"]
    assert texts() == ["Sooner", "Later"]


@pytest.mark.django_db
def test_message_of_receiver_is_sent() -> None:
    def answer(message: Message, **kwargs: object) -> None:
        send_message(message.their_address, "Thank you")

    message_received.connect(answer)
    try:
        simulate_inbound(CUSTOMER, "YES")
    finally:
        message_received.disconnect(answer)
    assert texts() == []
    assert [message.text for message in deliver_queued()] == ["Thank you"]


@pytest.mark.django_db
def test_message_of_transaction_is_sent() -> None:
    with transaction.atomic():
        message = send_message(CUSTOMER, "Hello")
    assert deliver_queued() == [message]


@pytest.mark.django_db
def test_retry_is_sent_at_its_time(outcomes: list[Outcome | Exception]) -> None:
    outcomes.append(NotSent("No connection"))
    message = queue_message(CUSTOMER, "Hello")
    (tried,) = deliver_queued()
    assert (tried.status, tried.attempts) == ("queued", 1)
    (again,) = deliver_queued(now=timezone.now() + timedelta(hours=1))
    assert (again.pk, again.status, again.attempts) == (message.pk, "accepted", 2)


@pytest.mark.django_db
def test_exception_of_backend_does_not_stop_queue(outcomes: list[Outcome | Exception]) -> None:
    outcomes.append(OSError("broken"))
    for text in ("First", "Second"):
        queue_message(CUSTOMER, text)
    assert [message.status for message in deliver_queued()] == ["unconfirmed", "accepted"]


@pytest.mark.django_db
def test_rejected_message_is_returned(outcomes: list[Outcome | Exception]) -> None:
    outcomes.append(Rejected("Invalid recipient"))
    queue_message(CUSTOMER, "Hello")
    (message,) = deliver_queued()
    assert message.status == "failed"


@pytest.mark.django_db
def test_expired_message_is_not_sent() -> None:
    now = timezone.now()
    message = queue_message(CUSTOMER, "Hello", expires_at=now + timedelta(hours=1))
    assert deliver_queued(now=now + timedelta(hours=2)) == []
    message.refresh_from_db()
    assert message.status == "expired"


@pytest.mark.django_db
def test_next_message_of_failover_is_sent() -> None:
    message = queue_message(
        CUSTOMER, "Hello", channel="whatsapp", failover=[Failover("Hello", channel="sms")]
    )
    deliver_queued()
    simulate_status(message, "rejected", error_code=1180)
    assert [(sent.channel, sent.status) for sent in deliver_queued()] == [("sms", "accepted")]


class TestCaseTests(VonageMessagesTestMixin, TestCase):
    def test_message_is_sent_in_transaction_of_test(self) -> None:
        message = queue_message(CUSTOMER, "Hello")
        assert self.deliver_queued() == [message]
        assert [sent.text for sent in self.outbox] == ["Hello"]


class CommittingTests(VonageMessagesTestMixin, TransactionTestCase):
    def test_message_is_sent(self) -> None:
        message = queue_message(CUSTOMER, "Hello")
        assert self.deliver_queued() == [message]
