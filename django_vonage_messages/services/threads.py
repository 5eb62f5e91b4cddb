"""Keeping a conversation's columns in step with its messages."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from django_vonage_messages.models import Conversation, ConversationStatus, Message
from django_vonage_messages.models.conversation import PREVIEW_LENGTH
from django_vonage_messages.protocol.keywords import is_opt_out


def file_inbound(message: Message, using: str) -> None:
    """Give an unsaved inbound message its thread, which it reopens and makes wait for an answer."""
    changes = _last_message(message)
    changes |= {"last_inbound_at": message.created_at, "status": ConversationStatus.OPEN}
    first: dict[str, Any] = {"unread_count": 1}
    later: dict[str, Any] = {"unread_count": F("unread_count") + 1}
    if not is_opt_out(message.text):
        first["waiting_since"] = message.created_at
        later["waiting_since"] = Coalesce(F("waiting_since"), message.created_at)
    message.conversation = _write(message, changes | first, changes | later, using)


def file_outbound(message: Message, using: str) -> None:
    """Give an unsaved outbound message its thread."""
    changes = _last_message(message)
    message.conversation = _write(message, changes, changes, using)


def end_waiting(message: Message, using: str) -> None:
    """A person's reply that Vonage has accepted ends the waiting of all that came before it."""
    if not message.is_automatic:
        Conversation.objects.using(using).filter(
            pk=message.conversation_id, waiting_since__lte=message.created_at
        ).update(waiting_since=None)


def mark_read(conversation: Conversation) -> None:
    """Nothing in the thread is unread any more."""
    if conversation.unread_count:
        Conversation.objects.filter(pk=conversation.pk).update(unread_count=0)


def _last_message(message: Message) -> dict[str, Any]:
    preview = " ".join(message.text[: PREVIEW_LENGTH * 2].split())
    return {
        "last_message_at": message.created_at,
        "last_message_direction": message.direction,
        "last_message_preview": (preview or f"[{message.content_type}]")[:PREVIEW_LENGTH],
    }


def _write(
    message: Message, first: dict[str, Any], later: dict[str, Any], using: str
) -> Conversation:
    """Update the thread, or begin it. The write comes first: SQLite cannot turn a transaction that
    has read into one that writes while another writes.
    """
    key = Conversation.key_for(
        message.account, message.channel, message.our_address, message.their_address
    )
    threads = Conversation.objects.using(using)
    if not threads.filter(key=key).update(**later):
        try:
            with transaction.atomic(using=using):
                return threads.create(
                    key=key,
                    account=message.account,
                    channel=message.channel,
                    our_address=message.our_address,
                    their_address=message.their_address,
                    created_at=timezone.now(),
                    **first,
                )
        except IntegrityError:
            threads.filter(key=key).update(**later)
    return threads.get(key=key)
