"""Status events: everything that was said of messages, as it was said."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.base import FactAdmin
from django_vonage_messages.admin.messages.failures import api_words
from django_vonage_messages.admin.permissions import may_see_full_addresses
from django_vonage_messages.admin.pricing import show_pricing
from django_vonage_messages.admin.rendering import show_json
from django_vonage_messages.models import StatusEvent

_FIELDS = (
    "message",
    "status",
    "source",
    "occurred_at",
    "received_at",
    "late",
    "error_code",
    "error",
    "price_as_received",
    "currency",
    "segments",
    "whatsapp_pricing",
)


@admin.register(StatusEvent)
class StatusEventAdmin(FactAdmin[StatusEvent]):
    list_display = ("received_at", "message", "status", "source", "occurred_at", "late", "error")
    list_display_links = ("received_at",)
    list_filter = ("source", "late")
    list_select_related = ("message",)
    in_full = {"error": "error_in_full"}
    ordering = ("-id",)
    list_per_page = 50
    readonly_fields = ("error", "error_in_full", "whatsapp_pricing", "raw_payload")

    def get_fields(self, request: HttpRequest, obj: StatusEvent | None = None) -> Any:
        raw = ["raw_payload"] if may_see_full_addresses(request) else []
        return [*_FIELDS, *raw]

    @admin.display(description=_("error"), empty_value="")
    def error(self, event: StatusEvent) -> str:
        return api_words(event.error_title, event.error_detail, full=False)

    @admin.display(description=_("error"), empty_value="")
    def error_in_full(self, event: StatusEvent) -> str:
        return api_words(event.error_title, event.error_detail, full=True)

    @admin.display(description=_("WhatsApp pricing"), empty_value="")
    def whatsapp_pricing(self, event: StatusEvent) -> SafeString:
        return show_pricing(event.pricing)

    @admin.display(description=_("as received"))
    def raw_payload(self, event: StatusEvent) -> SafeString:
        return show_json(event.payload, full=True)
