"""What somebody should look after, said above the lists that staff work in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from django_vonage_messages.admin.links import list_url
from django_vonage_messages.models import (
    Message,
    SignalDispatch,
    Status,
    UnprocessedWebhook,
    WebhookRefusal,
)
from django_vonage_messages.services.operations.overdue import overdue

REFUSED_WITHIN: Final = timedelta(hours=24)
UNCONFIRMED_FOR: Final = timedelta(minutes=10)
"""How long a status is waited for before somebody is asked to look a message up."""

# Strangers cause these, and nothing of Vonage's is lost by them.
_HARMLESS: Final = ("not_vonage", "body_too_large")


@dataclass(frozen=True)
class Notice:
    """One line: what happened and what to do; ``url`` is empty for who may not go there."""

    text: str
    advice: str
    link: str
    url: str


def notices(site: AdminSite, request: HttpRequest) -> list[Notice]:
    """Return what needs looking after. Five queries, however much there is."""
    kinds = (_forgotten, _unconfirmed, _refused, _unprocessed, _undispatched)
    found = (kind(site, request) for kind in kinds)
    return [notice for notice in found if notice]


def _forgotten(site: AdminSite, request: HttpRequest) -> Notice | None:
    count = overdue(Message.objects.outbound()).count()
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
    open_ones = Message.objects.filter(status=Status.UNCONFIRMED, started_at__lt=before)
    count = open_ones.count()
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


def _undispatched(site: AdminSite, request: HttpRequest) -> Notice | None:
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
