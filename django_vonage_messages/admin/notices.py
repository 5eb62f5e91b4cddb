"""What somebody should look after, said above the lists that staff work in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from django_vonage_messages.admin.links import list_url
from django_vonage_messages.models import SignalDispatch, UnprocessedWebhook, WebhookRefusal

REFUSED_WITHIN: Final = timedelta(hours=24)

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
    """Return what needs looking after. Three queries, however much there is."""
    found = (_refused(site, request), _unprocessed(site, request), _undispatched(site, request))
    return [notice for notice in found if notice]


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
        advice=gettext("They are kept. Whoever runs this site should see why."),
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
