"""Every channel over HTTP: the simulator validates the app's requests independently."""

from typing import Any

import pytest

from django_vonage_messages import send_message
from django_vonage_messages.content import (
    Audio,
    Custom,
    File,
    Image,
    Location,
    Template,
    Video,
)
from django_vonage_messages.models import Conversation, Message, UnprocessedWebhook
from django_vonage_messages.options import MessengerOptions, ViberOptions
from django_vonage_messages.simulator import number_for
from tests.integration.test_round_trip import vonage  # noqa: F401 -- a fixture

URL = "https://example.com/cat.jpg"
READ = number_for("read")
SENT: list[tuple[str, Any, Any]] = [
    ("sms", "Hello", None),
    ("mms", Image(URL), None),
    ("whatsapp", "Hello", None),
    ("whatsapp", Image(URL, caption="My cat"), None),
    ("whatsapp", Audio(URL), None),
    ("whatsapp", Video(URL), None),
    ("whatsapp", File(URL, caption="A report"), None),
    ("whatsapp", Template("ns:verify", ["Daisy"], locale="en-GB", policy="deterministic"), None),
    ("whatsapp", Location(51.5, -0.1, name="Shop", address="1 High Street"), None),
    ("whatsapp", Custom({"type": "contacts", "contacts": []}), None),
    ("viber", "Hello", ViberOptions(category="promotion", ttl=30, type="text")),
    ("viber", Image(URL), ViberOptions(ttl=259_200)),
    ("viber", Template("verify", ["Daisy"]), ViberOptions(type="template")),
    ("messenger", "Hello", MessengerOptions(category="message_tag", tag="ACCOUNT_UPDATE")),
    ("messenger", Image(URL), None),
    ("messenger", Audio(URL), MessengerOptions(category="update")),
    ("messenger", Video(URL), None),
    ("messenger", File(URL), None),
]
RECEIVED: list[Any] = [
    "Thank you",
    Image(URL, caption="Like this"),
    Location(51.5, -0.1),
    {"type": "button", "button": {"payload": "y", "text": "Yes"}},
    {"type": "unsupported"},
    {"type": "hologram", "hologram": {}},
]


@pytest.mark.slow
@pytest.mark.usefixtures("vonage")
def test_every_content_is_accepted_delivered_and_read(vonage: Any) -> None:  # noqa: F811
    sent = [
        send_message(READ, content, channel=channel, options=options)
        for channel, content, options in SENT
    ]
    vonage.wait_until_idle()

    assert vonage.refused == []
    for message, accepted in zip(sent, vonage.accepted, strict=True):
        message.refresh_from_db()
        has_receipts = message.channel in {"whatsapp", "viber", "messenger"}
        assert message.status == ("read" if has_receipts else "delivered")
        assert message.price_as_received == "0.0333"
        assert accepted.channel == message.channel
    assert not UnprocessedWebhook.objects.filter(processed_at=None).exists()
    assert Conversation.objects.count() == 5


@pytest.mark.parametrize("channel", ["sms", "mms", "whatsapp", "viber", "messenger"])
def test_all_messages_of_a_customer_join_one_conversation(vonage: Any, channel: str) -> None:  # noqa: F811
    for content in RECEIVED:
        vonage.customer_sends(content, from_="447700900000", channel=channel)
        vonage.wait_until_idle()

    thread = Conversation.objects.get()
    assert (thread.channel, thread.unread_count) == (channel, len(RECEIVED))
    assert [message.content_type for message in thread.messages.order_by("id")] == [
        "text",
        "image",
        "location",
        "button",
        "unsupported",
        "hologram",
    ]
    texts = Message.objects.order_by("id").values_list("text", flat=True)
    assert list(texts) == ["Thank you", "Like this", "", "Yes", "", ""]
