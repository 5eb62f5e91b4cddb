"""Numbers of the simulator in tests without the simulator."""

from datetime import timedelta

import pytest
from django.utils import timezone

from django_vonage_messages import exceptions, queue_message, send_message
from django_vonage_messages.backends import Rejected
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.simulator import number_for
from django_vonage_messages.testing import (
    capture_messages,
    deliver_queued,
    outbox,
    simulate_statuses,
)
from tests.accounts import v1_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vonage_outbox")]
ONLY_WHATSAPP = number_for("rejected", channel="whatsapp")


@pytest.mark.parametrize(
    ("name", "error", "reason"),
    [
        ("unauthorized", exceptions.MessageRejected, "rejected"),
        ("payment_required", exceptions.MessageRejected, "rejected"),
        ("throttled", exceptions.RateLimited, "throttled"),
        ("throttled_retry_after", exceptions.RateLimited, "throttled"),
        ("server_error", exceptions.DeliveryUnconfirmed, "unconfirmed"),
        ("error_after_accepting", exceptions.DeliveryUnconfirmed, "unconfirmed"),
        ("times_out", exceptions.DeliveryUnconfirmed, "unconfirmed"),
        ("drops", exceptions.DeliveryUnconfirmed, "unconfirmed"),
        ("empty_answer", exceptions.DeliveryUnconfirmed, "unconfirmed"),
    ],
)
def test_number_selects_answer_of_api(
    name: str, error: type[exceptions.VonageMessagesError], reason: str
) -> None:
    with pytest.raises(error) as caught:
        send_message(number_for(name), "Hello")
    assert caught.value.message.reason == reason
    assert len(outbox) == 1


def test_answer_contains_pause() -> None:
    with pytest.raises(exceptions.RateLimited) as caught:
        send_message(number_for("throttled_retry_after"), "Hello")
    assert caught.value.retry_after == 1


def test_number_selects_answer_on_one_channel_only() -> None:
    number = number_for("unauthorized", channel="whatsapp")
    assert send_message(number, "Hello").status == "accepted"
    with pytest.raises(exceptions.MessageRejected):
        send_message(number, "Hello", channel="whatsapp")


def test_forced_outcome_comes_before_number() -> None:
    with capture_messages(outcome=Rejected()), pytest.raises(exceptions.MessageRejected):
        send_message(number_for("throttled"), "Hello")


def test_queued_message_is_sent_after_rate_limit() -> None:
    queue_message(number_for("throttled"), "Hello")
    (message,) = deliver_queued()
    assert (message.status, message.attempts) == ("queued", 1)
    (again,) = deliver_queued(now=timezone.now() + timedelta(hours=1))
    assert again.attempts == 2


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        ("447700900000", "delivered", ""),
        (number_for("rejected", 1300), "rejected", "1300"),
        (number_for("undeliverable", 1260), "undeliverable", "1260"),
        (number_for("no_outcome"), "submitted", ""),
        (number_for("no_status"), "accepted", ""),
        (number_for("read"), "delivered", ""),
        (number_for("reversed"), "delivered", ""),
        (number_for("duplicated"), "delivered", ""),
        (ONLY_WHATSAPP, "delivered", ""),
    ],
)
def test_statuses_are_those_of_number(number: str, status: str, code: str) -> None:
    message = simulate_statuses(send_message(number, "Hello"))
    assert (message.status, message.error_code) == (status, code)


def test_statuses_are_those_of_channel() -> None:
    message = simulate_statuses(send_message(ONLY_WHATSAPP, "Hello", channel="whatsapp"))
    assert (message.status, message.error_code) == ("rejected", "1340")


def test_message_that_api_refused_has_no_statuses() -> None:
    with pytest.raises(exceptions.DeliveryUnconfirmed) as caught:
        send_message(number_for("server_error"), "Hello")
    assert simulate_statuses(caught.value.message).status == "unconfirmed"


def test_failover_to_sms_arrives() -> None:
    message = _send_with_failover()
    simulate_statuses(message)
    (second,) = deliver_queued()
    assert simulate_statuses(second).channel == "sms"
    assert _statuses() == {"whatsapp": "rejected", "sms": "delivered"}


def test_failover_by_vonage_arrives() -> None:
    with v1_account():
        message = _send_with_failover()
        simulate_statuses(message)
        assert deliver_queued() == []  # Vonage sends the second message
        (second,) = outbox[0].failover
        simulate_statuses(second.message)
    assert _statuses() == {"whatsapp": "rejected", "sms": "delivered"}


def _send_with_failover() -> Message:
    failover = [Failover("Hello", channel="sms")]
    return send_message(ONLY_WHATSAPP, "Hello", channel="whatsapp", failover=failover)


def _statuses() -> dict[str, str]:
    return dict(Message.objects.values_list("channel", "status"))
