"""Conversation between one customer and one of our addresses."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models.choices import (
    Channel,
    ChannelName,
    ConversationStatus,
    Direction,
)
from django_vonage_messages.models.keys import KeyField, conversation_key
from django_vonage_messages.protocol.addresses import mask
from django_vonage_messages.protocol.channels import CHANNELS

PREVIEW_LENGTH = 140


class Conversation(models.Model):
    """Conversation between one customer's address and one of our addresses.

    A conversation has one account and one channel. ``key`` is a hash of the account, the channel
    and the two addresses. The columns from ``last_message_at`` to ``waiting_since`` summarise the
    messages. ``in_inbox`` is True after the first message by a customer or a member of staff.
    ``contact_name`` is the customer's latest profile name, if the channel has profile names.
    """

    account = models.CharField(_("account"), max_length=64)
    channel: "models.CharField[str, ChannelName]" = models.CharField(
        _("channel"), max_length=16, choices=Channel.choices
    )
    our_address = models.CharField(_("our address"), max_length=64)
    their_address = models.CharField(_("customer"), max_length=64, db_index=True)
    contact_name = models.CharField(_("contact name"), max_length=200, blank=True)
    key = KeyField(conversation_key)
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=ConversationStatus.choices,
        default=ConversationStatus.OPEN,
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assignee"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    in_inbox = models.BooleanField(_("in the inbox"), default=False, editable=False)
    last_message_at = models.DateTimeField(_("last message"), null=True, editable=False)
    last_message_direction = models.CharField(
        max_length=8, choices=Direction.choices, blank=True, editable=False
    )
    last_message_content_type = models.CharField(max_length=32, blank=True, editable=False)
    last_message_preview = models.CharField(max_length=PREVIEW_LENGTH, blank=True, editable=False)
    unread_count = models.PositiveIntegerField(_("unread"), default=0, editable=False)
    last_inbound_at = models.DateTimeField(_("last inbound message"), null=True, editable=False)
    waiting_since = models.DateTimeField(_("waiting since"), null=True, editable=False)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        permissions = [
            ("reply_conversation", "Can reply in a conversation"),
            ("view_full_address", "Can see full phone numbers"),
        ]
        indexes = [
            models.Index(fields=["-last_message_at", "-id"], name="vonage_conv_recent"),
            models.Index(fields=["status", "-last_message_at", "-id"], name="vonage_conv_status"),
            models.Index(fields=["in_inbox", "-last_message_at", "-id"], name="vonage_conv_inbox"),
            models.Index(fields=["waiting_since"], name="vonage_conv_waiting"),
            models.Index(fields=["unread_count"], name="vonage_conv_unread"),
        ]
        # Not unique=True, which adds a second index for LIKE on PostgreSQL.
        constraints = [models.UniqueConstraint(fields=["key"], name="vonage_conv_key")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {mask(self.their_address)}"

    def __repr__(self) -> str:
        return f"<Conversation {self.pk}>"

    @property
    def can_be_answered(self) -> bool:
        """Whether the customer can answer messages from ``our_address``.

        Customers cannot reply to a name such as MyShop.
        """
        return CHANNELS[self.channel].takes_replies_at(self.our_address)
