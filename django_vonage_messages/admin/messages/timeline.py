"""Timeline of a message, and the admin page of status events."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.base import ReadOnlyAdmin
from django_vonage_messages.admin.content_labels import show_json, show_pricing
from django_vonage_messages.admin.messages.failures import Failure, error_text, explain
from django_vonage_messages.admin.permissions import may_see_full_addresses
from django_vonage_messages.admin.status_text import (
    StatusText,
    format_time,
    staff_name,
    status_text,
)
from django_vonage_messages.models import FailureReason, Message, Source, Status, StatusEvent
from django_vonage_messages.protocol.error_codes import get_error_code, get_http_error
from django_vonage_messages.services.sending.schedule import SEND_AT

_FIELDS: Final = (
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


@dataclass(frozen=True)
class TimelineStep:
    """A status event and its texts for the timeline."""

    event: StatusEvent
    source: str
    status: StatusText
    failure: Failure | None
    new_time: str  # of a message that was moved or revived, or ""


def timeline(message: Message, *, full: bool) -> list[TimelineStep]:
    """Return the steps of the timeline, oldest first."""
    events = list(message.events.order_by("id"))
    users = _users_who_settled(events)
    return [
        TimelineStep(
            event,
            _source(event, users),
            status_text(event.status),
            _failure(event, full=full),
            _new_time(event),
        )
        for event in events
    ]


def _users_who_settled(events: Iterable[StatusEvent]) -> dict[int, Any]:
    pks = {event.settled_by_id for event in events if event.settled_by_id is not None}
    return get_user_model()._default_manager.in_bulk(pks) if pks else {}


def _source(event: StatusEvent, users: dict[int, Any]) -> str:
    if event.reason != FailureReason.SETTLED:
        return event.get_source_display()
    if event.settled_by_id is None:
        return gettext("This site (outcome recorded by a program, not by a person)")
    name = staff_name(users.get(event.settled_by_id))
    return gettext("%(name)s (recorded the outcome)") % {"name": name}


def _failure(event: StatusEvent, *, full: bool) -> Failure | None:
    if event.source == Source.VONAGE and (entry := get_error_code(event.error_code)):
        return explain(entry)
    error = error_text(event.error_title, event.error_detail, full=full)
    title = " ".join(part for part in (error, event.error_code) if part)
    # A failed attempt with another status is retried, so staff need no advice.
    is_failed_attempt = event.source == Source.LOCAL and event.status == Status.FAILED
    if is_failed_attempt and (entry := get_http_error(event.error_code)):
        return replace(explain(entry), title=title)
    return Failure(title) if title else None


def _new_time(event: StatusEvent) -> str:
    if event.source != Source.LOCAL or SEND_AT not in event.payload:
        return ""
    send_at = event.payload[SEND_AT]
    return (
        format_time(datetime.fromisoformat(send_at)) if send_at else gettext("as soon as possible")
    )


@admin.register(StatusEvent)
class StatusEventAdmin(ReadOnlyAdmin[StatusEvent]):
    list_display = ("received_at", "message", "status", "source", "occurred_at", "late", "error")
    list_display_links = ("received_at",)
    list_filter = ("source", "late")
    list_select_related = ("message",)
    unmasked_fields = {"error": "error_in_full"}
    ordering = ("-id",)
    list_per_page = 50
    readonly_fields = ("error", "error_in_full", "whatsapp_pricing", "raw_payload")

    def get_fields(self, request: HttpRequest, obj: StatusEvent | None = None) -> Any:
        raw = ["raw_payload"] if may_see_full_addresses(request) else []
        return [*_FIELDS, *raw]

    @admin.display(description=_("error"), empty_value="")
    def error(self, event: StatusEvent) -> str:
        return error_text(event.error_title, event.error_detail, full=False)

    @admin.display(description=_("error"), empty_value="")
    def error_in_full(self, event: StatusEvent) -> str:
        return error_text(event.error_title, event.error_detail, full=True)

    @admin.display(description=_("WhatsApp pricing"), empty_value="")
    def whatsapp_pricing(self, event: StatusEvent) -> SafeString:
        return show_pricing(event.pricing)

    @admin.display(description=_("payload"))
    def raw_payload(self, event: StatusEvent) -> SafeString:
        return show_json(event.payload, full=True)
