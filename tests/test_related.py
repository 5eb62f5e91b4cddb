"""Messages about an object of the site."""

import pytest
from django.contrib.auth.models import Group

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message
from example_project.orders.models import Order

CUSTOMER = "447700900123"


class ProxyOrder(Order):
    class Meta:
        proxy = True
        app_label = "orders"


@pytest.fixture
def order(db: None) -> Order:
    return Order.objects.create(reference="A1", customer_name="Jane", phone=CUSTOMER)


def test_about_returns_messages_of_object(order: Order) -> None:
    group = Group.objects.create(pk=order.pk, name="Nurses")
    message = queue_message(CUSTOMER, "Hello", related=order)
    queue_message(CUSTOMER, "Hello", related=group)
    queue_message(CUSTOMER, "Hello")
    assert Message.objects.about(order).get() == message
    assert Message.objects.outbound().about(order).get() == message


def test_about_finds_messages_through_proxy_model(order: Order) -> None:
    message = queue_message(CUSTOMER, "Hello", related=ProxyOrder.objects.get(pk=order.pk))
    assert Message.objects.about(order).get() == message
    assert Message.objects.about(ProxyOrder.objects.get(pk=order.pk)).get() == message


def test_about_refuses_unsaved_object() -> None:
    with pytest.raises(ValueError, match="Save the Order first"):
        Message.objects.about(Order())
