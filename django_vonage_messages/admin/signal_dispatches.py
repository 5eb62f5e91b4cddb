"""Failed signals: this site's own receivers raised, and are owed another run."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.base import FactAdmin
from django_vonage_messages.admin.filters import DoneFilter
from django_vonage_messages.models import SignalDispatch
from django_vonage_messages.services.history.dispatch import redispatch


@admin.register(SignalDispatch)
class SignalDispatchAdmin(FactAdmin[SignalDispatch]):
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

    def has_redispatch_permission(self, request: HttpRequest) -> bool:
        """Running again is the one change there is, so it takes Django's permission to change."""
        return self.may_change_rows(request)

    def offered_action(self, request: HttpRequest, obj: SignalDispatch) -> tuple[str, str] | None:
        if obj.done_at is not None or not self.has_redispatch_permission(request):
            return None
        return "run_again", gettext("Run the receivers again")

    @admin.action(description=_("Run the receivers again"), permissions=["redispatch"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[SignalDispatch]) -> None:
        owed = list(queryset.filter(done_at=None).order_by("id"))
        if not owed:
            self.message_user(request, gettext("None of these is owed another run."), messages.INFO)
            return
        done = [each for each in owed if redispatch(each)]
        for each in done:
            self.log_change(request, each, gettext("The receivers were run again."))
        self._report(request, len(done), len(owed) - len(done))

    def _report(self, request: HttpRequest, done: int, failed: int) -> None:
        if done:
            words = ngettext(
                "The receivers of %(count)d signal were run again and succeeded.",
                "The receivers of %(count)d signals were run again and succeeded.",
                done,
            )
            self.message_user(request, words % {"count": done}, messages.SUCCESS)
        if failed:
            words = ngettext(
                "The receivers of %(count)d signal failed again. See its error in the list, and "
                "pass it on to the developers of this site.",
                "The receivers of %(count)d signals failed again. See their errors in the list, "
                "and pass them on to the developers of this site.",
                failed,
            )
            self.message_user(request, words % {"count": failed}, messages.ERROR)

    @admin.display(description=_("state"), ordering="done_at")
    def state(self, owed: SignalDispatch) -> str:
        return gettext("Owed another run") if owed.done_at is None else gettext("Done")
