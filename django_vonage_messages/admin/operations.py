"""Admin pages for operators: workers, and signals whose receivers failed."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.base import ObjectAction, ReadOnlyAdmin
from django_vonage_messages.admin.filters import DoneFilter
from django_vonage_messages.admin.status_text import StatusText, show_status
from django_vonage_messages.models import SignalDispatch, Worker
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.services.operations.overdue import is_stale


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin[Worker]):
    list_display = ("name", "state", "started_at", "seen_at")
    ordering = ("-seen_at", "-id")
    fields = ("name", "state", "advice", "started_at", "seen_at")
    readonly_fields = ("state", "advice")

    @admin.display(description=_("state"), ordering="seen_at")
    def state(self, worker: Worker) -> SafeString:
        if is_stale(worker):
            return show_status(StatusText(gettext("Not seen for over a minute"), "", "✕", "error"))
        return show_status(StatusText(gettext("At work"), "", "✓", "success"))

    @admin.display(description=_("what to do"))
    def advice(self, worker: Worker) -> str:
        if not is_stale(worker):
            return gettext("Nothing.")
        return gettext(
            "It was killed, or hangs. Nothing is lost or sent twice by that: another worker takes "
            "its messages over. Start one if none is at work."
        )


@admin.register(SignalDispatch)
class SignalDispatchAdmin(ReadOnlyAdmin[SignalDispatch]):
    list_display = ("created_at", "signal", "state", "error", "attempts", "message", "done_at")
    list_filter = (DoneFilter, "signal")
    list_select_related = ("message",)
    ordering = ("-id",)
    actions = ("run_again",)
    fields = (
        "signal",
        "message",
        "event",
        "previous_status",
        "state",
        "attempts",
        "error",
        "created_at",
        "done_at",
    )
    readonly_fields = ("state",)

    def get_object_action(self, request: HttpRequest, obj: SignalDispatch) -> ObjectAction | None:
        if obj.done_at is not None or not self.has_perform_action_permission(request):
            return None
        return ObjectAction("run_again", gettext("Run the receivers again"))

    @admin.action(description=_("Run the receivers again"), permissions=["perform_action"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[SignalDispatch]) -> None:
        pending = list(queryset.filter(done_at=None).order_by("id"))
        if not pending:
            self.message_user(request, gettext("None of these is owed another run."), messages.INFO)
            return
        done = [each for each in pending if redispatch(each)]
        for each in done:
            self.log_change(request, each, gettext("The receivers were run again."))
        self._report(request, len(done), len(pending) - len(done))

    def _report(self, request: HttpRequest, done: int, failed: int) -> None:
        if done:
            text = ngettext(
                "The receivers of %(count)d signal were run again and succeeded.",
                "The receivers of %(count)d signals were run again and succeeded.",
                done,
            )
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        if failed:
            text = ngettext(
                "The receivers of %(count)d signal failed again. See its error in the list, and "
                "pass it on to the developers of this site.",
                "The receivers of %(count)d signals failed again. See their errors in the list, "
                "and pass them on to the developers of this site.",
                failed,
            )
            self.message_user(request, text % {"count": failed}, messages.ERROR)

    @admin.display(description=_("state"), ordering="done_at")
    def state(self, dispatch: SignalDispatch) -> str:
        return gettext("Owed another run") if dispatch.done_at is None else gettext("Done")
