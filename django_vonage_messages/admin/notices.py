"""Notices of problems, above the lists of conversations and messages."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from django_vonage_messages.admin.permissions import list_url
from django_vonage_messages.admin.status_text import format_time
from django_vonage_messages.models import (
    Message,
    PausedSender,
    SignalDispatch,
    Status,
    UnprocessedWebhook,
    WebhookRefusal,
)
from django_vonage_messages.services.db.transactions import now
from django_vonage_messages.services.delivery.pauses import notable_pauses
from django_vonage_messages.services.operations.deployment import find_original
from django_vonage_messages.services.operations.hold import filter_held
from django_vonage_messages.services.operations.overdue import filter_overdue
from django_vonage_messages.services.receiving.unprocessed import filter_needing_action

REFUSED_WITHIN: Final = timedelta(hours=24)
UNCONFIRMED_FOR: Final = timedelta(minutes=10)
MOST_COUNTED: Final = 1000
"""Largest number of held messages that is counted."""

# These requests do not come from Vonage: no message or status is lost.
_HARMLESS: Final = ("not_vonage", "body_too_large")


@dataclass(frozen=True)
class Notice:
    """A problem, the advice, and a link to the list of affected objects."""

    text: str
    advice: str
    link: str  # text of the link
    url: str  # "" if the user may not view the list


def notices(site: AdminSite, request: HttpRequest) -> list[Notice]:
    """Return a notice for each current problem."""
    checks = (
        _copied,
        _held,
        _overdue,
        _paused,
        _unconfirmed,
        _refused,
        _unprocessed,
        _failed_signals,
    )
    return [notice for check in checks if (notice := check(site, request))]


def _copied(_site: AdminSite, _request: HttpRequest) -> Notice | None:
    original = find_original()
    if original is None:
        return None
    return Notice(
        text=gettext(
            "This database was last used by another host or under another name (host %(host)s, "
            "%(moment)s)."
        )
        % {"host": original.host, "moment": format_time(original.seen_at)},
        advice=gettext(
            "If it is a restored copy, customers can get messages a second time: ask the operators "
            "to stop the workers and to run “manage.py vonage_hold”. If the database was moved on "
            "purpose, ask them to run “manage.py vonage_hold --release”."
        ),
        link="",
        url="",
    )


def _held(site: AdminSite, request: HttpRequest) -> Notice | None:
    count = filter_held(Message.objects.outbound())[: MOST_COUNTED + 1].count()
    if not count:
        return None
    if count > MOST_COUNTED:
        text = gettext("Over %(count)d messages are held and are not sent.")
    else:
        text = ngettext(
            "%(count)d message is held and is not sent.",
            "%(count)d messages are held and are not sent.",
            count,
        )
    url = list_url(site, request, Message)
    return Notice(
        text=text % {"count": min(count, MOST_COUNTED)},
        advice=gettext("Open the list: each message shows the reason."),
        link=gettext("Show held messages"),
        url=f"{url}?held=any" if url else "",
    )


def _overdue(site: AdminSite, request: HttpRequest) -> Notice | None:
    count = filter_overdue(Message.objects.outbound()).count()
    if not count:
        return None
    return Notice(
        text=ngettext(
            "%(count)d queued message is overdue, and no worker is running.",
            "%(count)d queued messages are overdue, and no worker is running.",
            count,
        )
        % {"count": count},
        advice=gettext(
            "Ask the operators to start “manage.py vonage_worker”, or to run “manage.py "
            "vonage_reconcile” once."
        ),
        link=gettext("Show queued messages"),
        url=_messages_url(site, request, Status.QUEUED),
    )


def _paused(site: AdminSite, request: HttpRequest) -> Notice | None:
    pauses = list(notable_pauses().order_by("-until"))
    if not pauses:
        return None
    last = pauses[0]
    return Notice(
        text=ngettext(
            "Sender %(sender)s of account “%(account)s” is paused until %(moment)s: Vonage asked "
            "to wait.",
            "%(count)d senders are paused, the last one until %(moment)s: Vonage asked to wait.",
            len(pauses),
        )
        % {
            "sender": last.our_address,
            "account": last.account,
            "moment": format_time(last.until),
            "count": len(pauses),
        },
        advice=gettext(
            "No action needed: queued messages are sent after the pause. If this happens often, "
            "tell the operators."
        ),
        link=gettext("Show paused senders"),
        url=list_url(site, request, PausedSender),
    )


def _unconfirmed(site: AdminSite, request: HttpRequest) -> Notice | None:
    before = now() - UNCONFIRMED_FOR
    unconfirmed = Message.objects.filter(status=Status.UNCONFIRMED, started_at__lt=before)
    count = unconfirmed.count()
    if not count:
        return None
    return Notice(
        text=ngettext(
            "%(count)d message has had the status “Not known if sent” for over 10 minutes.",
            "%(count)d messages have had the status “Not known if sent” for over 10 minutes.",
            count,
        )
        % {"count": count},
        advice=ngettext(
            "Open the message, search for it at Vonage and record the outcome.",
            "Open each message, search for it at Vonage and record the outcome.",
            count,
        ),
        link=gettext("Show messages with this status"),
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
            "Webhooks were refused in the last 24 hours: messages and delivery statuses may be "
            "missing."
        ),
        advice=gettext(
            "Ask the operators to fix the cause within 24 hours. Vonage then delivers the webhooks "
            "again."
        ),
        link=gettext("Show refused webhooks"),
        url=list_url(site, request, WebhookRefusal),
    )


def _unprocessed(site: AdminSite, request: HttpRequest) -> Notice | None:
    count = filter_needing_action(UnprocessedWebhook.objects.all()).count()
    if not count:
        return None
    return Notice(
        text=ngettext(
            "%(count)d webhook could not be applied, so a message or a status is missing.",
            "%(count)d webhooks could not be applied, so messages or statuses are missing.",
            count,
        )
        % {"count": count},
        advice=gettext("Open each webhook and follow the advice there."),
        link=gettext("Show unprocessed webhooks"),
        url=list_url(site, request, UnprocessedWebhook),
    )


def _failed_signals(site: AdminSite, request: HttpRequest) -> Notice | None:
    count = SignalDispatch.objects.filter(done_at=None).count()
    if not count:
        return None
    return Notice(
        text=ngettext(
            "%(count)d signal failed: this site did not react to a message or a status, for "
            "example with an automatic reply.",
            "%(count)d signals failed: this site did not react to messages or statuses, for "
            "example with automatic replies.",
            count,
        )
        % {"count": count},
        advice=gettext("When the developers have fixed the cause, run the receivers again."),
        link=gettext("Show failed signals"),
        url=list_url(site, request, SignalDispatch),
    )
