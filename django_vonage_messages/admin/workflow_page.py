"""Workflows: messages of which the next is tried where the one before it was rejected."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.base import FactAdmin
from django_vonage_messages.admin.links import admin_url
from django_vonage_messages.admin.status_text import status_words
from django_vonage_messages.models import Message, Workflow


@admin.register(Workflow)
class WorkflowAdmin(FactAdmin[Workflow]):
    list_display = ("created_at", "account", "failover_by", "tried")
    list_filter = ("failover_by",)
    ordering = ("-id",)
    fields = ("created_at", "account", "failover_by", "workflow_id", "tried")
    readonly_fields = ("tried",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        in_order = Message.objects.order_by("workflow_position")
        return super().get_queryset(request).prefetch_related(Prefetch("messages", in_order))

    @admin.display(description=_("messages, in their order"))
    def tried(self, workflow: Workflow) -> SafeString:
        items = format_html_join("", "<li>{}</li>", self._items(workflow))
        return format_html('<ol class="vonage-parts">{}</ol>', items) if items else SafeString("—")

    def _items(self, workflow: Workflow) -> list[tuple[Any]]:
        return [
            (
                format_html(
                    '<a href="{}">{}</a> <span class="vonage-quiet">{}</span>',
                    admin_url(self.admin_site, Message, "change", message.pk),
                    message.get_channel_display(),
                    status_words(message.status).label,
                ),
            )
            for message in workflow.messages.all()
        ]
