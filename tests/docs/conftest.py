from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete
from django.dispatch import Signal
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.models import Message
from django_vonage_messages.signals import message_received, message_status_changed
from example_project.orders.models import Order

Namespace = dict[str, Any]


@pytest.fixture
def namespace(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Namespace:
    """Names that the pages use: an order whose customer was texted, a failed message, a user."""
    monkeypatch.setattr(Order, "start", _alias("shipped_at"), raising=False)
    monkeypatch.setattr(Order, "answer", _alias("customer_name"), raising=False)
    monkeypatch.setattr(Order, "arrives_at", _alias("shipped_at"), raising=False)
    appointment = Order.objects.create(
        reference="A-1", phone="447700900043", shipped_at=timezone.now() + timedelta(days=10)
    )
    user = get_user_model().objects.create_user("ada", password="not used")
    order = Order.objects.create(
        reference="A-42",
        customer_name="Oliver Bell",
        phone="447700900000",
        shipped_at=timezone.now() + timedelta(days=2),
    )
    send_message(order.phone, "Thank you for your order.", related=order)
    failed = send_message("447700900321", "This did not arrive.")
    Message.objects.filter(pk=failed.pk).update(status="failed")
    failed.refresh_from_db()
    return {
        "Appointment": Order,
        "appointment": appointment,
        "failed": failed,
        "Order": Order,
        "order": order,
        "user": user,
        "team_channel": [],
    }


def _alias(column: str) -> property:
    """Return another name for a column."""
    return property(
        lambda row: getattr(row, column), lambda row, value: setattr(row, column, value)
    )


@pytest.fixture
def receivers_restored() -> Iterator[None]:
    """Disconnect the receivers that a page connected."""
    signals: tuple[Signal, ...] = (message_received, message_status_changed, pre_delete)
    before = [list(signal.receivers) for signal in signals]
    yield
    for signal, receivers in zip(signals, before, strict=True):
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()
