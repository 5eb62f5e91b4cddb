"""What this site does when a customer writes, and when a text has moved on.

A receiver runs inside the transaction that records the fact. What it saves is committed with the
fact or not at all, and a text that it sends leaves after the commit.
"""

import logging
from typing import Any

from django.dispatch import receiver

from django_vonage_messages import send_message
from django_vonage_messages.exceptions import InvalidMessage
from django_vonage_messages.models import Message
from django_vonage_messages.signals import message_received, message_status_changed
from example_project.orders.models import Order

logger = logging.getLogger(__name__)

KEYWORD = "STATUS"
UNKNOWN = "We know of no order for this number. Just ask us here, and somebody will answer."


@receiver(message_received)
def answer_keyword(message: Message, **_kwargs: Any) -> None:
    """Answer STATUS with the state of the customer's latest order; leave the rest to people."""
    if message.text.strip().upper() != KEYWORD:
        return
    order = Order.objects.filter(phone=message.their_address).first()
    try:
        send_message(
            message.their_address,
            order.summary if order else UNKNOWN,
            channel=message.channel,
            sender=message.our_address,
            account=message.account,
        )
    except InvalidMessage:
        # Raising would have this receiver run again, and tomorrow's answer would be the same.
        logger.warning("Message %s asked for a status and may not be answered.", message.reference)


@receiver(message_status_changed)
def note_on_order(message: Message, **_kwargs: Any) -> None:
    """Note on an order what became of the text about it."""
    if isinstance(order := message.related, Order):
        Order.objects.filter(pk=order.pk).update(text_status=_status_text(message))


def _status_text(message: Message) -> str:
    status = message.get_status_display()
    if not message.has_failed:
        return status
    reason = message.error_info.meaning if message.error_info else message.error_title
    return f"{status}. {reason}" if reason else status
