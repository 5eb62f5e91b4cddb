"""The story of the demo: a day at the shop, over real HTTP."""

from dataclasses import dataclass
from typing import Final

from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.simulator import number_for
from example_project.orders.demo.channels import Exchange, viber_exchange, whatsapp_exchange
from example_project.orders.demo.teller import Teller, new_order
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


@dataclass(frozen=True)
class PlayedStory:
    """Messages of the story in their final state. ``waiting`` is Oliver's conversation as it was
    before staff replied.
    """

    shipped: Message
    keyword: Message
    automatic_reply: Message
    question: Message
    waiting: Conversation
    staff_reply: Message
    rejected: Message
    whatsapp: Exchange
    viber: Exchange


class Story(Teller):
    def play(self) -> PlayedStory:
        """Play the story. Each call creates new orders."""
        shipped = self._order_ships()
        keyword, automatic_reply = self._customer_sends_keyword()
        question, waiting = self._customer_asks_staff()
        staff_reply = self._staff_replies(question)
        rejected = self._number_is_gone()
        return PlayedStory(
            shipped,
            keyword,
            automatic_reply,
            question,
            waiting,
            staff_reply,
            rejected,
            whatsapp_exchange(self),
            viber_exchange(self),
        )

    def _order_ships(self) -> Message:
        self.screen.heading("1. An order ships")
        order = new_order(CUSTOMER, PHONE)
        self.screen.say(f"Staff press Ship for order {order}. {CUSTOMER} gets a text:")
        return self.ship(order)

    def _customer_sends_keyword(self) -> tuple[Message, Message]:
        self.screen.heading(f"2. {CUSTOMER} asks for the status")
        keyword = self.customer_writes(KEYWORD, from_=PHONE, who=CUSTOMER)
        self.screen.say("A signal receiver of the site replies automatically:")
        return keyword, self.follow(self.reply_to(keyword))

    def _customer_asks_staff(self) -> tuple[Message, Conversation]:
        self.screen.heading(f"3. {CUSTOMER} asks a question")
        question = self.customer_writes(QUESTION, from_=PHONE, who=CUSTOMER)
        waiting = Conversation.objects.get(pk=question.conversation_id)
        self.screen.say(f"The question waits in the inbox ({waiting.unread_count} unread).")
        return question, waiting

    def _staff_replies(self, question: Message) -> Message:
        self.screen.heading("4. Staff reply in the admin")
        self.staff.reply(question.conversation, ANSWER)
        return self.follow(self.reply_to(question))

    def _number_is_gone(self) -> Message:
        self.screen.heading("5. A text is rejected")
        order = new_order(UNREACHABLE, number_for("rejected", int(ERROR_CODE)))
        self.screen.say(f"Order {order} ships too, but {UNREACHABLE}'s number is not in use:")
        message = self.ship(order)
        if info := message.error_info:
            self.screen.say(f"Error {info.code}, {info.title}. {info.meaning}")
            self.screen.say(f"What to do: {info.advice}")
        return message


def waiting_order() -> Order:
    """Return an order that has not been shipped."""
    packing = Order.objects.filter(status=Order.Status.PACKING).first()
    return packing or new_order(LATER_CUSTOMER, LATER_PHONE)
