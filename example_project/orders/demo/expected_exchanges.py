"""Checks of the WhatsApp and the Viber conversation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django_vonage_messages.models import Conversation, ConversationStatus, Direction, Status
from example_project.orders.demo import channels
from example_project.orders.demo.browser import USERNAME
from example_project.orders.demo.channels import Exchange
from example_project.orders.demo.expectation import (
    AUTOMATIC,
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
    """Expected data of one channel. ``ends`` is the final status of our messages."""

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
    """Yield the checks of one channel's messages and conversation."""
    script = _SCRIPTS[channel]
    yield from _sent(channel, script, exchange)
    yield from _notice(channel, script, exchange)
    yield from _received(channel, script, exchange)
    yield from _conversation(channel, script, exchange)


def _sent(channel: str, script: _Script, exchange: Exchange) -> Iterator[Expectation]:
    path = list(PATH[: PATH.index(script.ends) + 1])
    sent = {"notice": (exchange.shipped, AUTOMATIC), "reply": (exchange.reply, USERNAME)}
    for name, (message, author) in sent.items():
        found = now(message)
        recipient = (channel, script.phone)
        yield Expectation(f"status events of the {channel} {name}", path, path_of(message))
        yield Expectation(f"status of the {channel} {name}", script.ends, found.status)
        yield Expectation(
            f"recipient of the {channel} {name}", recipient, (found.channel, found.their_address)
        )
        yield Expectation(f"author of the {channel} {name}", author, author_of(message))
    yield Expectation(f"text of the {channel} reply", script.answer, now(exchange.reply).text)


def _notice(channel: str, script: _Script, exchange: Exchange) -> Iterator[Expectation]:
    order = Order.objects.get(phone=script.phone, channel=channel)
    notice = now(exchange.shipped)
    content = _content(channel, script.customer, order.reference)
    yield Expectation(f"content of the {channel} notice", content, notice.content)
    yield Expectation(f"options of the {channel} notice", script.options, notice.options)
    yield Expectation(f"note on the {channel} order", script.ends.label, order.text_status)


def _content(channel: str, customer: str, reference: str) -> dict[str, Any]:
    if channel == "whatsapp":
        parameters = [customer, reference]
        return {"template": {"name": TEMPLATE, "parameters": parameters, "locale": LOCALE}}
    words = "on its way. Reply STATUS at any time, or just ask us."
    return {"text": f"Hello {customer}, your order {reference} is {words}"}


def _received(channel: str, script: _Script, exchange: Exchange) -> Iterator[Expectation]:
    found = [now(message) for message in exchange.received]
    yield Expectation(
        f"inbound {channel} messages",
        script.received,
        [(message.content_type, message.text, message.content) for message in found],
    )
    yield Expectation(
        f"senders of the inbound {channel} messages",
        {(channel, Status.RECEIVED, script.phone)},
        {(message.channel, message.status, message.their_address) for message in found},
    )


def _conversation(channel: str, script: _Script, exchange: Exchange) -> Iterator[Expectation]:
    waiting = exchange.waiting
    since = exchange.received[0].created_at
    yield Expectation(f"unread {channel} messages", len(exchange.received), waiting.unread_count)
    yield Expectation(f"waiting since, on {channel}", since, waiting.waiting_since)
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
        yield Expectation(
            f"{column} of the {channel} conversation", value, getattr(conversation, column)
        )
