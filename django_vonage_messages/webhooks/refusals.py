"""Refusals of webhooks: exceptions, counters and log."""

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
from django_vonage_messages.services.receiving.refusal_reasons import REFUSAL_REASONS

logger = logging.getLogger("django_vonage_messages.webhooks")

LOG_INTERVAL: Final = 300.0
"""Per reason: seconds between two log lines, and between two updates of the counter row."""


class WebhookRefused(APIException):
    """Base class of the exceptions that refuse a webhook."""

    # After 429 and 5xx, Vonage repeats the webhook for 24 hours. Other responses are final.
    reason: ClassVar[str]  # a key of REFUSAL_REASONS

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        super().__init__()
        # The accounts whose secret signed the token, or which the unverified token names.
        self.accounts = tuple(accounts)

    @property
    def advice(self) -> str:
        return REFUSAL_REASONS[self.reason].advice


class NotFromVonage(WebhookRefused):
    status_code = status.HTTP_401_UNAUTHORIZED
    reason = "not_vonage"
    default_detail = "The request is not signed as a Vonage webhook for this site."


class MissingToken(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "missing_token"
    default_detail = "The request has no bearer token."


class WrongHeader(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_header"
    default_detail = "The Authorization header is not one bearer token."


class SmsApiFormat(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "sms_api"
    default_detail = "The webhook has the format of Vonage's SMS API, not of the Messages API."


class WrongSecret(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_secret"
    default_detail = "The token names an account of this site, but no configured secret matches."


class WrongAlgorithm(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_algorithm"
    default_detail = "The token names an account of this site, but its algorithm is not HS256."


class WrongBody(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_body"
    default_detail = "The token's payload_hash is missing or does not match the body."


class StaleToken(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "stale_token"
    default_detail = "The token's time is outside WEBHOOK_MAX_AGE."


class NoSecret(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "no_secret"
    default_detail = "No signature secret is configured, so no webhook can be verified."


class BodyTooLarge(WebhookRefused):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    reason = "body_too_large"
    default_detail = "The body is larger than any webhook of the Messages API."


class NotApplied(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "not_applied"
    default_detail = "This site failed to store the webhook. Deliver it again."


class Misconfigured(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "misconfigured"
    default_detail = "The setting VONAGE_MESSAGES of this site is invalid."


@dataclass
class _Counter:
    logged_at: float
    unlogged: int = 0


_lock = threading.Lock()
_counters: dict[str, _Counter] = {}


def report_refusal(refused: WebhookRefused, cause: str = "") -> None:
    """Count a refused webhook. For each reason, log at most once in LOG_INTERVAL."""
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
        logger.warning("Could not store the count of refused webhooks: %s", type(exc).__name__)


def reset_counters() -> None:
    """Set all counters to zero."""
    with _lock:
        _counters.clear()


def _count_due(reason: str) -> int:
    """Count a refusal. Return the count of unlogged refusals, or 0 if no log entry is due."""
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
