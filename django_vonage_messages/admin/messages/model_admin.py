"""The ModelAdmin of messages: the list, the page of a message and its actions."""

import uuid
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.addresses import matches_number, show_address
from django_vonage_messages.admin.base import ReadOnlyAdmin, non_atomic
from django_vonage_messages.admin.content_labels import (
    show_json,
    show_options,
    show_preview,
    show_pricing,
)
from django_vonage_messages.admin.filters import AccountFilter, HeldFilter
from django_vonage_messages.admin.message_content import show_content
from django_vonage_messages.admin.messages.actions import ACTIONS, perform_action, revoke_action
from django_vonage_messages.admin.messages.summary import MessageUrls, message_summaries
from django_vonage_messages.admin.messages.timeline import timeline
from django_vonage_messages.admin.permissions import (
    admin_url,
    may_reply,
    may_see_full_addresses,
    object_url,
)
from django_vonage_messages.admin.status_text import (
    author_of,
    message_status_text,
    show_status,
)
from django_vonage_messages.models import Message

_PREVIEW_LENGTH: Final = 80


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin[Message]):
    list_display = (
        "created_at",
        "customer",
        "state",
        "preview",
        "channel",
        "direction",
        "author",
        "our_number",
    )
    list_filter = ("direction", "status", "channel", HeldFilter, AccountFilter)
    list_select_related = ("created_by",)
    allowed_lookups = frozenset({"conversation"})
    unmasked_fields = {"customer": "customer_in_full", "body": "body_in_full"}
    ordering = ("-id",)
    list_per_page = 50
    search_fields = ("their_address",)
    search_help_text = _(
        "Search by the customer’s number (with country code) or ID, or by a message UUID, a "
        "client reference, or a reference from this site’s log."
    )
    shows_notices = True
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "direction",
                    "author",
                    "customer",
                    "our_number",
                    "channel",
                    "conversation",
                    "body",
                )
            },
        ),
        (_("About"), {"fields": ("related_object", "client_ref")}),
        (_("Cost"), {"fields": ("cost", "segments")}),
        (
            _("Times"),
            {
                "classes": ("collapse",),
                "fields": (
                    "created_at",
                    "occurred_at",
                    "send_at",
                    "due_at",
                    "expires_at",
                    "started_at",
                    "accepted_at",
                    "submitted_at",
                    "delivered_at",
                    "read_at",
                    "failed_at",
                    "marked_read_at",
                    "revoked_at",
                ),
            },
        ),
        (
            _("Identifiers"),
            {
                "classes": ("collapse",),
                "fields": ("account", "reference", "message_uuid", "attempts", "content_type"),
            },
        ),
    )
    readonly_fields = (
        "author",
        "customer",
        "customer_in_full",
        "redirection",
        "redirection_in_full",
        "our_number",
        "body",
        "body_in_full",
        "channel_options",
        "channel_options_in_full",
        "cost",
        "whatsapp_pricing",
        "related_object",
        "raw_payload",
    )

    def get_urls(self) -> list[URLPattern]:
        action = path(
            "<path:object_id>/do/<slug:action>/",
            self.admin_site.admin_view(non_atomic(self.action_view)),
            name="vonage_messages_message_action",
        )
        return [action, *super().get_urls()]

    def action_view(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        """Perform the action of a button, and redirect to the message."""
        message = self.get_object(request, object_id)
        if not self.has_view_permission(request, message) or not may_reply(request):
            raise PermissionDenied
        if message is None or action not in ACTIONS:
            raise Http404
        if request.method != "POST":
            return HttpResponseRedirect(self._page_url(message.pk))
        full = may_see_full_addresses(request)
        performed = perform_action(action, message, user=request.user, full=full)
        if performed.log_note:
            self.log_change(request, message, performed.log_note)
        self.message_user(request, str(performed.result), performed.result.level)
        # After a resend, performed.message is the new message.
        return HttpResponseRedirect(self._page_url(performed.message.pk))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj: Message | None = context["original"]
        if obj is not None:
            full = may_see_full_addresses(request)
            urls = MessageUrls(self._page_url, self._action_url if may_reply(request) else None)
            context["vonage_summary"] = message_summaries([obj], urls, full=full)[obj.pk]
            context["vonage_revoke"] = revoke_action(obj, urls.action) if urls.action else None
            context["vonage_timeline"] = timeline(obj, full=full)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Message | None = None) -> Any:
        """Add the options, the WhatsApp pricing and the webhook, if the message has them."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and obj.options:
            full = may_see_full_addresses(request)
            name = "channel_options_in_full" if full else "channel_options"
            fieldsets[0][1]["fields"].append(name)
        if obj is not None and obj.redirected_to:
            name = "redirection_in_full" if may_see_full_addresses(request) else "redirection"
            fields = fieldsets[0][1]["fields"]
            fields.insert(fields.index("our_number"), name)
        if obj is not None and obj.pricing:
            _fields_of(fieldsets, "cost").append("whatsapp_pricing")
        if obj is not None and obj.segments is None:
            _fields_of(fieldsets, "cost").remove("segments")
        if obj is not None and isinstance(obj.related, Model):
            obj.related_url = object_url(self.admin_site, request, obj.related)  # type: ignore[attr-defined]  # for related_object(), which gets no request
        if obj is None or not obj.payload or not may_see_full_addresses(request):
            return fieldsets
        raw = (_("Webhook"), {"classes": ("collapse",), "fields": ("raw_payload",)})
        return [*fieldsets, raw]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        number = matches_number("their_address", term, full=may_see_full_addresses(request))
        condition = number | Q(message_uuid=term) | Q(client_ref=term)
        if reference := _uuid(term):
            condition |= Q(reference=reference)
        return queryset.filter(condition), False

    @admin.display(description=_("customer"))
    def customer(self, message: Message) -> SafeString:
        return show_address(message.their_address, full=False)

    @admin.display(description=_("customer"), ordering="their_address")
    def customer_in_full(self, message: Message) -> SafeString:
        return show_address(message.their_address, full=True)

    @admin.display(description=_("redirected to"))
    def redirection(self, message: Message) -> SafeString:
        return show_address(message.redirected_to, full=False)

    @admin.display(description=_("redirected to"))
    def redirection_in_full(self, message: Message) -> SafeString:
        return show_address(message.redirected_to, full=True)

    @admin.display(description=_("our address"))
    def our_number(self, message: Message) -> SafeString:
        return show_address(message.our_address, full=True)

    @admin.display(description=_("from"))
    def author(self, message: Message) -> str:
        return author_of(message)

    @admin.display(description=_("message"))
    def preview(self, message: Message) -> SafeString:
        text = Truncator(message.text or message.summary).chars(_PREVIEW_LENGTH)
        preview = show_preview(message.content_type, text)
        return format_html('<span class="vonage-preview">{}</span>', preview)

    @admin.display(description=_("message"))
    def body(self, message: Message) -> SafeString:
        return show_content(message, full=False)

    @admin.display(description=_("message"))
    def body_in_full(self, message: Message) -> SafeString:
        return show_content(message, full=True)

    @admin.display(description=_("options"))
    def channel_options(self, message: Message) -> SafeString:
        return show_options(message.options, full=False)

    @admin.display(description=_("options"))
    def channel_options_in_full(self, message: Message) -> SafeString:
        return show_options(message.options, full=True)

    @admin.display(description=_("status"), ordering="status")
    def state(self, message: Message) -> SafeString:
        return show_status(message_status_text(message))

    @admin.display(description=_("price"))
    def cost(self, message: Message) -> str:
        if not message.price_as_received:
            return self.get_empty_value_display()
        # Not rounded: rounded prices would not add up to the invoice.
        return format_html(
            '<bdi dir="ltr">{} {}</bdi>', message.price_as_received, message.currency
        )

    @admin.display(description=_("WhatsApp pricing"))
    def whatsapp_pricing(self, message: Message) -> SafeString:
        return show_pricing(message.pricing)

    @admin.display(description=_("related object"))
    def related_object(self, message: Message) -> str:
        if message.related_type is None:
            return self.get_empty_value_display()
        related: Any = message.related
        if related is None:
            return gettext("%(name)s %(id)s (deleted)") % {
                "name": message.related_type.name,
                "id": message.related_id,
            }
        model_name = type(related)._meta.verbose_name
        url = getattr(message, "related_url", "")
        if not url:
            return f"{model_name} {message.related_id}"
        return format_html('<a href="{}">{}: {}</a>', url, model_name, related)

    @admin.display(description=_("payload"))
    def raw_payload(self, message: Message) -> SafeString:
        return show_json(message.payload, full=True)

    def _page_url(self, pk: int) -> str:
        return admin_url(self.admin_site, Message, "change", pk)

    def _action_url(self, message: Message, action: str) -> str:
        return admin_url(self.admin_site, Message, "action", message.pk, action)


def _fields_of(fieldsets: list[Any], name: str) -> list[str]:
    return next(options["fields"] for _name, options in fieldsets if name in options["fields"])


def _uuid(term: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(term)
    except ValueError:
        return None
