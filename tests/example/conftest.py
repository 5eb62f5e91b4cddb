from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser

from django_vonage_messages.testing import OutgoingMessage, capture_messages
from example_project.orders.models import Order

PHONE = "447700900123"
UserMaker = Callable[..., AbstractBaseUser]


@pytest.fixture
def order(db: None) -> Order:
    return Order.objects.create(reference="A-1001", customer_name="Oliver Bell", phone=PHONE)


@pytest.fixture
def texts() -> Iterator[list[OutgoingMessage]]:
    """Messages that the site sends."""
    with capture_messages() as outbox:
        yield outbox


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    """Return a block that runs on_commit hooks at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def customer_writes(
    post_webhook: Callable[..., Any],
    inbound_body: Callable[..., dict[str, Any]],
    commits: Callable[[], Any],
) -> Callable[[str], Any]:
    """Deliver a signed inbound message."""

    def write(text: str) -> Any:
        body = inbound_body(text) | {"from": {"type": "sms", "number": PHONE}}
        with commits():
            response = post_webhook("inbound-message", body)
        assert response.status_code == 200
        return response

    return write
