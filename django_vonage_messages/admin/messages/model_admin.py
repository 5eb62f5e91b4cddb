"""Messages, each with its timeline of statuses."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.addresses import matches_number, show_address
from django_vonage_messages.admin.content_labels import show_preview
from django_vonage_messages.admin.conversations.thread import who_wrote
from django_vonage_messages.admin.filters import AccountFilter
from django_vonage_messages.admin.links import object_url
from django_vonage_messages.admin.message_content import show_content
from django_vonage_messages.admin.messages.message_page import MessagePage
from django_vonage_messages.admin.permissions import may_see_full_addresses
from django_vonage_messages.admin.pricing import show_pricing
from django_vonage_messages.admin.rendering import show_json, show_status
from django_vonage_messages.admin.status_text import status_words
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.redaction import mask_numbers

_PREVIEW: Final = 80
_OPTIONS: Final[Mapping[str, Any]] = {
    "action": _("Button"),
    "card_orientation": _("Direction of the card"),
    "card_width": _("Width of the cards"),
    "category": _("Category"),
    "context": _("Answers the message with the UUID"),
    "duration": _("Length of the film (seconds)"),
    "encoding_type": _("Encoding"),
    "extra": _("Passed on as it is"),
    "file_size": _("Size of the film (megabytes)"),
    "image_alignment": _("Side of the picture"),
    "suggestions": _("Buttons"),
    "tag": _("Message tag"),
    "trusted_recipient": _("Passes Fraud Defender"),
    "ttl": _("Dropped if not delivered within (seconds)"),
    "type": _("Type"),
    "webhook_url": _("Statuses go to"),
    "webhook_version": _("Form of the statuses"),
}


@admin.register(Message)
class MessageAdmin(MessagePage):
    list_display = (
        "created_at",
        "customer",
        "preview",
        "channel",
        "direction",
        "state",
        "author",
        "our_number",
    )
    list_filter = ("direction", "status", "channel", AccountFilter)
    list_select_related = ("created_by",)
    linked_lookups = frozenset({"conversation"})
    in_full = {"customer": "customer_in_full", "body": "body_in_full"}
    ordering = ("-id",)
    list_per_page = 50
    search_fields = ("their_address",)
    search_help_text = _(
        "Search by the customer’s number, with its country code, or ID, or by a message UUID, a "
        "client reference or a reference."
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
        (_("What it is about"), {"fields": ("related_object", "client_ref")}),
        (_("What it cost"), {"fields": ("cost", "segments")}),
        (
            _("Times"),
            {
                "classes": ("collapse",),
                "fields": (
                    "created_at",
                    "occurred_at",
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

    def get_fieldsets(self, request: HttpRequest, obj: Message | None = None) -> Any:
        """What Vonage posted holds full numbers, so only those who may see them get it, and what
        the related object is called only those who may see that object.
        """
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and obj.options:
            full = may_see_full_addresses(request)
            name = "channel_options_in_full" if full else "channel_options"
            fieldsets[0][1]["fields"].append(name)
        if obj is not None and obj.pricing:
            _fields_of(fieldsets, "cost").append("whatsapp_pricing")
        if obj is not None and obj.segments is None:
            _fields_of(fieldsets, "cost").remove("segments")
        if obj is not None and isinstance(obj.related, Model):
            obj.related_url = object_url(self.admin_site, request, obj.related)  # type: ignore[attr-defined]  # for related_object(), which gets no request
        if obj is None or not obj.payload or not may_see_full_addresses(request):
            return fieldsets
        raw = (_("As received"), {"classes": ("collapse",), "fields": ("raw_payload",)})
        return [*fieldsets, raw]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        number = matches_number("their_address", term, full=may_see_full_addresses(request))
        found = number | Q(message_uuid=term) | Q(client_ref=term)
        if reference := _uuid(term):
            found |= Q(reference=reference)
        return queryset.filter(found), False

    @admin.display(description=_("customer"))
    def customer(self, message: Message) -> SafeString:
        return show_address(message.their_address, full=False)

    @admin.display(description=_("customer"), ordering="their_address")
    def customer_in_full(self, message: Message) -> SafeString:
        return show_address(message.their_address, full=True)

    @admin.display(description=_("our address"))
    def our_number(self, message: Message) -> SafeString:
        return show_address(message.our_address, full=True)

    @admin.display(description=_("from"))
    def author(self, message: Message) -> str:
        return who_wrote(message)

    @admin.display(description=_("message"))
    def preview(self, message: Message) -> SafeString:
        words = Truncator(message.text or message.summary).chars(_PREVIEW)
        preview = show_preview(message.content_type, words)
        return format_html('<span class="vonage-preview">{}</span>', preview)

    @admin.display(description=_("message"))
    def body(self, message: Message) -> SafeString:
        return show_content(message, full=False)

    @admin.display(description=_("message"))
    def body_in_full(self, message: Message) -> SafeString:
        return show_content(message, full=True)

    @admin.display(description=_("options"))
    def channel_options(self, message: Message) -> SafeString:
        """What only this channel knows, by its names here; one without a name has Vonage's."""
        return _show_options(message, full=False)

    @admin.display(description=_("options"))
    def channel_options_in_full(self, message: Message) -> SafeString:
        return _show_options(message, full=True)

    @admin.display(description=_("status"), ordering="status")
    def state(self, message: Message) -> SafeString:
        return show_status(status_words(message.status))

    @admin.display(description=_("price"))
    def cost(self, message: Message) -> str:
        """Exactly as Vonage wrote it: a rounded price would not add up to the invoice."""
        if not message.price_as_received:
            return self.get_empty_value_display()
        price = format_html(
            '<bdi dir="ltr">{} {}</bdi>', message.price_as_received, message.currency
        )
        return format_html(gettext("{price}, as received from Vonage"), price=price)

    @admin.display(description=_("WhatsApp pricing"))
    def whatsapp_pricing(self, message: Message) -> SafeString:
        return show_pricing(message.pricing)

    @admin.display(description=_("related object"))
    def related_object(self, message: Message) -> str:
        if message.related_type is None:
            return self.get_empty_value_display()
        related: Any = message.related
        if related is None:
            return gettext("%(name)s %(id)s, which is no longer there") % {
                "name": message.related_type.name,
                "id": message.related_id,
            }
        kind = type(related)._meta.verbose_name
        url = getattr(message, "related_url", "")
        if not url:
            return f"{kind} {message.related_id}"
        return format_html('<a href="{}">{}: {}</a>', url, kind, related)

    @admin.display(description=_("payload"))
    def raw_payload(self, message: Message) -> SafeString:
        return show_json(message.payload, full=True)


def _fields_of(fieldsets: list[Any], name: str) -> list[str]:
    """Return the fields that stand together with one of them."""
    return next(options["fields"] for _name, options in fieldsets if name in options["fields"])


def _show_options(message: Message, *, full: bool) -> SafeString:
    """Return the options; numbers in them are masked unless ``full``."""
    plain = ((name, _plain(value)) for name, value in message.options.items())
    named = (
        (_OPTIONS.get(name, name), value if full else mask_numbers(value)) for name, value in plain
    )
    return format_html_join("", '<div dir="auto">{}: <bdi>{}</bdi></div>', named)


def _plain(value: object) -> str:
    """Return an option's value as text, and one of several parts as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _uuid(term: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(term)
    except ValueError:
        return None
