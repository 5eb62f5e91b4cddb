"""The notice that an order has shipped, for each channel."""

from typing import TYPE_CHECKING, Final

from django_vonage_messages.content import Content, Template, Text
from django_vonage_messages.options import Options, ViberOptions

if TYPE_CHECKING:
    from example_project.orders.models import Order

TEMPLATE: Final = "example_shop:order_shipped"
"""The approved WhatsApp template. Its parameters are customer name and order reference."""
LOCALE: Final = "en-GB"
ONE_DAY: Final = 24 * 60 * 60


def shipping_notice(order: "Order") -> tuple[Content, Options | None]:
    """Return the content and the options of the notice.

    WhatsApp delivers only templates to customers who have not written in the last 24 hours.
    """
    if order.channel == order.Channel.WHATSAPP:
        parameters = [order.customer_name, order.reference]
        return Template(TEMPLATE, parameters, locale=LOCALE), None
    text = Text(
        f"Hello {order.customer_name}, your order {order.reference} is on its way. "
        "Reply STATUS at any time, or just ask us."
    )
    if order.channel == order.Channel.VIBER:
        return text, ViberOptions(category="transaction", ttl=ONE_DAY)
    return text, None
