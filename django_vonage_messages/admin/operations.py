"""Admin pages for operators: failed signals, unprocessed and refused webhooks, and workers."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.base import ObjectAction, ReadOnlyAdmin
from django_vonage_messages.admin.content_labels import show_raw
from django_vonage_messages.admin.filters import DoneFilter, ProcessedFilter
from django_vonage_messages.admin.status_text import StatusText, show_status
from django_vonage_messages.models import (
    SignalDispatch,
    UnprocessedReason,
    UnprocessedWebhook,
    WebhookRefusal,
    Worker,
)
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.services.operations.overdue import is_stale
from django_vonage_messages.services.receiving.receive import replay_webhook


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


_UNPROCESSED_ADVICE: Final[Mapping[str, Any]] = {
    UnprocessedReason.UNUSABLE: _(
        "Read the body below. If it is Vonage’s, report it to the developers of this site."
    ),
    UnprocessedReason.UNKNOWN_MESSAGE: _(
        "It speaks of a message that this site does not know: sent by another application of the "
        "same Vonage account, say, or deleted here. It is applied by itself if the message turns "
        "up."
    ),
    UnprocessedReason.AMBIGUOUS_MESSAGE: _(
        "More than one message could be meant, and a wrong guess would be a lie. Compare the "
        "client reference with the messages."
    ),
    UnprocessedReason.FAILED: _(
        "This site failed while applying it. Vonage delivers it again for 24 hours; the developers "
        "of this site should see why."
    ),
    UnprocessedReason.WORKFLOW: _(
        "Nothing: it tells how a plan of several messages went, and is kept for whoever asks. What "
        "became of each message comes in a webhook of its own."
    ),
}

_REFUSALS: Final[Mapping[str, tuple[Any, Any]]] = {
    "not_vonage": (
        _("Not signed as a webhook of this site"),
        _("Nothing to do, unless you expected it: then compare API_KEY and APPLICATION_ID."),
    ),
    "missing_token": (
        _("Without a signature"),
        _(
            "Turn on signed webhooks in the Vonage dashboard, and see that the web server hands "
            "the Authorization header on. A stranger trying the URL looks the same."
        ),
    ),
    "wrong_secret": (
        _("Signed with another secret"),
        _("Compare SIGNATURE_SECRETS with the signature secret in the Vonage dashboard."),
    ),
    "wrong_body": (
        _("Signature of another body"),
        _("Something between Vonage and this site changes request bodies, or replays requests."),
    ),
    "stale_token": (
        _("Signed too long ago"),
        _("Check this server’s clock, or raise WEBHOOK_MAX_AGE."),
    ),
    "no_secret": (
        _("No signature secret is configured here"),
        _("Set SIGNATURE_SECRETS of the account to the secret in the Vonage dashboard."),
    ),
    "body_too_large": (
        _("Larger than any webhook of Vonage’s"),
        _("Nothing to do: it was not read."),
    ),
    "not_applied": (
        _("This site failed to record it"),
        _("See the unprocessed webhooks, which keep it, and this site’s own log."),
    ),
    "misconfigured": (
        _("VONAGE_MESSAGES of this site is not usable"),
        _("Run manage.py check."),
    ),
}


@admin.register(UnprocessedWebhook)
class UnprocessedWebhookAdmin(ReadOnlyAdmin[UnprocessedWebhook]):
    list_display = ("received_at", "reason", "state", "account", "deliveries", "processed_at")
    list_filter = (ProcessedFilter, "reason")
    ordering = ("-id",)
    actions = ("apply_again",)
    unmasked_fields = {"decoded_body": "decoded_body_in_full"}
    fields = (
        "reason",
        "advice",
        "detail",
        "state",
        "account",
        "message_uuid",
        "client_ref",
        "deliveries",
        "received_at",
        "processed_at",
        "decoded_body",
    )
    readonly_fields = ("advice", "state", "decoded_body", "decoded_body_in_full")

    def get_object_action(
        self, request: HttpRequest, obj: UnprocessedWebhook
    ) -> ObjectAction | None:
        if obj.processed_at is not None or not self.has_perform_action_permission(request):
            return None
        return ObjectAction("apply_again", gettext("Apply again"))

    @admin.action(description=_("Apply again"), permissions=["perform_action"])
    def apply_again(self, request: HttpRequest, queryset: QuerySet[UnprocessedWebhook]) -> None:
        pending = list(queryset.filter(processed_at=None).order_by("id"))
        if not pending:
            self.message_user(request, gettext("None of these has to be applied."), messages.INFO)
            return
        applied = [each for each in pending if replay_webhook(each)]
        for each in applied:
            self.log_change(request, each, gettext("Applied again."))
        self._report(request, len(applied), len(pending) - len(applied))

    def _report(self, request: HttpRequest, applied: int, failed: int) -> None:
        if applied:
            text = ngettext(
                "%(count)d webhook was applied.", "%(count)d webhooks were applied.", applied
            )
            self.message_user(request, text % {"count": applied}, messages.SUCCESS)
        if failed:
            text = ngettext(
                "%(count)d webhook still could not be applied, and is kept. Open it to see why.",
                "%(count)d webhooks still could not be applied, and are kept. Open each to see "
                "why.",
                failed,
            )
            self.message_user(request, text % {"count": failed}, messages.ERROR)

    @admin.display(description=_("state"), ordering="processed_at")
    def state(self, webhook: UnprocessedWebhook) -> str:
        if webhook.reason == UnprocessedReason.WORKFLOW:
            return gettext("Nothing to apply")
        applied = webhook.processed_at is not None
        return gettext("Applied") if applied else gettext("Not applied yet")

    @admin.display(description=_("what to do"))
    def advice(self, webhook: UnprocessedWebhook) -> str:
        applied = webhook.processed_at is not None
        if applied and webhook.reason != UnprocessedReason.WORKFLOW:
            return gettext("Nothing: it has been applied since.")
        return str(_UNPROCESSED_ADVICE.get(webhook.reason, ""))

    @admin.display(description=_("body"))
    def decoded_body(self, webhook: UnprocessedWebhook) -> SafeString:
        return show_raw(_decoded(webhook), full=False)

    @admin.display(description=_("body"))
    def decoded_body_in_full(self, webhook: UnprocessedWebhook) -> SafeString:
        return show_raw(_decoded(webhook), full=True)


@admin.register(WebhookRefusal)
class WebhookRefusalAdmin(ReadOnlyAdmin[WebhookRefusal]):
    list_display = ("meaning", "count", "first_at", "last_at", "advice")
    ordering = ("-last_at",)
    fields = ("meaning", "reason", "advice", "count", "first_at", "last_at")
    readonly_fields = ("meaning", "advice")

    @admin.display(description=_("refused because"), ordering="reason")
    def meaning(self, refusal: WebhookRefusal) -> str:
        return str(_REFUSALS.get(refusal.reason, (refusal.reason, ""))[0])

    @admin.display(description=_("what to do"))
    def advice(self, refusal: WebhookRefusal) -> str:
        return str(_REFUSALS.get(refusal.reason, ("", ""))[1])


def _decoded(webhook: UnprocessedWebhook) -> str:
    """Return the body as text, with escapes for bytes that are not UTF-8."""
    return bytes(webhook.body).decode("utf-8", errors="backslashreplace").replace("\0", "\\x00")
