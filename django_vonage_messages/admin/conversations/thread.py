"""The messages on the page of a conversation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from django_vonage_messages.admin.message_content import MessageContent, content_of
from django_vonage_messages.admin.messages.actions import ActionUrl, MessageAction, mark_read_action
from django_vonage_messages.admin.messages.summary import (
    MessageSummary,
    MessageUrls,
    message_summaries,
)
from django_vonage_messages.admin.permissions import (
    admin_url,
    list_url,
    may_reply,
    may_see_full_addresses,
    object_url,
)
from django_vonage_messages.admin.status_text import author_of
from django_vonage_messages.models import Conversation, Message

PAGE_SIZE: Final = 100

_LONG_DELAY: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class ThreadEntry:
    """A message on the page of a conversation."""

    message: Message
    author: str
    content: MessageContent
    summary: MessageSummary
    is_first_unread: bool
    url: str
    actions: list[MessageAction]  # of an inbound message; outbound: summary.actions

    @property
    def is_delayed(self) -> bool:
        """Return whether the message was received long after the customer wrote it."""
        written = self.message.occurred_at
        return bool(
            self.message.is_inbound and written and self.message.created_at - written > _LONG_DELAY
        )


@dataclass(frozen=True)
class Thread:
    """A page of a conversation's messages, oldest first."""

    entries: list[ThreadEntry]
    older: int | None  # id of the first entry, or None if there are no older messages


def load_thread(
    conversation: Conversation,
    site: AdminSite,
    request: HttpRequest,
    *,
    action_url: ActionUrl,
    before: int | None = None,  # an id: load only messages with lower ids
    unread: int = 0,  # number of unread messages in the conversation
) -> Thread:
    """Return the newest messages of a conversation, at most PAGE_SIZE."""
    found = conversation.messages.select_related("created_by").order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    page = list(found[: PAGE_SIZE + 1])
    messages = page[:PAGE_SIZE][::-1]
    urls = MessageUrls(
        message=_message_url(messages, site, request),
        action=action_url if may_reply(request) else None,
    )
    full = may_see_full_addresses(request)
    summaries = message_summaries(messages, urls, full=full)
    first_unread = _first_unread(messages, unread)
    actions = _actions(messages, urls) if before is None else {}
    entries = [
        ThreadEntry(
            message=message,
            author=author_of(message),
            content=content_of(message, full=full),
            summary=summaries[message.pk],
            is_first_unread=message is first_unread,
            url=object_url(site, request, message),
            actions=actions.get(message.pk, []),
        )
        for message in messages
    ]
    return Thread(entries, older=messages[0].pk if len(page) > PAGE_SIZE else None)


def _first_unread(messages: Sequence[Message], unread: int) -> Message | None:
    new = [message for message in messages if message.is_inbound][-unread:] if unread else []
    return new[0] if new else None


def _actions(messages: Sequence[Message], urls: MessageUrls) -> dict[int, list[MessageAction]]:
    # Only the last inbound message has a button.
    last = next((message for message in reversed(messages) if message.is_inbound), None)
    if last is None or urls.action is None:
        return {}
    action = mark_read_action(last, urls.action)
    return {last.pk: [action] if action else []}


def _message_url(
    messages: Sequence[Message], site: AdminSite, request: HttpRequest
) -> Callable[[int], str]:
    on_page = {message.pk for message in messages}
    # Without the permission to view messages, a message on another page has no link.
    has_pages = bool(list_url(site, request, Message))

    def url(pk: int) -> str:
        if pk in on_page:
            return f"#message-{pk}"
        return admin_url(site, Message, "change", pk) if has_pages else ""

    return url
