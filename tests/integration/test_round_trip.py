"""Messages over HTTP: out through the simulator, back through the webhooks."""

import time
from collections.abc import Callable, Iterator

import pytest

from django_vonage_messages import send_message
from django_vonage_messages.exceptions import MessageRejected, RateLimited
from django_vonage_messages.models import Conversation, Message, UnprocessedWebhook
from django_vonage_messages.simulator import Simulator, number_for


@pytest.fixture(params=["basic", "jwt"])
def vonage(request, live_server, transactional_db, settings) -> Iterator[Simulator]:
    """A simulator that calls this site, configured as the site's account."""
    urls = f"{live_server.url}/webhooks"
    with Simulator(
        status_url=f"{urls}/message-status",
        inbound_url=f"{urls}/inbound-message",
        time_scale=0.01,
    ) as simulator:
        settings.VONAGE_MESSAGES = {"default": simulator.settings(AUTH=request.param)}
        yield simulator


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "The condition was not met in time."
        time.sleep(0.02)


def status_of(message: Message) -> str:
    return Message.objects.values_list("status", flat=True).get(pk=message.pk)


def test_message_is_sent_delivered_and_replied_to(vonage):
    message = send_message("447700900000", "Your order has shipped")
    vonage.wait_until_idle()

    message.refresh_from_db()
    assert message.status == "delivered"
    assert message.price_as_received == "0.0333"
    assert [event.status for event in message.events.all()] == [
        "accepted",
        "submitted",
        "delivered",
    ]

    vonage.customer_sends("Thank you", from_="447700900000", to="447700900001")
    vonage.wait_until_idle()

    thread = Conversation.objects.get()
    assert [m.text for m in thread.messages.order_by("id")] == [
        "Your order has shipped",
        "Thank you",
    ]
    assert thread.unread_count == 1
    assert {m.message_uuid for m in vonage.accepted} == {message.message_uuid}
    assert not UnprocessedWebhook.objects.filter(processed_at=None).exists()


@pytest.mark.parametrize("code", ["1190", "1210", "1300"])
def test_rejection_arrives_with_its_code_and_explanation(vonage, code):
    message = send_message(number_for("rejected", int(code)), "Hello")
    vonage.wait_until_idle()

    message.refresh_from_db()
    assert message.status == "rejected"
    assert message.error_code == code
    assert message.error_info is not None
    assert message.error_title == message.error_info.title


def test_refusal_of_the_api_is_raised(vonage):
    with pytest.raises(MessageRejected) as refused:
        send_message(number_for("unauthorized"), "Hello")
    assert refused.value.title
    with pytest.raises(RateLimited) as limited:
        send_message(number_for("throttled_retry_after"), "Hello")
    assert limited.value.retry_after == 1.0


def test_status_before_the_response_finds_its_message(vonage):
    message = send_message(number_for("slow", 1), "Hello")
    vonage.wait_until_idle()

    eventually(lambda: status_of(message) == "delivered")
    assert Message.objects.count() == 1
    assert not UnprocessedWebhook.objects.filter(processed_at=None).exists()


def test_temporarily_wrong_secret_loses_no_message(vonage, settings):
    right = settings.VONAGE_MESSAGES["default"]
    settings.VONAGE_MESSAGES = {
        "default": {**right, "SIGNATURE_SECRETS": ["a wrong secret, for now"]}
    }
    message = send_message("447700900000", "Hello")
    vonage.customer_sends("Anybody there?")
    eventually(lambda: all(callback.attempts for callback in vonage.callbacks))
    assert Message.objects.count() == 1

    settings.VONAGE_MESSAGES = {"default": right}
    vonage.wait_until_idle(timeout=30)

    assert status_of(message) == "delivered"
    assert Message.objects.inbound().count() == 1
