"""Signal receivers of this site.

A receiver runs inside the transaction that stores the event: its changes are committed with the
event or not at all. A text that the receiver sends leaves after the commit.
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
UNKNOWN = "We have no order for this number. Please write to us here, and we will reply."


@receiver(message_received)
def answer_keyword(message: Message, **_kwargs: Any) -> None:
    """Reply to STATUS with the status of the customer's latest order. Staff answer other texts."""
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
        # Do not raise: the receiver would be retried, with the same result.
        logger.warning("Message %s asked for a status but cannot be answered.", message.reference)


@receiver(message_status_changed)
def note_on_order(message: Message, **_kwargs: Any) -> None:
    """Store the status of a text in the order that the text is about."""
    if isinstance(order := message.related, Order):
        Order.objects.filter(pk=order.pk).update(text_status=_status_text(message))


def _status_text(message: Message) -> str:
    status = message.get_status_display()
    if not message.has_failed:
        return status
    reason = message.error_info.meaning if message.error_info else message.error_title
    return f"{status}. {reason}" if reason else status
