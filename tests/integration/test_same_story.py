"""The same messages on v0.1 and v1, over HTTP, lead to the same rows."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.conf import LazySettings

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.content import (
    Audio,
    Custom,
    File,
    Image,
    Location,
    Template,
    Video,
)
from django_vonage_messages.exceptions import MessageRejected
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import (
    Conversation,
    Message,
    StatusEvent,
    UnprocessedWebhook,
    Workflow,
)
from django_vonage_messages.options import MessengerOptions, ViberOptions
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.simulator import Simulator, number_for

URL = "https://example.com/cat.jpg"
CUSTOMER = "447700900000"
CHANNELS = ["sms", "mms", "whatsapp", "viber", "messenger"]
READ = number_for("read")
SENT: list[tuple[str, Any, Any]] = [
    ("sms", "Hello", None),
    ("mms", Image(URL), None),
    ("whatsapp", "Hello", None),
    ("whatsapp", Image(URL, caption="Oliver"), None),
    ("whatsapp", Audio(URL), None),
    ("whatsapp", Video(URL), None),
    ("whatsapp", File(URL, caption="A report"), None),
    ("whatsapp", Template("ns:verify", ["Daisy"], locale="en-GB"), None),
    ("whatsapp", Location(51.5, -0.1, name="Shop", address="1 High Street"), None),
    ("whatsapp", Custom({"type": "contacts", "contacts": []}), None),
    ("viber", "Hello", ViberOptions(category="promotion", ttl=30, type="text")),
    ("viber", Image(URL), None),
    ("messenger", "Hello", MessengerOptions(category="message_tag", tag="ACCOUNT_UPDATE")),
    ("messenger", Image(URL), None),
    ("messenger", Audio(URL), MessengerOptions(category="update")),
    ("messenger", Video(URL), None),
    ("messenger", File(URL), None),
]
RECEIVED: list[tuple[str, Any]] = [
    ("sms", "Thank you"),
    ("sms", "STOP"),
    ("mms", Image(URL)),
    ("whatsapp", "Thank you"),
    ("whatsapp", Image(URL, caption="Like this")),
    ("whatsapp", Audio(URL)),
    ("whatsapp", Location("51.5", "-0.1", name="Home")),
    ("whatsapp", {"type": "button", "button": {"payload": "y", "text": "Yes"}}),
    ("whatsapp", {"type": "unsupported"}),
    ("viber", "Thank you"),
    ("messenger", "Thank you"),
    ("messenger", File(URL)),
]

THREAD = (
    "account",
    "channel",
    "our_address",
    "their_address",
    "status",
    "in_inbox",
    "unread_count",
    "last_message_direction",
    "last_message_content_type",
    "last_message_preview",
)
MESSAGE = (
    "direction",
    "account",
    "channel",
    "our_address",
    "their_address",
    "content_type",
    "text",
    "content",
    "options",
    "status",
    "error_code",
    "error_title",
    "workflow_position",
    "is_automatic",
)

Play = Callable[[str], AbstractContextManager[Simulator]]


@pytest.fixture
def on_version(live_server: Any, transactional_db: Any, settings: LazySettings) -> Play:
    """Run a site and a simulator on one version inside a block."""

    @contextmanager
    def play(version: str) -> Iterator[Simulator]:
        urls = f"{live_server.url}/webhooks"
        with Simulator(
            status_url=f"{urls}/message-status",
            inbound_url=f"{urls}/inbound-message",
            time_scale=0.01,
            webhook_version=version,
        ) as simulator:
            settings.VONAGE_MESSAGES = {"default": simulator.settings(API_VERSION=version)}
            yield simulator

    return play


def exchange_messages(vonage: Simulator) -> None:
    """Send on each channel, receive replies, be refused and rejected, and fail over."""
    for channel, content, options in SENT:
        send_message(READ, content, channel=channel, options=options)
    queued = queue_message(CUSTOMER, "Later", client_ref="order-42", idempotency_key="42")
    deliver(queued.pk)
    vonage.wait_until_idle()
    for channel, content in RECEIVED:
        vonage.customer_sends(content, from_=CUSTOMER, channel=channel)
        vonage.wait_until_idle()
    send_message(number_for("rejected", 1300), "Hello", channel="whatsapp")
    send_message(number_for("undeliverable", 1210), "Hello")
    with pytest.raises(MessageRejected):
        send_message(number_for("unauthorized"), "Hello")
    fail_over(vonage)


def fail_over(vonage: Simulator) -> None:
    rejected, arrives = number_for("rejected", 1340), CUSTOMER
    send_message(
        rejected,
        Image(URL, caption="Oliver"),
        channel="whatsapp",
        failover=[
            Failover("Oliver", channel="viber"),
            Failover("Oliver", channel="sms", to=arrives),
            Failover("Never", channel="sms", to=arrives),
        ],
    )
    vonage.wait_until_idle()
    send_message(arrives, "At once", channel="viber", failover=[Failover("Never", channel="sms")])
    vonage.wait_until_idle()


def tables() -> dict[str, list[Any]]:
    """Return the rows without ids, times and references.

    Values that only one version has are omitted: prices and segments, contact names, and the side
    that runs the failover. Only Vonage's events are included, because on v0.1 this site also
    accepts, queues and sends each message of a workflow.
    """
    assert not UnprocessedWebhook.objects.filter(processed_at=None).exists()
    messages = Message.objects.order_by("pk")
    events = StatusEvent.objects.filter(source="vonage").order_by("message_id")
    by_message = events.values_list(
        "message__their_address", "message__text", "status", "error_code"
    )
    return {
        "threads": sorted(Conversation.objects.values_list(*THREAD)),
        "messages": list(messages.values_list(*MESSAGE)),
        "said of them": sorted(by_message),
        "media": [message.media for message in messages],
        "places": [message.place for message in messages],
        "arrived": [
            workflow.arrived and workflow.arrived.workflow_position
            for workflow in Workflow.objects.order_by("pk")
        ],
    }


def delete_rows() -> None:
    Message.objects.all().delete()
    Conversation.objects.all().delete()
    Workflow.objects.all().delete()


@pytest.mark.slow
def test_both_versions_lead_to_the_same_rows(on_version: Play) -> None:
    found = {}
    for version in ("v0.1", "v1"):
        with on_version(version) as vonage:
            exchange_messages(vonage)
            found[version] = tables()
            assert {accepted.version for accepted in vonage.accepted} == {version}
        delete_rows()

    for name, rows in found["v0.1"].items():
        assert found["v1"][name] == rows, name
    assert found["v1"]["arrived"] == [3, 1]
    statuses = {row[MESSAGE.index("status")] for row in found["v1"]["messages"]}
    assert statuses == {
        "read",
        "delivered",
        "received",
        "rejected",
        "undeliverable",
        "failed",
        "cancelled",
    }
    assert {row[1] for row in found["v1"]["threads"]} == set(CHANNELS)
