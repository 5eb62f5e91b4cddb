from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from example_project.orders.models import AlreadyShipped, Order

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Order]
else:
    ModelAdmin = admin.ModelAdmin


@admin.register(Order)
class OrderAdmin(ModelAdmin):
    list_display = ["reference", "customer_name", "phone", "channel", "status", "text_status"]
    search_fields = ["reference", "customer_name", "phone"]
    readonly_fields = ["status", "shipped_at", "text_status", "texts", "thread"]
    fields = ["reference", "customer_name", "phone", "channel", *readonly_fields]
    actions = ["ship_and_text"]

    @admin.action(description="Ship and text the customer", permissions=["change"])
    def ship_and_text(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        shipped = 0
        for order in queryset:
            try:
                order.ship()
            except AlreadyShipped as exc:
                self.message_user(request, str(exc), messages.WARNING)
            else:
                shipped += 1
        self.message_user(request, f"Shipped: {shipped}. The list shows the status of each text.")

    @admin.display(description="texts about this order")
    def texts(self, order: Order) -> SafeString | str:
        rows = (
            (
                reverse("admin:vonage_messages_message_change", args=[message.pk]),
                message.text or message.summary,
                message.get_status_display(),
            )
            for message in order.messages.order_by("id")
        )
        return format_html_join("", '<p><a href="{}">{}</a> ({})</p>', rows) or "none yet"

    @admin.display(description="conversation with the customer")
    def thread(self, order: Order) -> SafeString | str:
        if (conversation := order.conversation) is None:
            return "none yet"
        url = reverse("admin:vonage_messages_conversation_change", args=[conversation.pk])
        return format_html('<a href="{}">{}</a>', url, conversation)
