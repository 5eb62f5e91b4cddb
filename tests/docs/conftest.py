from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_vonage_messages import send_message
from django_vonage_messages.models import Message
from django_vonage_messages.signals import message_received, message_status_changed
from example_project.orders.models import Order

Namespace = dict[str, Any]


@pytest.fixture
def namespace(transactional_db: None) -> Namespace:
    """What the pages take as given: a shop's order, whose customer has had a text about it."""
    user = get_user_model().objects.create_user("ada", password="not used")
    order = Order.objects.create(
        reference="A-42", customer_name="Oliver Bell", phone="447700900000"
    )
    send_message(order.phone, "Thank you for your order.", related=order)
    failed = send_message("447700900321", "This did not arrive.")
    Message.objects.filter(pk=failed.pk).update(status="failed")
    failed.refresh_from_db()
    return {"failed": failed, "Order": Order, "order": order, "user": user, "team_channel": []}


@pytest.fixture
def receivers_restored() -> Iterator[None]:
    """Disconnect what a page has connected."""
    signals = (message_received, message_status_changed)
    before = [list(signal.receivers) for signal in signals]
    yield
    for signal, receivers in zip(signals, before, strict=True):
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()
