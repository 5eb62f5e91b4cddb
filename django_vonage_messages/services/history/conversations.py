"""Keeping a conversation's columns in step with its messages."""

from typing import Any

from django.db import IntegrityError, connections, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from django_vonage_messages.models import Conversation, ConversationStatus, Direction, Message
from django_vonage_messages.models.conversation import PREVIEW_LENGTH
from django_vonage_messages.models.keys import conversation_key
from django_vonage_messages.protocol.content_summary import is_opt_out
from django_vonage_messages.services.db.transactions import primary


def attach_inbound(message: Message, *, contact_name: str = "") -> None:
    """Give an unsaved inbound message its conversation, which it reopens and makes wait.

    A name replaces the one that the conversation has; a message without one leaves it.
    """
    changes = _last_message(message)
    changes |= {
        "in_inbox": True,
        "last_inbound_at": message.created_at,
        "status": ConversationStatus.OPEN,
    }
    if contact_name:
        changes["contact_name"] = contact_name
    first: dict[str, Any] = {"unread_count": 1}
    later: dict[str, Any] = {"unread_count": F("unread_count") + 1}
    if not _is_opt_out(message.content_type, message.text):
        first["waiting_since"] = message.created_at
        later["waiting_since"] = Coalesce(F("waiting_since"), message.created_at)
    message.conversation = _write(message, changes | first, changes | later)


def attach_outbound(message: Message) -> None:
    """Give an unsaved outbound message its conversation; a person's puts it into the inbox."""
    changes = _last_message(message)
    if not message.is_automatic:
        changes["in_inbox"] = True
    message.conversation = _write(message, changes, changes)


def attach_standby(message: Message) -> None:
    """Give an unsaved message on standby its conversation, which does not show it yet."""
    unchanged: dict[str, Any] = {"account": message.account}
    first = {"last_message_at": message.created_at}  # so that lists have a place for it
    message.conversation = _write(message, first, unchanged)


def show_as_last(message: Message) -> None:
    """Show a message that was on standby as the last one of its conversation: it is tried now."""
    changes = {**_last_message(message), "last_message_at": timezone.now()}
    if not message.is_automatic:
        changes["in_inbox"] = True
    primary(Conversation).filter(pk=message.conversation_id).update(**changes)


def end_waiting(message: Message) -> None:
    """A person's reply that Vonage has accepted answers what came before it; what came since still
    waits.
    """
    conversation = lock_conversation(message.conversation_id)
    if conversation.waiting_since is None or conversation.waiting_since > message.created_at:
        return
    inbound = primary(Message).filter(direction=Direction.INBOUND)
    later = inbound.filter(conversation=conversation, pk__gt=message.pk).order_by("pk")
    rows = later.values_list("content_type", "text", "created_at").iterator(chunk_size=100)
    waiting = (time for content_type, text, time in rows if not _is_opt_out(content_type, text))
    waiting_since = next(waiting, None)
    primary(Conversation).filter(pk=conversation.pk).update(waiting_since=waiting_since)


def lock_conversation(pk: int) -> Conversation:
    """Lock a conversation until the transaction ends, after its message; return it as it is now."""
    conversations = primary(Conversation)
    if connections[conversations.db].features.has_select_for_update:
        return conversations.select_for_update().get(pk=pk)
    return conversations.get(pk=pk)  # on SQLite, a transaction that has written locks everything


def mark_read(conversation: Conversation) -> None:
    """Mark as read all messages that had arrived when the conversation was loaded."""
    if conversation.unread_count:
        primary(Conversation).filter(
            pk=conversation.pk, unread_count=conversation.unread_count
        ).update(unread_count=0)


def _is_opt_out(content_type: str, text: str) -> bool:
    """Whether a message opts out. A button or a caption that says "Cancel" waits for an answer."""
    return content_type == "text" and is_opt_out(text)


def _last_message(message: Message) -> dict[str, Any]:
    preview = " ".join(message.summary[: PREVIEW_LENGTH * 2].split())
    return {
        "last_message_at": message.created_at,
        "last_message_direction": message.direction,
        "last_message_content_type": message.content_type,
        "last_message_preview": preview[:PREVIEW_LENGTH],
    }


def _write(message: Message, first: dict[str, Any], later: dict[str, Any]) -> Conversation:
    """Update the conversation, or create it.

    The write comes first: SQLite refuses a transaction that reads before it writes.
    """
    key = conversation_key(message)
    conversations = primary(Conversation)
    if not conversations.filter(key=key).update(**later):
        try:
            with transaction.atomic(using=conversations.db):
                return conversations.create(
                    key=key,
                    account=message.account,
                    channel=message.channel,
                    our_address=message.our_address,
                    their_address=message.their_address,
                    created_at=timezone.now(),
                    **first,
                )
        except IntegrityError:
            conversations.filter(key=key).update(**later)
    return conversations.get(key=key)
