"""A day at the shop, played through the real HTTP path: what the demo shows and checks."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final, TypeVar

from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.simulator import Simulator, number_for
from example_project.orders.demo.browser import Staff
from example_project.orders.demo.screen import Screen
from example_project.orders.demo.stage import SENDER
from example_project.orders.models import Order
from example_project.orders.receivers import KEYWORD

CUSTOMER: Final = "Oliver Bell"
PHONE: Final = "447700900123"
UNREACHABLE: Final = "Nora Quinn"
LATER_CUSTOMER: Final = "Ada Lane"
LATER_PHONE: Final = "447700900124"
ERROR_CODE: Final = "1190"
QUESTION: Final = "I am at work until six. Can the parcel go to number 12 next door?"
ANSWER: Final = "Of course, Oliver: the courier will ring at number 12. Enjoy!"

PATIENCE: Final = 15.0
_LOOK_EVERY: Final = 0.05

T = TypeVar("T")


class StoryStopped(Exception):
    """Something did not happen in time; the text says what."""


@dataclass(frozen=True)
class Told:
    """The messages of the story, as they were in the end; ``waiting`` is Oliver's thread as it was
    when the question had come and nobody had answered yet.
    """

    shipped: Message
    keyword: Message
    automatic_reply: Message
    question: Message
    waiting: Conversation
    staff_reply: Message
    rejected: Message


class Story:
    """Tells it on ``screen`` while it happens. Raises StoryStopped or PageProblem."""

    def __init__(self, simulator: Simulator, staff: Staff, screen: Screen) -> None:
        self._simulator = simulator
        self._staff = staff
        self._screen = screen

    def play(self) -> Told:
        """Play it once. Any number of times is fine: each time has its own orders."""
        shipped = self._order_ships()
        keyword, automatic_reply = self._customer_asks_the_site()
        question, waiting = self._customer_asks_a_person()
        staff_reply = self._staff_answers(question)
        rejected = self._number_is_gone()
        return Told(shipped, keyword, automatic_reply, question, waiting, staff_reply, rejected)

    def _order_ships(self) -> Message:
        self._screen.heading("1. An order ships")
        order = _new_order(CUSTOMER, PHONE)
        self._screen.said(f"Staff press Ship at order {order}, and {CUSTOMER} gets a text:")
        return self._ship(order)

    def _customer_asks_the_site(self) -> tuple[Message, Message]:
        self._screen.heading(f"2. {CUSTOMER} asks how it is going")
        keyword = self._customer_writes(KEYWORD)
        self._screen.said("A receiver of the site knows the word, and answers by itself:")
        return keyword, self._follow(self._reply_to(keyword))

    def _customer_asks_a_person(self) -> tuple[Message, Conversation]:
        self._screen.heading(f"3. {CUSTOMER} asks something that no program knows")
        question = self._customer_writes(QUESTION)
        waiting = Conversation.objects.get(pk=question.conversation_id)
        self._screen.said(f"It waits in the inbox for somebody ({waiting.unread_count} unread).")
        return question, waiting

    def _staff_answers(self, question: Message) -> Message:
        self._screen.heading("4. Staff answer, in the admin")
        self._staff.reply(question.conversation, ANSWER)
        return self._follow(self._reply_to(question))

    def _number_is_gone(self) -> Message:
        self._screen.heading("5. A text that cannot arrive")
        order = _new_order(UNREACHABLE, number_for("rejected", int(ERROR_CODE)))
        self._screen.said(f"Order {order} ships too, but {UNREACHABLE} has a new number:")
        message = self._ship(order)
        if info := message.error_info:
            self._screen.said(f"Error {info.code}, {info.title}. {info.meaning}")
            self._screen.said(f"What to do: {info.advice}")
        return message

    def _ship(self, order: Order) -> Message:
        self._staff.ship(order)
        return self._follow(_wait_for(order.messages.first, f"a text about order {order}"))

    def _customer_writes(self, text: str) -> Message:
        message_uuid = self._simulator.customer_sends(text, from_=PHONE, to=SENDER)
        received = Message.objects.inbound().filter(message_uuid=message_uuid)
        message = _wait_for(received.first, f"the arrival of {CUSTOMER}'s text")
        self._screen.text(message)
        return message

    def _reply_to(self, message: Message) -> Message:
        later = Message.objects.outbound().filter(
            conversation=message.conversation_id, pk__gt=message.pk
        )
        return _wait_for(later.first, "the answer to a text")

    def _follow(self, message: Message) -> Message:
        """Show a text and its statuses as they come; return it when it is settled."""
        self._screen.text(message)
        shown = 0
        deadline = time.monotonic() + PATIENCE
        while True:
            message.refresh_from_db()
            for event in message.events.all()[shown:]:
                self._screen.status(event.status, first=not shown)
                shown += 1
            if message.is_settled:
                self._screen.line()
                return message
            if time.monotonic() > deadline:
                raise StoryStopped(
                    f"After {PATIENCE:.0f} s the text {message.reference} to "
                    f"{message.masked_address} is still {message.status}."
                )
            time.sleep(_LOOK_EVERY)


def waiting_order() -> Order:
    """Return an order that somebody can ship by hand."""
    packing = Order.objects.filter(status=Order.Status.PACKING).first()
    return packing or _new_order(LATER_CUSTOMER, LATER_PHONE)


def _new_order(customer_name: str, phone: str) -> Order:
    taken = set(Order.objects.values_list("reference", flat=True))
    reference = next(name for n in count(1001) if (name := f"A-{n}") not in taken)
    return Order.objects.create(reference=reference, customer_name=customer_name, phone=phone)


def _wait_for(look: Callable[[], T | None], what: str) -> T:
    deadline = time.monotonic() + PATIENCE
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise StoryStopped(f"Waited {PATIENCE:.0f} s in vain for {what}.")
        time.sleep(_LOOK_EVERY)
    return found
