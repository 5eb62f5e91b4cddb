"""Notices above the lists that staff work in: problems that need a person."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from django_vonage_messages.admin.permissions import list_url
from django_vonage_messages.models import (
    Message,
    SignalDispatch,
    Status,
    UnprocessedWebhook,
    WebhookRefusal,
)
from django_vonage_messages.services.operations.overdue import filter_overdue

REFUSED_WITHIN: Final = timedelta(hours=24)
UNCONFIRMED_FOR: Final = timedelta(minutes=10)
"""Time for which an unconfirmed message waits for a status before a notice."""

# Requests of strangers cause these; no webhook of Vonage is lost.
_HARMLESS: Final = ("not_vonage", "body_too_large")


@dataclass(frozen=True)
class Notice:
    """One problem and its remedy; ``url`` is "" for users who may not open the list."""

    text: str
    advice: str
    link: str
    url: str


def notices(site: AdminSite, request: HttpRequest) -> list[Notice]:
    """Return the notices of the moment. Always five queries."""
    checks = (_overdue, _unconfirmed, _refused, _unprocessed, _failed_signals)
    return [notice for check in checks if (notice := check(site, request))]


def _overdue(site: AdminSite, request: HttpRequest) -> Notice | None:
    count = filter_overdue(Message.objects.outbound()).count()
    if not count:
        return None
    return Notice(
        text=ngettext(
            "%(count)d queued message should have left by now, and no worker is there to send it.",
            "%(count)d queued messages should have left by now, and no worker is there to send "
            "them.",
            count,
        )
        % {"count": count},
        advice=gettext(
            "Whoever runs this site should start “manage.py vonage_worker”, or run “manage.py "
            "vonage_reconcile”."
        ),
        link=gettext("Queued messages"),
        url=_messages_url(site, request, Status.QUEUED),
    )


def _unconfirmed(site: AdminSite, request: HttpRequest) -> Notice | None:
    before = timezone.now() - UNCONFIRMED_FOR
    unconfirmed = Message.objects.filter(status=Status.UNCONFIRMED, started_at__lt=before)
    count = unconfirmed.count()
    if not count:
        return None
    return Notice(
        text=ngettext(
            "Of %(count)d message it has not been known for over ten minutes whether Vonage "
            "accepted it.",
            "Of %(count)d messages it has not been known for over ten minutes whether Vonage "
            "accepted them.",
            count,
        )
        % {"count": count},
        advice=ngettext(
            "Open it, look up what became of it, and say whether it was sent.",
            "Open each, look up what became of it, and say whether it was sent.",
            count,
        ),
        link=gettext("Unconfirmed messages"),
        url=_messages_url(site, request, Status.UNCONFIRMED),
    )


def _messages_url(site: AdminSite, request: HttpRequest, status: Status) -> str:
    url = list_url(site, request, Message)
    return f"{url}?status__exact={status.value}" if url else ""


def _refused(site: AdminSite, request: HttpRequest) -> Notice | None:
    recent = WebhookRefusal.objects.filter(last_at__gte=timezone.now() - REFUSED_WITHIN)
    if not recent.exclude(reason__in=_HARMLESS).exists():
        return None
    return Notice(
        text=gettext(
            "Webhooks were refused in the last 24 hours, so that customers’ messages and delivery "
            "statuses may be missing here."
        ),
        advice=gettext(
            "Whoever runs this site should put it right within 24 hours: until then Vonage "
            "delivers them again."
        ),
        link=gettext("Refused webhooks"),
        url=list_url(site, request, WebhookRefusal),
    )


def _unprocessed(site: AdminSite, request: HttpRequest) -> Notice | None:
    count = UnprocessedWebhook.objects.filter(processed_at=None).count()
    if not count:
        return None
    return Notice(
        text=ngettext(
            "%(count)d webhook from Vonage could not be applied: a message or a status is not "
            "shown here.",
            "%(count)d webhooks from Vonage could not be applied: messages or statuses are not "
            "shown here.",
            count,
        )
        % {"count": count},
        advice=gettext("What was kept can be applied again once the cause is put right."),
        link=gettext("Unprocessed webhooks"),
        url=list_url(site, request, UnprocessedWebhook),
    )


def _failed_signals(site: AdminSite, request: HttpRequest) -> Notice | None:
    count = SignalDispatch.objects.filter(done_at=None).count()
    if not count:
        return None
    return Notice(
        text=ngettext(
            "This site’s own reaction to a message or status failed %(count)d time (an automatic "
            "answer or an update of an order, say).",
            "This site’s own reactions to messages or statuses failed %(count)d times (automatic "
            "answers or updates of orders, say).",
            count,
        )
        % {"count": count},
        advice=gettext("Once the developers have put the cause right, run the receivers again."),
        link=gettext("Failed signals"),
        url=list_url(site, request, SignalDispatch),
    )
