"""Common steps of the chapters, and their output."""

import time
from collections.abc import Callable
from itertools import count
from typing import Final, TypeVar

from django_vonage_messages.content import Content
from django_vonage_messages.models import Message
from django_vonage_messages.simulator import Simulator
from example_project.orders.demo.browser import Staff
from example_project.orders.demo.screen import Screen
from example_project.orders.models import Order

PATIENCE: Final = 15.0
_LOOK_EVERY: Final = 0.05

T = TypeVar("T")


class StoryStopped(Exception):
    """An event of the story did not happen in time. The error names the event."""


class Teller:
    """Steps of a chapter, shown on ``screen``. Each step can raise StoryStopped or PageProblem."""

    def __init__(self, simulator: Simulator, staff: Staff, screen: Screen) -> None:
        self.simulator = simulator
        self.staff = staff
        self.screen = screen

    def ship(self, order: Order, *, until: str = "") -> Message:
        """Let staff ship an order. Return the message about the order after ``follow()``."""
        self.staff.ship(order)
        message = wait_for(order.messages.first, f"a message about order {order}")
        return self.follow(message, until=until)

    def customer_writes(
        self, content: str | Content, *, from_: str, who: str, channel: str = "sms"
    ) -> Message:
        """Send a message from a customer. Return the message when the site has stored it."""
        message_uuid = self.simulator.customer_sends(content, from_=from_, channel=channel)
        received = Message.objects.inbound().filter(message_uuid=message_uuid)
        message = wait_for(received.first, f"the message from {who}")
        self.screen.text(message)
        return message

    def reply_to(self, message: Message) -> Message:
        """Return the next outbound message in the conversation."""
        later = Message.objects.outbound().filter(
            conversation=message.conversation_id, pk__gt=message.pk
        )
        return wait_for(later.first, "the reply to a message")

    def follow(self, message: Message, *, until: str = "") -> Message:
        """Show a message and its statuses. Return the message when it has the status ``until`` or
        has failed. If ``until`` is "", return it when its status is final.
        """
        self.screen.text(message)
        shown = 0
        deadline = time.monotonic() + PATIENCE
        while True:
            message.refresh_from_db()
            for event in message.events.all()[shown:]:
                self.screen.status(event.status, first=not shown)
                shown += 1
            if _is_over(message, until):
                self.screen.line()
                return message
            if time.monotonic() > deadline:
                raise StoryStopped(
                    f"Message {message.reference} to {message.masked_address} is still "
                    f"{message.status} after {PATIENCE:.0f} s."
                )
            time.sleep(_LOOK_EVERY)


def _is_over(message: Message, until: str) -> bool:
    if until and not message.has_failed:
        return message.status == until
    return message.is_final


def new_order(customer_name: str, phone: str, channel: str = "sms") -> Order:
    """Create an order with an unused reference."""
    taken = set(Order.objects.values_list("reference", flat=True))
    reference = next(name for n in count(1001) if (name := f"A-{n}") not in taken)
    return Order.objects.create(
        reference=reference, customer_name=customer_name, phone=phone, channel=channel
    )


def wait_for(look: Callable[[], T | None], event: str) -> T:
    """Return the result of ``look`` when it is not None. Raises StoryStopped after 15 seconds."""
    deadline = time.monotonic() + PATIENCE
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise StoryStopped(f"Waited {PATIENCE:.0f} s for {event}; it did not arrive.")
        time.sleep(_LOOK_EVERY)
    return found
