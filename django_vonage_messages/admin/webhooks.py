"""What Vonage delivered and this site could not apply, and what it refused."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.base import FactAdmin
from django_vonage_messages.admin.filters import ProcessedFilter
from django_vonage_messages.admin.rendering import show_raw
from django_vonage_messages.models import UnprocessedReason, UnprocessedWebhook, WebhookRefusal

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
class UnprocessedWebhookAdmin(FactAdmin[UnprocessedWebhook]):
    list_display = ("received_at", "reason", "state", "account", "deliveries", "processed_at")
    list_filter = (ProcessedFilter, "reason")
    ordering = ("-id",)
    in_full = {"decoded_body": "decoded_body_in_full"}
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

    @admin.display(description=_("state"), ordering="processed_at")
    def state(self, webhook: UnprocessedWebhook) -> str:
        done = webhook.processed_at is not None
        return gettext("Applied") if done else gettext("Not applied yet")

    @admin.display(description=_("what to do"))
    def advice(self, webhook: UnprocessedWebhook) -> str:
        if webhook.processed_at is not None:
            return gettext("Nothing: it has been applied since.")
        return str(_UNPROCESSED_ADVICE.get(webhook.reason, ""))

    @admin.display(description=_("body"))
    def decoded_body(self, webhook: UnprocessedWebhook) -> SafeString:
        return show_raw(_decoded(webhook), full=False)

    @admin.display(description=_("body"))
    def decoded_body_in_full(self, webhook: UnprocessedWebhook) -> SafeString:
        return show_raw(_decoded(webhook), full=True)


@admin.register(WebhookRefusal)
class WebhookRefusalAdmin(FactAdmin[WebhookRefusal]):
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
    """The body as text; bytes that are not UTF-8 are shown as escapes."""
    return bytes(webhook.body).decode("utf-8", errors="backslashreplace").replace("\0", "\\x00")
