"""The chapters on WhatsApp and Viber."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django_vonage_messages.content import Content, Image, Location
from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.simulator import number_for
from example_project.orders.demo.teller import Teller, new_order

WHATSAPP_CUSTOMER: Final = "Mina Okafor"
WHATSAPP_PHONE: Final = number_for("read")
PICTURE: Final = Image("https://example.com/dented-box.jpg", caption="It arrived like this.")
PLACE: Final = Location(51.501, -0.142, name="My office", address="1 High Street, London")
WHATSAPP_ANSWER: Final = "We are sorry, Mina! A new one is on its way to your office."

VIBER_CUSTOMER: Final = "Petar Ilic"
VIBER_PHONE: Final = "447700900125"
VIBER_QUESTION: Final = "Great! Do you wrap presents too?"
VIBER_ANSWER: Final = "We do, Petar: just tell us before noon."


@dataclass(frozen=True)
class Exchange:
    """Messages on one channel. ``waiting`` is the conversation as it was before staff replied."""

    shipped: Message
    received: Sequence[Message]
    waiting: Conversation
    reply: Message


def whatsapp_exchange(teller: Teller) -> Exchange:
    """Play the WhatsApp chapter: a template, an image, a location, and a reply that is read."""
    teller.screen.heading(f"6. {WHATSAPP_CUSTOMER} is on WhatsApp")
    order = new_order(WHATSAPP_CUSTOMER, WHATSAPP_PHONE, "whatsapp")
    teller.screen.say(
        f"Order {order} ships. {WHATSAPP_CUSTOMER} has not written yet, so WhatsApp requires a "
        "template:"
    )
    shipped = teller.ship(order, until="read")
    received = _customer_writes(teller, shipped, WHATSAPP_CUSTOMER, PICTURE, PLACE)
    return _staff_reply(teller, shipped, received, WHATSAPP_ANSWER, until="read")


def viber_exchange(teller: Teller) -> Exchange:
    """Play the Viber chapter: a text with a time to live, a question, and a reply."""
    teller.screen.heading(f"7. {VIBER_CUSTOMER} is on Viber")
    order = new_order(VIBER_CUSTOMER, VIBER_PHONE, "viber")
    teller.screen.say(f"Order {order} ships. The message expires after one day (ttl):")
    shipped = teller.ship(order)
    received = _customer_writes(teller, shipped, VIBER_CUSTOMER, VIBER_QUESTION)
    return _staff_reply(teller, shipped, received, VIBER_ANSWER)


def _customer_writes(
    teller: Teller, shipped: Message, who: str, *contents: str | Content
) -> list[Message]:
    return [
        teller.customer_writes(
            content, from_=shipped.their_address, who=who, channel=shipped.channel
        )
        for content in contents
    ]


def _staff_reply(
    teller: Teller, shipped: Message, received: list[Message], answer: str, *, until: str = ""
) -> Exchange:
    waiting = Conversation.objects.get(pk=shipped.conversation_id)
    teller.screen.say("Staff reply in the admin:")
    teller.staff.reply(waiting, answer)
    reply = teller.follow(teller.reply_to(received[-1]), until=until)
    return Exchange(shipped, received, waiting, reply)
