"""VonageMessagesTestMixin in the test cases of a site."""

from typing import ClassVar

from django.db import transaction
from django.test import TestCase, TransactionTestCase, override_settings

from django_vonage_messages import exceptions, send_message
from django_vonage_messages.backends import Rejected
from django_vonage_messages.conf import get_account
from django_vonage_messages.models import Message
from django_vonage_messages.signals import message_received
from django_vonage_messages.testing import VonageMessagesTestMixin, outcomes

REAL = {"default": {"API_KEY": "a", "API_SECRET": "b", "SENDERS": {"sms": "447700900001"}}}


def send_reply(sender: object, message: Message, **kwargs: object) -> None:
    send_message(message.their_address, f"You said: {message.text}")


@override_settings(VONAGE_MESSAGES=REAL)
class SiteTests(VonageMessagesTestMixin, TestCase):
    calls: ClassVar[list[str]] = []

    def setUp(self) -> None:
        super().setUp()
        self.calls.append("setUp")

    def test_sent_message_is_in_the_outbox(self) -> None:
        assert self.outbox == []
        message = send_message("447700900000", "Hello")
        assert [sent.text for sent in self.outbox] == ["Hello"]
        assert self.simulate_status(message, "delivered").status == "delivered"
        assert self.calls

    def test_each_test_begins_with_an_empty_outbox(self) -> None:
        assert self.outbox == []
        send_message("447700900000", "Hello")

    def test_reply_of_a_receiver_is_sent_with_the_commit(self) -> None:
        message_received.connect(send_reply)
        self.addCleanup(message_received.disconnect, send_reply)
        with self.captureOnCommitCallbacks(execute=True):
            message = self.simulate_inbound("447700900000", "Hello")
        assert message.status == "received"
        assert [sent.text for sent in self.outbox] == ["You said: Hello"]

    def test_a_message_of_a_transaction_can_get_its_status_after_the_commit(self) -> None:
        with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
            message = send_message("447700900000", "Hello")
        assert message.status == "queued"
        assert self.simulate_status(message, "delivered").status == "delivered"


@override_settings(VONAGE_MESSAGES=REAL)
class OutcomeTests(VonageMessagesTestMixin, TestCase):
    def test_a_rejected_message_is_in_the_outbox_and_the_next_is_accepted(self) -> None:
        self.outcomes.append(Rejected("Invalid recipient"))
        with self.assertRaisesMessage(exceptions.MessageRejected, "Invalid recipient"):
            send_message("447700900000", "Hello")
        assert [sent.text for sent in self.outbox] == ["Hello"]
        assert send_message("447700900000", "Hello").status == "accepted"

    def test_each_test_begins_without_outcomes(self) -> None:
        assert self.outcomes == []
        self.outcomes.append(Rejected())  # stays unused


@override_settings(VONAGE_MESSAGES=REAL)
class CommittingTests(VonageMessagesTestMixin, TransactionTestCase):
    def test_reply_of_a_receiver_is_sent_without_captured_hooks(self) -> None:
        message_received.connect(send_reply)
        self.addCleanup(message_received.disconnect, send_reply)
        self.simulate_inbound("447700900000", "Hello")
        assert [sent.text for sent in self.outbox] == ["You said: Hello"]


def test_the_capture_ends_with_the_test(settings) -> None:
    class OneTest(VonageMessagesTestMixin, TestCase):
        def test_it(self) -> None:
            assert get_account().backend.endswith("LocMemBackend")
            self.outcomes.append(Rejected())

    settings.VONAGE_MESSAGES = REAL
    case = OneTest("test_it")
    case.setUp()
    case.test_it()
    case.doCleanups()
    assert get_account().backend.endswith("ApiBackend")
    assert outcomes == []
