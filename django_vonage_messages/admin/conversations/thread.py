"""A conversation's messages as its page shows them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext

from django_vonage_messages.admin.links import admin_url, list_url, object_url
from django_vonage_messages.admin.message_content import Content, content_of
from django_vonage_messages.admin.messages.actions import Move
from django_vonage_messages.admin.messages.summary import Links, Standing, standings
from django_vonage_messages.admin.messages.updates import telling_read
from django_vonage_messages.admin.permissions import may_reply, may_see_full_addresses
from django_vonage_messages.admin.status_text import name_of
from django_vonage_messages.models import Conversation, Message

PAGE_SIZE: Final = 100

_NOTABLE_DELAY: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Entry:
    """One message of the page. ``begins_unread`` marks the first that was unread on opening;
    ``moves`` are the buttons of one that a customer wrote.
    """

    message: Message
    who: str
    content: Content
    standing: Standing
    begins_unread: bool
    url: str
    moves: list[Move]

    @property
    def is_delayed(self) -> bool:
        """Whether the customer wrote it notably earlier than it came in."""
        written = self.message.occurred_at
        return bool(
            self.message.is_inbound
            and written
            and self.message.created_at - written > _NOTABLE_DELAY
        )


@dataclass(frozen=True)
class Thread:
    """A page of messages, oldest first. ``older`` is the id that the page before ends at."""

    entries: list[Entry]
    older: int | None


def load_thread(
    conversation: Conversation,
    site: AdminSite,
    request: HttpRequest,
    *,
    move_url: Callable[[Message, str], str],
    before: int | None = None,
    unread: int = 0,
) -> Thread:
    """Return the last PAGE_SIZE messages (before an id), of which the last inbound ``unread`` are
    new to whoever looks. ``move_url`` is where a message's buttons post to. Three queries.
    """
    found = conversation.messages.select_related("created_by").order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    page = list(found[: PAGE_SIZE + 1])
    messages = page[:PAGE_SIZE][::-1]
    links = Links(
        message=_links(messages, site, request), move=move_url if may_reply(request) else None
    )
    full = may_see_full_addresses(request)
    stand = standings(messages, links, full=full)
    first_unread = _first_unread(messages, unread)
    moves = _moves(messages, links) if before is None else {}
    entries = [
        Entry(
            message=message,
            who=who_wrote(message),
            content=content_of(message, full=full),
            standing=stand[message.pk],
            begins_unread=message is first_unread,
            url=object_url(site, request, message),
            moves=moves.get(message.pk, []),
        )
        for message in messages
    ]
    return Thread(entries, older=messages[0].pk if len(page) > PAGE_SIZE else None)


def who_wrote(message: Message) -> str:
    """Return who a message is from: the customer, a member of staff by name, or a program."""
    if message.is_inbound:
        return gettext("Customer")
    if message.is_automatic:
        return gettext("Automatic")
    return name_of(message.created_by)


def _first_unread(messages: Sequence[Message], unread: int) -> Message | None:
    new = [message for message in messages if message.is_inbound][-unread:] if unread else []
    return new[0] if new else None


def _moves(messages: Sequence[Message], links: Links) -> dict[int, list[Move]]:
    """The last message that a customer wrote, by its id, with what can be done about it."""
    last = next((message for message in reversed(messages) if message.is_inbound), None)
    if last is None or links.move is None:
        return {}
    move = telling_read(last, links.move)
    return {last.pk: [move] if move else []}


def _links(
    messages: Sequence[Message], site: AdminSite, request: HttpRequest
) -> Callable[[int], str]:
    """Lead to a message where it stands on this page, else to its own page."""
    here = {message.pk for message in messages}
    has_pages = bool(list_url(site, request, Message))

    def url(pk: int) -> str:
        if pk in here:
            return f"#message-{pk}"
        return admin_url(site, Message, "change", pk) if has_pages else ""

    return url
