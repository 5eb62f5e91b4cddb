"""What must be so of the WhatsApp and the Viber thread."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django_vonage_messages.models import Conversation, ConversationStatus, Direction, Status
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
from example_project.orders.models import Order
from example_project.orders.notices import LOCALE, ONE_DAY, TEMPLATE


@dataclass(frozen=True)
class _Script:
    """What one channel's chapter comes to: who says what, and how far our messages get."""

    customer: str
    phone: str
    options: Mapping[str, Any]
    ends: Status
    received: list[tuple[str, str, dict[str, Any]]]
    answer: str


_PLACE: Final = {
    "latitude": "51.501",
    "longitude": "-0.142",
    "name": "My office",
    "address": "1 High Street, London",
}
_SCRIPTS: Final = {
    "whatsapp": _Script(
        customer=channels.WHATSAPP_CUSTOMER,
        phone=channels.WHATSAPP_PHONE,
        options={},
        ends=Status.READ,
        received=[
            ("image", "It arrived like this.", channels.PICTURE.as_json()),
            ("location", "", {"location": _PLACE}),
        ],
        answer=channels.WHATSAPP_ANSWER,
    ),
    "viber": _Script(
        customer=channels.VIBER_CUSTOMER,
        phone=channels.VIBER_PHONE,
        options={"category": "transaction", "ttl": ONE_DAY},
        ends=Status.DELIVERED,
        received=[("text", channels.VIBER_QUESTION, {"text": channels.VIBER_QUESTION})],
        answer=channels.VIBER_ANSWER,
    ),
}


def exchange_expectations(channel: str, exchange: Exchange) -> Iterator[Expectation]:
    """Yield what must be so of one channel's messages and thread, with what is."""
    script = _SCRIPTS[channel]
    yield from _sent(channel, script, exchange)
    yield from _notice(channel, script, exchange)
    yield from _received(channel, script, exchange)
    yield from _conversation(channel, script, exchange)


def _sent(channel: str, script: _Script, exchange: Exchange) -> Iterator[Expectation]:
    path = list(PATH[: PATH.index(script.ends) + 1])
    sent = {"notice": (exchange.shipped, NOBODY), "reply": (exchange.reply, USERNAME)}
    for name, (message, author) in sent.items():
        found = now(message)
        way = (channel, script.phone)
        yield Expectation(f"the {name} on {channel} went", path, path_of(message))
        yield Expectation(f"the {name} on {channel} was", script.ends, found.status)
        yield Expectation(
            f"the {name} on {channel} went by", way, (found.channel, found.their_address)
        )
        yield Expectation(f"the {name} on {channel} was written by", author, author_of(message))
    yield Expectation(f"the reply on {channel} says", script.answer, now(exchange.reply).text)


def _notice(channel: str, script: _Script, exchange: Exchange) -> Iterator[Expectation]:
    order = Order.objects.get(phone=script.phone, channel=channel)
    notice = now(exchange.shipped)
    says = _content(channel, script.customer, order.reference)
    yield Expectation(f"the notice on {channel} says", says, notice.content)
    yield Expectation(f"the notice on {channel} has the options", script.options, notice.options)
    yield Expectation(f"the order on {channel} notes", script.ends.label, order.text_status)


def _content(channel: str, customer: str, reference: str) -> dict[str, Any]:
    if channel == "whatsapp":
        parameters = [customer, reference]
        return {"template": {"name": TEMPLATE, "parameters": parameters, "locale": LOCALE}}
    words = "on its way. Reply STATUS at any time, or just ask us."
    return {"text": f"Hello {customer}, your order {reference} is {words}"}


def _received(channel: str, script: _Script, exchange: Exchange) -> Iterator[Expectation]:
    found = [now(message) for message in exchange.received]
    yield Expectation(
        f"what the customer said on {channel}",
        script.received,
        [(message.content_type, message.text, message.content) for message in found],
    )
    yield Expectation(
        f"what came on {channel} is stored",
        {(channel, Status.RECEIVED, script.phone)},
        {(message.channel, message.status, message.their_address) for message in found},
    )


def _conversation(channel: str, script: _Script, exchange: Exchange) -> Iterator[Expectation]:
    waiting = exchange.waiting
    since = exchange.received[0].created_at
    yield Expectation(f"unread on {channel}", len(exchange.received), waiting.unread_count)
    yield Expectation(f"the customer on {channel} waited since", since, waiting.waiting_since)
    conversation = Conversation.objects.get(pk=waiting.pk)
    expected = {
        "channel": channel,
        "unread_count": 0,
        "waiting_since": None,
        "status": ConversationStatus.OPEN,
        "last_inbound_at": exchange.received[-1].created_at,
        "last_message_at": exchange.reply.created_at,
        "last_message_direction": Direction.OUTBOUND,
        "last_message_content_type": "text",
        "last_message_preview": script.answer,
    }
    for column, value in expected.items():
        yield Expectation(f"the {channel} thread's {column}", value, getattr(conversation, column))
