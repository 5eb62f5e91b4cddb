"""Admin pages of failed signals, unprocessed webhooks, refused webhooks and workers."""

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
    PausedSender,
    SignalDispatch,
    UnprocessedReason,
    UnprocessedWebhook,
    WebhookRefusal,
    Worker,
)
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.services.operations.overdue import mark_stale
from django_vonage_messages.services.receiving.receive import replay_webhook
from django_vonage_messages.services.receiving.refusal_reasons import REFUSAL_REASONS


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin[Worker]):
    list_display = ("name", "state", "started_at", "seen_at")
    ordering = ("-seen_at", "-id")
    fields = ("name", "state", "advice", "started_at", "seen_at")
    readonly_fields = ("state", "advice")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        return mark_stale(super().get_queryset(request))

    @admin.display(description=_("state"), ordering="seen_at")
    def state(self, worker: Any) -> SafeString:
        if worker.is_stale:
            return show_status(StatusText(gettext("Not seen for over a minute"), "", "✕", "error"))
        return show_status(StatusText(gettext("Running"), "", "✓", "success"))

    @admin.display(description=_("what to do"))
    def advice(self, worker: Any) -> str:
        if not worker.is_stale:
            return gettext("No action needed.")
        return gettext(
            "The worker was stopped, or it hangs. No message is lost or sent twice: another worker "
            "takes over. If no other worker is running, start one."
        )


@admin.register(PausedSender)
class PausedSenderAdmin(ReadOnlyAdmin[PausedSender]):
    list_display = ("our_address", "account", "paused_at", "until", "retry_after")
    ordering = ("-until", "-id")
    fields = list_display


@admin.register(SignalDispatch)
class SignalDispatchAdmin(ReadOnlyAdmin[SignalDispatch]):
    list_display = ("created_at", "state", "error", "signal", "attempts", "message", "done_at")
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
        "next_try_at",
        "error",
        "created_at",
        "done_at",
    )
    readonly_fields = ("state",)

    def get_object_action(self, request: HttpRequest, obj: SignalDispatch) -> ObjectAction | None:
        if obj.done_at is not None or not self.has_perform_action_permission(request):
            return None
        return ObjectAction("run_again", gettext("Run receivers again"))

    @admin.action(description=_("Run receivers again"), permissions=["perform_action"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[SignalDispatch]) -> None:
        pending = list(queryset.filter(done_at=None).order_by("id"))
        if not pending:
            text = gettext("All selected signals are already done.")
            self.message_user(request, text, messages.INFO)
            return
        done = [each for each in pending if redispatch(each)]
        for each in done:
            self.log_change(request, each, gettext("Ran the receivers again."))
        self._report(request, len(done), len(pending) - len(done))

    def _report(self, request: HttpRequest, done: int, failed: int) -> None:
        if done:
            text = ngettext(
                "The receivers of %(count)d signal succeeded.",
                "The receivers of %(count)d signals succeeded.",
                done,
            )
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        if failed:
            text = ngettext(
                "The receivers of %(count)d signal failed again. Send the error in the list to the "
                "developers.",
                "The receivers of %(count)d signals failed again. Send the errors in the list to "
                "the developers.",
                failed,
            )
            self.message_user(request, text % {"count": failed}, messages.ERROR)

    @admin.display(description=_("state"), ordering="done_at")
    def state(self, dispatch: SignalDispatch) -> str:
        if dispatch.done_at is not None:
            return gettext("Done")
        return gettext("Pending retry") if dispatch.next_try_at else gettext("Failed")


_UNPROCESSED_ADVICE: Final[Mapping[str, Any]] = {
    UnprocessedReason.UNUSABLE: _(
        "Read the body below. If it contains a message or a status, tell the developers."
    ),
    UnprocessedReason.UNKNOWN_MESSAGE: _(
        "No action needed. Another application of the Vonage account may have sent the message, or "
        "the message was deleted here. This site searches for the message for one day."
    ),
    UnprocessedReason.AMBIGUOUS_MESSAGE: _(
        "Several messages match the webhook. To see them, search the messages for the client "
        "reference. This site retries the webhook for one day."
    ),
    UnprocessedReason.FAILED: _(
        "Ask the developers to fix the cause. This site retries the webhook for seven days. To "
        "apply it sooner or later, press “Apply again”."
    ),
    UnprocessedReason.WORKFLOW: _(
        "No action needed: this webhook is about a whole workflow. Each message of the workflow "
        "has its own statuses."
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
        "attempts",
        "next_try_at",
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
            self.message_user(
                request,
                gettext("All selected webhooks are already processed."),
                messages.INFO,
            )
            return
        applied = [each for each in pending if replay_webhook(each)]
        for each in applied:
            self.log_change(request, each, gettext("Applied after an earlier failure."))
        self._report(request, len(applied), len(pending) - len(applied))

    def _report(self, request: HttpRequest, applied: int, failed: int) -> None:
        if applied:
            text = ngettext(
                "%(count)d webhook was applied.", "%(count)d webhooks were applied.", applied
            )
            self.message_user(request, text % {"count": applied}, messages.SUCCESS)
        if failed:
            text = ngettext(
                "%(count)d webhook could still not be applied. Open it to see why.",
                "%(count)d webhooks could still not be applied. Open each to see why.",
                failed,
            )
            self.message_user(request, text % {"count": failed}, messages.ERROR)

    @admin.display(description=_("state"), ordering="processed_at")
    def state(self, webhook: UnprocessedWebhook) -> str:
        if webhook.reason == UnprocessedReason.WORKFLOW:
            return gettext("Nothing to apply")
        if webhook.processed_at is not None:
            return gettext("Applied")
        return gettext("Pending retry") if webhook.next_try_at else gettext("Not applied")

    @admin.display(description=_("what to do"))
    def advice(self, webhook: UnprocessedWebhook) -> str:
        applied = webhook.processed_at is not None
        if applied and webhook.reason != UnprocessedReason.WORKFLOW:
            return gettext("No action needed: the webhook was applied later.")
        return str(_UNPROCESSED_ADVICE.get(webhook.reason, ""))

    @admin.display(description=_("body"))
    def decoded_body(self, webhook: UnprocessedWebhook) -> SafeString:
        return show_raw(_decoded(webhook), full=False)

    @admin.display(description=_("body"))
    def decoded_body_in_full(self, webhook: UnprocessedWebhook) -> SafeString:
        return show_raw(_decoded(webhook), full=True)


@admin.register(WebhookRefusal)
class WebhookRefusalAdmin(ReadOnlyAdmin[WebhookRefusal]):
    list_display = ("meaning", "advice", "count", "first_at", "last_at")
    ordering = ("-last_at",)
    fields = ("meaning", "reason", "advice", "count", "first_at", "last_at")
    readonly_fields = ("meaning", "advice")

    @admin.display(description=_("cause"), ordering="reason")
    def meaning(self, refusal: WebhookRefusal) -> str:
        known = REFUSAL_REASONS.get(refusal.reason)
        return gettext(known.label) if known else refusal.reason

    @admin.display(description=_("what to do"))
    def advice(self, refusal: WebhookRefusal) -> str:
        known = REFUSAL_REASONS.get(refusal.reason)
        return gettext(known.advice) if known else ""


def _decoded(webhook: UnprocessedWebhook) -> str:
    return bytes(webhook.body).decode("utf-8", errors="backslashreplace").replace("\0", "\\x00")
