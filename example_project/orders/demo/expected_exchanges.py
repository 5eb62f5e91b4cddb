"""What must be so of the WhatsApp and the Viber thread."""

from collections.abc import Iterator
from typing import Any, Final

from django_vonage_messages.models import Conversation, Direction, Status
from example_project.orders.demo import channels
from example_project.orders.demo.browser import USERNAME
from example_project.orders.demo.channels import Exchange
from example_project.orders.demo.expectation import (
    NOBODY,
    PATH,
    Expectation,
    author_of,
    now,
    path_of,
)
from example_project.orders.notices import ONE_DAY, TEMPLATE

_ENDS: Final = {"whatsapp": Status.READ, "viber": Status.DELIVERED}
_ANSWERS: Final = {"whatsapp": channels.WHATSAPP_ANSWER, "viber": channels.VIBER_ANSWER}
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "whatsapp": {},
    "viber": {"category": "transaction", "ttl": ONE_DAY},
}
_PLACE: Final = {
    "latitude": "51.501",
    "longitude": "-0.142",
    "name": "My office",
    "address": "1 High Street, London",
}
_RECEIVED: Final[dict[str, list[tuple[str, str, dict[str, Any]]]]] = {
    "whatsapp": [
        ("image", "It arrived like this.", channels.PICTURE.as_json()),
        ("location", "", {"location": _PLACE}),
    ],
    "viber": [("text", channels.VIBER_QUESTION, {"text": channels.VIBER_QUESTION})],
}


def exchange_expectations(channel: str, exchange: Exchange) -> Iterator[Expectation]:
    """Yield what must be so of one channel's messages and thread, with what is."""
    yield from _sent(channel, exchange)
    yield from _received(channel, exchange)
    yield from _thread(channel, exchange)


def _sent(channel: str, exchange: Exchange) -> Iterator[Expectation]:
    path = list(PATH[: PATH.index(_ENDS[channel]) + 1])
    sent = {"notice": (exchange.shipped, NOBODY), "reply": (exchange.reply, USERNAME)}
    for name, (message, author) in sent.items():
        yield Expectation(f"the {name} on {channel} went", path, path_of(message))
        yield Expectation(f"the {name} on {channel} was", _ENDS[channel], now(message).status)
        yield Expectation(f"the {name} on {channel} was written by", author, author_of(message))
    shipped = now(exchange.shipped)
    yield Expectation(f"the options on {channel}", _OPTIONS[channel], shipped.options)
    if channel == "whatsapp":
        yield Expectation("the notice is the template", TEMPLATE, shipped.summary)


def _received(channel: str, exchange: Exchange) -> Iterator[Expectation]:
    found = [now(message) for message in exchange.received]
    yield Expectation(
        f"what the customer said on {channel}",
        _RECEIVED[channel],
        [(message.content_type, message.text, message.content) for message in found],
    )


def _thread(channel: str, exchange: Exchange) -> Iterator[Expectation]:
    waiting = exchange.waiting
    yield Expectation(f"unread on {channel}", len(exchange.received), waiting.unread_count)
    thread = Conversation.objects.get(pk=waiting.pk)
    expected = {
        "channel": channel,
        "unread_count": 0,
        "waiting_since": None,
        "last_message_direction": Direction.OUTBOUND,
        "last_message_content_type": "text",
        "last_message_preview": _ANSWERS[channel],
    }
    for column, value in expected.items():
        yield Expectation(f"the {channel} thread's {column}", value, getattr(thread, column))
