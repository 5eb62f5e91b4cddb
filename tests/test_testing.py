"""What tests of sites use: the outbox and capture_messages()."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test import TestCase, override_settings

from django_vonage_messages import send_message, testing
from django_vonage_messages.conf import get_account
from django_vonage_messages.models import Message
from django_vonage_messages.testing import OutgoingMessage, capture_messages, outbox

REAL = {
    "default": {
        "API_KEY": "abcd1234",
        "API_SECRET": "an-api-secret",
        "SENDERS": {"sms": "447700900001"},
        "OPTIONS": {"base_url": "http://127.0.0.1:1", "timeout": 0.1},
    },
    "shop": {
        "BACKEND": "nowhere.Backend",
        "SENDERS": {"sms": "SHOP"},
        "OPTIONS": {"its_own": True},
    },
}


@pytest.mark.django_db
def test_captured_messages_go_nowhere_and_can_be_read_afterwards() -> None:
    with override_settings(VONAGE_MESSAGES=REAL):
        with capture_messages() as captured:
            assert captured == []
            message = send_message("+44 7700 900000", "Hello", client_ref="order-42")
            assert len(captured) == 1
        assert get_account().options == REAL["default"]["OPTIONS"]
    (sent,) = captured
    assert isinstance(sent, OutgoingMessage)
    assert (sent.to, sent.sender, sent.channel) == ("447700900000", "447700900001", "sms")
    assert (sent.text, sent.body["client_ref"]) == ("Hello", "order-42")
    assert sent.reference == message.reference.hex
    assert message.status == "accepted"


@pytest.mark.django_db
def test_every_account_is_captured_and_keeps_its_other_settings() -> None:
    with override_settings(VONAGE_MESSAGES=REAL), capture_messages() as captured:
        send_message("447700900000", "Hello", account="shop")
        send_message("447700900000", "Hello")
    assert [sent.sender for sent in captured] == ["SHOP", "447700900001"]


@pytest.mark.django_db
def test_a_capture_begins_empty() -> None:
    send_message("447700900000", "Earlier")
    assert [sent.text for sent in outbox] == ["Earlier"]
    with capture_messages() as captured:
        assert captured == []
        send_message("447700900000", "Hello")
    with capture_messages() as again:
        assert again == []


def test_the_settings_come_back_when_a_test_fails() -> None:
    with override_settings(VONAGE_MESSAGES=REAL):
        with pytest.raises(ZeroDivisionError), capture_messages():
            1 / 0  # noqa: B018 -- what a test may do
        assert get_account("shop").backend == "nowhere.Backend"


@pytest.mark.django_db
def test_it_is_a_decorator_too() -> None:
    @capture_messages()
    def send() -> list[str]:
        send_message("447700900000", "Hello")
        return [sent.text for sent in testing.outbox]

    with override_settings(VONAGE_MESSAGES=REAL):
        assert [send(), send()] == [["Hello"], ["Hello"]]


@pytest.mark.parametrize("value", [None, {}, "default"])
def test_a_setting_without_accounts_is_named(value: Any) -> None:
    with (
        override_settings(VONAGE_MESSAGES=value),
        pytest.raises(ImproperlyConfigured, match="VONAGE_MESSAGES must be a dict"),
        capture_messages(),
    ):
        pass


def ship() -> Message:
    with transaction.atomic():
        return send_message("447700900000", "Shipped")


class SiteTests(TestCase):
    """A site's own tests, as the docstring of ``testing`` has it."""

    def test_a_message_of_a_transaction_leaves_when_it_commits(self) -> None:
        with capture_messages() as captured:
            with self.captureOnCommitCallbacks(execute=True):
                message = ship()
                assert captured == []
            assert [sent.text for sent in captured] == ["Shipped"]
        message.refresh_from_db()
        assert message.status == "accepted"

    @capture_messages()
    def test_the_outbox_is_the_same_under_the_decorator(self) -> None:
        send_message("447700900000", "Hello")
        assert [sent.text for sent in outbox] == ["Hello"]


def test_the_example_of_the_docstring_works(db: None) -> None:
    class Order:
        ship: Callable[[], object] = staticmethod(
            lambda: send_message("447700900000", "Your order is on its way.")
        )

    example = [line[4:] for line in (testing.__doc__ or "").splitlines() if line[:4] == "    "]
    assert example
    exec("\n".join(example), {"capture_messages": capture_messages, "order": Order()})
