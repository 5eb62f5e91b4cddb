"""The ModelAdmin of conversations: the inbox."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.addresses import (
    matches_name,
    matches_number,
    show_address,
    show_customer,
)
from django_vonage_messages.admin.content_labels import show_preview
from django_vonage_messages.admin.conversations.views import ThreadViews
from django_vonage_messages.admin.filters import AccountFilter, AttentionFilter, InboxFilter
from django_vonage_messages.admin.permissions import may_see_full_addresses
from django_vonage_messages.admin.status_text import show_status, status_text
from django_vonage_messages.models import Conversation, Direction, Message


@admin.register(Conversation)
class ConversationAdmin(ThreadViews):
    list_display = (
        "customer",
        "unread",
        "latest_message",
        "waiting",
        "latest_at",
        "our_number",
    )
    list_filter = (InboxFilter, AttentionFilter, "status", "channel", AccountFilter)
    unmasked_fields = {"customer": "customer_in_full"}
    ordering = ("-last_message_at", "-id")
    list_per_page = 50
    search_fields = ("their_address", "contact_name")
    search_help_text = _(
        "Search by the customer’s number (with country code), ID on the channel, or name."
    )
    shows_notices = True

    class Media:
        js = ["vonage_messages/thread.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        latest = Message.objects.filter(conversation=OuterRef("pk")).order_by("-id")
        queryset = super().get_queryset(request)
        return queryset.annotate(latest_status=Subquery(latest.values("status")[:1]))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        if not search_term:
            return queryset, False
        full = may_see_full_addresses(request)
        number = matches_number("their_address", search_term, full=full)
        return queryset.filter(number | matches_name("contact_name", search_term, full=full)), False

    @admin.display(description=_("customer"))
    def customer(self, conversation: Conversation) -> SafeString:
        # Two masked numbers can look the same, so the id is shown too.
        return format_html(
            '{} <span class="vonage-muted">#{}</span>',
            _customer(conversation, full=False),
            str(conversation.pk),
        )

    @admin.display(description=_("customer"), ordering="their_address")
    def customer_in_full(self, conversation: Conversation) -> SafeString:
        return _customer(conversation, full=True)

    @admin.display(description=_("our address"))
    def our_number(self, conversation: Conversation) -> SafeString:
        return show_address(conversation.our_address, full=True)

    @admin.display(description=_("last message"))
    def latest_message(self, conversation: Conversation) -> SafeString:
        inbound = conversation.last_message_direction == Direction.INBOUND
        return format_html(
            '<span class="vonage-preview"><span class="vonage-muted">{}</span> {} {}</span>',
            gettext("Customer:") if inbound else gettext("Us:"),
            "" if inbound else _failure_status(getattr(conversation, "latest_status", None) or ""),
            show_preview(
                conversation.last_message_content_type or "text", conversation.last_message_preview
            ),
        )

    @admin.display(description=_("unread"), ordering="unread_count", empty_value="")
    def unread(self, conversation: Conversation) -> SafeString | None:
        count = conversation.unread_count
        if not count:
            return None
        return format_html('<strong class="vonage-badge">{}</strong>', count)

    @admin.display(description=_("waiting since"), ordering="waiting_since", empty_value="")
    def waiting(self, conversation: Conversation) -> SafeString | None:
        since = conversation.waiting_since
        if since is None:
            return None
        return format_html(
            '{}<br><span class="vonage-muted">({})</span>',
            _show_time(since),
            timesince(since, depth=1),
        )

    @admin.display(description=_("time"), ordering="last_message_at", empty_value="")
    def latest_at(self, conversation: Conversation) -> SafeString | None:
        latest = conversation.last_message_at
        return None if latest is None else _show_time(latest)


def _customer(conversation: Conversation, *, full: bool) -> SafeString:
    return format_html(
        '{}<br><span class="vonage-muted">{}</span>',
        show_customer(conversation, full=full, below=True),
        conversation.get_channel_display(),
    )


def _show_time(when: datetime) -> SafeString:
    return format_html(
        '<time class="vonage-nowrap" datetime="{}">{}</time>',
        when.isoformat(),
        date_format(localtime(when), "SHORT_DATETIME_FORMAT"),
    )


def _failure_status(status: str) -> SafeString | str:
    text = status_text(status)
    if text.tone not in {"error", "warning"}:
        return ""
    return show_status(text)
