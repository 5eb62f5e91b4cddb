"""Refusals of webhooks: the exceptions, their counter and their log.

The status code decides whether Vonage delivers again: only 429 and 5xx are retried, for 24 hours,
and the retry is then the only copy of a customer's message.
"""

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from django.db import Error
from django.db.models import F
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException

from django_vonage_messages.conf import Account
from django_vonage_messages.models import WebhookRefusal

logger = logging.getLogger("django_vonage_messages.webhooks")

LOG_INTERVAL: Final = 300.0
"""Seconds between two log lines, or two updates of the counter row, for one reason."""


class WebhookRefused(APIException):
    """Base of the refusals. ``reason`` is its name in the log, the admin and the response.

    ``accounts`` are the accounts that the token claims to be for.
    """

    reason: ClassVar[str]
    advice: ClassVar[str]

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        super().__init__()
        self.accounts = tuple(accounts)


class NotFromVonage(WebhookRefused):
    status_code = status.HTTP_401_UNAUTHORIZED
    reason = "not_vonage"
    default_detail = "This request is not signed as a Vonage webhook of this site."
    advice = "Nothing to do, unless you expected it: then compare API_KEY and APPLICATION_ID."


class MissingToken(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "missing_token"
    default_detail = "The request carries no bearer token."
    advice = (
        "Turn on signed webhooks in the Vonage dashboard, and see that your web server hands the "
        "Authorization header on (Apache: WSGIPassAuthorization On)."
    )


class WrongSecret(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_secret"
    default_detail = "The token names an account of this site, but no secret of it verifies it."
    advice = "Compare SIGNATURE_SECRETS with the signature secret in the Vonage dashboard."


class WrongBody(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_body"
    default_detail = "The token's payload_hash is missing or is not that of this body."
    advice = "Something between Vonage and this site changes request bodies, or replays tokens."


class StaleToken(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "stale_token"
    default_detail = "The token's time is further away than WEBHOOK_MAX_AGE allows."
    advice = "Check this server's clock, or raise WEBHOOK_MAX_AGE."


class NoSecret(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "no_secret"
    default_detail = "No signature secret is configured, so that nothing can be verified."
    advice = "Set SIGNATURE_SECRETS of the account to the secret in the Vonage dashboard."


class BodyTooLarge(WebhookRefused):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    reason = "body_too_large"
    default_detail = "The body is larger than any webhook of the Messages API."
    advice = "Nothing to do: it was not read."


class NotApplied(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "not_applied"
    default_detail = "This site failed to record the webhook; deliver it again."
    advice = "See the unprocessed webhooks in the admin, which keep it, and this site's own log."


class Misconfigured(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "misconfigured"
    default_detail = "VONAGE_MESSAGES of this site is not usable."
    advice = "Run manage.py check."


@dataclass
class _Counter:
    logged_at: float
    unlogged: int = 0


_lock = threading.Lock()
_counters: dict[str, _Counter] = {}


def report_refusal(refused: WebhookRefused, cause: str = "") -> None:
    """Count a refusal; log it and write its counter row at most once in LOG_INTERVAL per reason."""
    count = _count_due(refused.reason)
    if not count:
        return
    logger.error(
        "Refused %d webhook(s) with HTTP %d: %s %s%s",
        count,
        refused.status_code,
        refused.detail,
        refused.advice,
        f" ({cause})" if cause else "",
    )
    try:
        _update_row(refused.reason, count)
    except Error as exc:
        logger.warning("The count of refused webhooks was not written: %s", type(exc).__name__)


def reset_counters() -> None:
    """Reset the counters, so that the next refusal is logged. For tests."""
    with _lock:
        _counters.clear()


def _count_due(reason: str) -> int:
    """Count a refusal; return the number of refusals to log now, or 0."""
    now = time.monotonic()
    with _lock:
        counter = _counters.setdefault(reason, _Counter(logged_at=now - LOG_INTERVAL))
        counter.unlogged += 1
        if now - counter.logged_at < LOG_INTERVAL:
            return 0
        count, counter.unlogged, counter.logged_at = counter.unlogged, 0, now
        return count


def _update_row(reason: str, count: int) -> None:
    now = timezone.now()
    row = WebhookRefusal.objects.filter(reason=reason)
    if not row.update(count=F("count") + count, last_at=now):
        _row, created = WebhookRefusal.objects.get_or_create(
            reason=reason, defaults={"count": count, "first_at": now, "last_at": now}
        )
        if not created:
            row.update(count=F("count") + count, last_at=now)
