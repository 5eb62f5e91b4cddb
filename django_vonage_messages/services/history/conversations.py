"""Update conversations when their messages are stored or change."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from django_vonage_messages.models import Conversation, ConversationStatus, Direction, Message
from django_vonage_messages.models.conversation import PREVIEW_LENGTH
from django_vonage_messages.models.keys import conversation_key
from django_vonage_messages.protocol.content_summary import is_opt_out
from django_vonage_messages.services.db.transactions import locked, primary


def attach_inbound(message: Message, *, contact_name: str = "") -> None:
    """Set the conversation of an unsaved inbound message, and reopen the conversation."""
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
    # The customer waits for a reply, except after an opt-out.
    if not _is_opt_out(message.content_type, message.text):
        first["waiting_since"] = message.created_at
        later["waiting_since"] = Coalesce(F("waiting_since"), message.created_at)
    message.conversation = _write(message, changes | first, changes | later)


def attach_outbound(message: Message) -> None:
    """Set the conversation of an unsaved outbound message."""
    changes = _last_message(message)
    if not message.is_automatic:
        changes["in_inbox"] = True
    message.conversation = _write(message, changes, changes)


def attach_standby(message: Message) -> None:
    """Set the conversation of an unsaved failover message."""
    # The message is not shown yet: see show_as_last().
    unchanged: dict[str, Any] = {"account": message.account}
    first = {"last_message_at": message.created_at}  # lists are sorted by this time
    message.conversation = _write(message, first, unchanged)


def show_as_last(message: Message) -> None:
    """Show a failover message as the last message of its conversation."""
    changes = {**_last_message(message), "last_message_at": timezone.now()}
    if not message.is_automatic:
        changes["in_inbox"] = True
    primary(Conversation).filter(pk=message.conversation_id).update(**changes)


def end_waiting(message: Message) -> None:
    """End the customer's waiting after Vonage accepted a reply by a person.

    If the customer has sent messages after the reply, the waiting starts again at the first of
    them.
    """
    conversation = lock_conversation(message.conversation_id)
    if conversation.waiting_since is None or conversation.waiting_since > message.created_at:
        return
    # The customer can have written again after this reply. An opt-out needs no reply.
    inbound = primary(Message).filter(direction=Direction.INBOUND)
    later = inbound.filter(conversation=conversation, pk__gt=message.pk).order_by("pk")
    rows = later.values_list("content_type", "text", "created_at").iterator(chunk_size=100)
    waiting = (time for content_type, text, time in rows if not _is_opt_out(content_type, text))
    waiting_since = next(waiting, None)
    primary(Conversation).filter(pk=conversation.pk).update(waiting_since=waiting_since)


def lock_conversation(pk: int) -> Conversation:
    """Lock a conversation until the transaction ends, and return it."""
    # Callers lock messages before conversations, to avoid deadlocks.
    return locked(primary(Conversation)).get(pk=pk)


def mark_read(conversation: Conversation) -> None:
    """Set ``unread_count`` to 0, unless it has changed in the database."""
    if conversation.unread_count:
        primary(Conversation).filter(
            pk=conversation.pk, unread_count=conversation.unread_count
        ).update(unread_count=0)


def _is_opt_out(content_type: str, text: str) -> bool:
    # Texts of buttons and captions are not opt-outs.
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
    """Create the conversation with the values ``first``, or update it with the values ``later``."""
    key = conversation_key(message)
    conversations = primary(Conversation)
    # Write first: SQLite rejects a transaction that reads first while another one writes.
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
