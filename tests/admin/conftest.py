import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.services.receiving import receive

CUSTOMER = "447700900000"
MASKED = "4477••••••00"

Staff = Callable[..., Client]
Receive = Callable[..., Message]

ADDRESSES = {
    "sms": ("447700900001", CUSTOMER),
    "mms": ("12025550100", CUSTOMER),
    "whatsapp": ("447700900002", CUSTOMER),
    "viber": ("16273", CUSTOMER),
    "messenger": ("107083064136738", "4598023126881234"),
}
"""The sender and the customer's address on each channel."""


@pytest.fixture
def staff(db: None) -> Staff:
    """Log in a member of staff with exactly these permissions."""

    def log_in(*codenames: str, username: str = "anna", **kwargs: Any) -> Client:
        user = User.objects.create_user(
            username, password="pw", is_staff=True, first_name="Anna", last_name="Kowalska"
        )
        permissions = Permission.objects.filter(
            content_type__app_label="vonage_messages", codename__in=codenames
        )
        assert len(permissions) == len(codenames)
        user.user_permissions.set(permissions)
        client = Client(**kwargs)
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def receive_text(db: None, inbound_body: Callable[..., dict[str, Any]]) -> Receive:
    """Receive a text message through the webhook service."""
    numbers = iter(range(1, 10_000))

    def receive_text(text: str = "Where is my order?", sender: str = CUSTOMER) -> Message:
        uuid = f"bbbbbbbb-0000-4000-8000-{next(numbers):012d}"
        body = inbound_body(text, message_uuid=uuid)
        body["from"]["number"] = sender
        delivery = receive.VerifiedWebhook(json.dumps(body).encode(), ("default",))
        assert receive.receive(delivery) == "applied"
        return Message.objects.get(message_uuid=uuid)

    return receive_text


@pytest.fixture
def receive_content(db: None) -> Receive:
    """Receive any content on any channel through the webhook service, dated now."""
    numbers = iter(range(1, 10_000))

    def receive_content(content: dict[str, Any], channel: str = "whatsapp") -> Message:
        uuid = f"cccccccc-0000-4000-8000-{next(numbers):012d}"
        kind = CHANNELS[channel]
        our_address, their_address = ADDRESSES[channel]
        body = {
            "message_uuid": uuid,
            "timestamp": timezone.now().isoformat(),
            "to": {"type": kind.v0_1_type, kind.sender_address_type: our_address},
            "from": {"type": kind.v0_1_type, kind.customer_address_type: their_address},
            "message": {"content": content},
        }
        delivery = receive.VerifiedWebhook(json.dumps(body).encode(), ("default",))
        assert receive.receive(delivery) == "applied"
        return Message.objects.get(message_uuid=uuid)

    return receive_content


@pytest.fixture
def conversation(receive_text: Receive) -> Conversation:
    return receive_text().conversation
