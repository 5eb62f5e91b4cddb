"""Suppressed addresses of customers."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models.choices import Channel
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol.addresses import mask, normalize_number, normalize_phone_sender
from django_vonage_messages.protocol.channels import get_channel


class Suppression(models.Model):
    """A customer's address to which this site sends no messages.

    A suppression with a ``lifted_at`` has no effect. An empty ``channel`` means all channels that
    use phone numbers. An empty ``our_address`` means all senders of this site. ``evidence`` is the
    reason for the suppression.
    """

    channel = models.CharField(
        _("channel"),
        max_length=16,
        choices=Channel.choices,
        blank=True,
        help_text=_("Leave empty for all channels that use phone numbers."),
    )
    address = models.CharField(_("address"), max_length=64)
    address_key = models.CharField(max_length=64, editable=False)
    our_address = models.CharField(
        _("our address"), max_length=64, blank=True, help_text=_("Leave empty for all senders.")
    )
    evidence = models.CharField(
        _("evidence"), max_length=500, help_text=_("Why this customer must not get messages.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("lifted by"),
    )

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        indexes = [models.Index(fields=["address_key"], name="vonage_suppression_address")]

    def __str__(self) -> str:
        return mask(self.address)

    def __repr__(self) -> str:
        return f"<Suppression {self.pk}>"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Normalise the channel and the addresses, and save the suppression.

        Raises ValueError if the channel is unknown or a number is invalid.
        """
        channel = get_channel(self.channel)
        if channel is None and self.channel:
            raise ValueError(f"Unknown channel {self.channel!r}.")
        self.channel = channel.name if channel else ""
        if channel is None or channel.customer_address_type == "number":
            self.address = normalize_number(self.address)
        if self.our_address and (channel is None or channel.sender_address_type == "number"):
            self.our_address = normalize_phone_sender(self.our_address)
        self.address_key = key_of(self.address)
        super().save(*args, **kwargs)
