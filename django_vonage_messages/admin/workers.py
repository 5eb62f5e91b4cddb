"""The workers that send queued messages, and whether they are still there."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.base import FactAdmin
from django_vonage_messages.models import Worker
from django_vonage_messages.services.operations.overdue import is_stale


@admin.register(Worker)
class WorkerAdmin(FactAdmin[Worker]):
    list_display = ("name", "state", "started_at", "seen_at")
    ordering = ("-seen_at", "-id")
    fields = ("name", "state", "advice", "started_at", "seen_at")
    readonly_fields = ("state", "advice")

    @admin.display(description=_("state"), ordering="seen_at")
    def state(self, worker: Worker) -> SafeString:
        stale = is_stale(worker)
        return format_html(
            '<strong class="vonage-tone vonage-{}"><span aria-hidden="true">{}</span> {}</strong>',
            "bad" if stale else "good",
            "✕" if stale else "✓",
            gettext("Not seen for over a minute") if stale else gettext("At work"),
        )

    @admin.display(description=_("what to do"))
    def advice(self, worker: Worker) -> str:
        if not is_stale(worker):
            return gettext("Nothing.")
        return gettext(
            "It was killed, or hangs. Nothing is lost or sent twice by that: another worker takes "
            "its messages over. Start one if none is at work."
        )
