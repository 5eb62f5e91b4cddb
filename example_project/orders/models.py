"""An order of a small shop, with its messages and its conversation."""

import logging

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.exceptions import InvalidMessage
from django_vonage_messages.models import Channel, Conversation, RelatedMessages
from example_project.orders.notices import shipping_notice

logger = logging.getLogger(__name__)


class AlreadyShipped(Exception):
    """The order has been shipped already."""


class Order(models.Model):
    class Channel(models.TextChoices):
        SMS = "sms", "SMS"
        WHATSAPP = "whatsapp", "WhatsApp"
        VIBER = "viber", "Viber"

    class Status(models.TextChoices):
        PACKING = "packing", "being packed"
        SHIPPED = "shipped", "shipped"

    reference = models.CharField(max_length=20, unique=True)
    customer_name = models.CharField(max_length=80)
    phone = models.CharField(
        max_length=15,
        db_index=True,
        validators=[RegexValidator(r"^[1-9]\d{6,14}\Z", "Write digits only, country code first.")],
        help_text="Digits only, country code first: 447700900123.",
    )
    channel = models.CharField(
        max_length=10,
        choices=Channel.choices,
        default=Channel.SMS,
        help_text="The customer's preferred channel.",
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PACKING)
    shipped_at = models.DateTimeField(null=True, blank=True, editable=False)
    text_status = models.CharField(
        "text to the customer",
        max_length=255,
        blank=True,
        editable=False,
        help_text="Status of the latest text about this order.",
    )

    messages = RelatedMessages()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.reference

    @property
    def conversation(self) -> Conversation | None:
        """The conversation with this order's customer, if any."""
        found = Conversation.objects.filter(their_address=self.phone, channel=self.channel)
        return found.first()

    @property
    def summary(self) -> str:
        """The status of the order as a text for the customer."""
        if self.shipped_at is None:
            return f"Your order {self.reference} is being packed. We text you when it leaves."
        shipped_at = timezone.localtime(self.shipped_at)
        return f"Your order {self.reference} left us on {shipped_at.day} {shipped_at:%B at %H:%M}."

    def ship(self) -> None:
        """Mark the order as shipped, and send the customer a text after the commit.

        If the transaction is rolled back, no text is sent. Raises AlreadyShipped.
        """
        with transaction.atomic():
            packing = Order.objects.filter(pk=self.pk, status=self.Status.PACKING)
            if not packing.update(status=self.Status.SHIPPED, shipped_at=timezone.now()):
                raise AlreadyShipped(f"{self.reference} has been shipped already.")
            self._text_customer()
        self.refresh_from_db()

    def _text_customer(self) -> None:
        content, options = shipping_notice(self)
        try:
            send_message(
                self.phone,
                content,
                channel=Channel(self.channel),
                options=options,
                related=self,
            )
        except InvalidMessage as exc:
            # Ship the order even if the customer has opted out, or the channel has no sender.
            logger.warning("No text about order %s was sent. %s", self.reference, exc)
            Order.objects.filter(pk=self.pk).update(text_status="Not sent")
