"""What goes on after the story: the customer is whoever types, and each event is told."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.utils import timezone

from django_vonage_messages.models import Message
from django_vonage_messages.signals import message_received, message_status_changed
from django_vonage_messages.simulator import Simulator
from example_project.orders.demo.channels import VIBER_PHONE, WHATSAPP_PHONE
from example_project.orders.demo.screen import Screen
from example_project.orders.demo.story import CUSTOMER, PHONE

_PHONES: Final = {"sms": PHONE, "whatsapp": WHATSAPP_PHONE, "viber": VIBER_PHONE}


def stay(simulator: Simulator, screen: Screen) -> None:
    """Play the customer with the lines that are typed, and tell each event, until Ctrl-C."""
    with _printed_events(screen):
        if sys.stdin is not None and sys.stdin.isatty():
            screen.line(f"To be {CUSTOMER}, type a text here and press Enter. The other customers")
            screen.line("write with “whatsapp: ” or “viber: ” before the text. Ctrl-C stops.\n")
            _play_customer(simulator)
        else:
            screen.line("Ctrl-C stops.")
        threading.Event().wait()  # nobody types: go on until the signal


def _play_customer(simulator: Simulator) -> None:
    for line in sys.stdin:
        channel, text = read_line(line)
        if text:
            simulator.customer_sends(text, from_=_PHONES[channel], channel=channel)


def read_line(line: str) -> tuple[str, str]:
    """Return the channel and the text of a typed line; what names no channel is an SMS."""
    name, colon, text = line.partition(":")
    channel = name.strip().lower()
    if colon and channel in _PHONES:
        return channel, text.strip()
    return "sms", line.strip()


@contextmanager
def _printed_events(screen: Screen) -> Iterator[None]:
    """Tell each event by receivers of the package's signals, as any site can have."""

    def tell(text: str) -> None:
        screen.line(f"{timezone.localtime():%H:%M:%S}  {text}")

    def status_changed(message: Message, **_kwargs: Any) -> None:
        status = message.get_status_display().lower()
        tell(f"{message.get_channel_display()} to {message.masked_address}: {status}")

    def received(message: Message, **_kwargs: Any) -> None:
        tell(f"{message.get_channel_display()} from {message.masked_address}: it is in the thread")

    message_status_changed.connect(status_changed)
    message_received.connect(received)
    try:
        yield
    finally:
        message_status_changed.disconnect(status_changed)
        message_received.disconnect(received)
