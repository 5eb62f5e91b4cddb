"""The time after the story: the user writes as a customer, and each event is printed."""

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
    """Send each line of the user's input as a customer, and print each event, until Ctrl-C."""
    with _printed_events(screen):
        if sys.stdin is not None and sys.stdin.isatty():
            screen.line(
                f"To write as {CUSTOMER}, type a text here and press Enter. To write as the"
            )
            screen.line("WhatsApp or Viber customer, begin with “whatsapp: ” or “viber: ”.")
            screen.line("Press Ctrl-C to stop.\n")
            _play_customer(simulator)
        else:
            screen.line("Press Ctrl-C to stop.")
        threading.Event().wait()  # no more input: run until the signal


def _play_customer(simulator: Simulator) -> None:
    for line in sys.stdin:
        channel, text = read_line(line)
        if text:
            simulator.customer_sends(text, from_=_PHONES[channel], channel=channel)


def read_line(line: str) -> tuple[str, str]:
    """Return the channel and the text of an input line. The default channel is SMS."""
    name, colon, text = line.partition(":")
    channel = name.strip().lower()
    if colon and channel in _PHONES:
        return channel, text.strip()
    return "sms", line.strip()


@contextmanager
def _printed_events(screen: Screen) -> Iterator[None]:
    """Print each event in the block."""

    def show(text: str) -> None:
        screen.line(f"{timezone.localtime():%H:%M:%S}  {text}")

    def status_changed(message: Message, **_kwargs: Any) -> None:
        status = message.get_status_display().lower()
        show(f"{message.get_channel_display()} to {message.masked_address}: {status}")

    def received(message: Message, **_kwargs: Any) -> None:
        show(f"{message.get_channel_display()} from {message.masked_address}: received")

    message_status_changed.connect(status_changed)
    message_received.connect(received)
    try:
        yield
    finally:
        message_status_changed.disconnect(status_changed)
        message_received.disconnect(received)
