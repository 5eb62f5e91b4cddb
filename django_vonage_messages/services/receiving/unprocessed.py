"""Store verified webhooks that the app could not process, and plan their retries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError
from django.db.models import Case, DateTimeField, Expression, F, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from django_vonage_messages.models import UnprocessedReason, UnprocessedWebhook
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol.sanitize import sanitize_text
from django_vonage_messages.protocol.webhook_payloads import (
    StatusPayload,
    WebhookPayload,
    WorkflowPayload,
)
from django_vonage_messages.services.db.retries import begin_retry, retry_pause
from django_vonage_messages.services.db.transactions import now, primary, run_committed

RETRIED_FOR: Final[Mapping[str, timedelta]] = {
    UnprocessedReason.FAILED: timedelta(days=7),
    UnprocessedReason.AMBIGUOUS_MESSAGE: timedelta(days=1),
    UnprocessedReason.UNKNOWN_MESSAGE: timedelta(days=1),
}
"""Reasons of webhooks that are retried automatically, most urgent first.

The values are the times after ``received_at`` when the retries end.
"""


@dataclass(frozen=True)
class VerifiedWebhook:
    """Verified webhook, and the accounts that it can belong to."""

    body: bytes = field(repr=False)
    accounts: tuple[str, ...]  # aliases
    application_id: str | None = None
    stale: frozenset[str] = frozenset()  # accounts for which the token (JWT) is too old


class StaleWebhook(Exception):
    """The token of the webhook is older than the account's WEBHOOK_MAX_AGE."""


def store_unprocessed(
    webhook: VerifiedWebhook,
    reason: UnprocessedReason,
    *,
    detail: str = "",
    payload: WebhookPayload | None = None,
) -> None:
    """Store the body of a webhook once, even if Vonage delivers it several times."""
    row = _row_of(webhook.body)
    failure = _failure(reason, detail)
    again = {"deliveries": F("deliveries") + 1, **failure}

    def work() -> None:
        if row.update(**again):
            return
        primary(UnprocessedWebhook).create(
            body_key=_key(webhook.body),
            body=webhook.body,
            accounts=list(webhook.accounts),
            account=webhook.accounts[0],
            application_id=sanitize_text(webhook.application_id or "", 64),
            reason=reason,
            detail=detail,
            received_at=now(),
            message_uuid=getattr(payload, "message_uuid", ""),
            client_ref=payload.client_ref if isinstance(payload, StatusPayload) else "",
            # This app does not use webhooks about a whole workflow.
            processed_at=timezone.now() if isinstance(payload, WorkflowPayload) else None,
            next_try_at=now() if reason in RETRIED_FOR else None,
        )

    try:
        run_committed(work, is_committed=lambda: bool(row.update(**failure)))
    except IntegrityError:
        # Another delivery of the same body was stored at the same time.
        row.update(**again)


def mark_processed(body: bytes) -> None:
    """If a webhook with this body is stored, mark the webhook as processed."""
    pending = _row_of(body).filter(processed_at=None)
    pending.update(processed_at=timezone.now(), next_try_at=None)


def begin_webhook_retry(row: UnprocessedWebhook) -> bool:
    """Count an attempt to apply a stored webhook, and set the next try.

    Return False if another process has begun an attempt since ``row`` was read.
    """
    return begin_retry(row, open_webhooks(), _next_try(row.reason, row.attempts + 1))


def store_failed_retry(row: UnprocessedWebhook, reason: UnprocessedReason, detail: str) -> None:
    """Store the result of an attempt that failed."""
    if (row.reason, row.detail) != (reason, detail):
        open_webhooks().filter(pk=row.pk).update(**_failure(reason, detail, row.attempts))


def will_be_retried(row: UnprocessedWebhook) -> bool:
    """Return whether another automatic attempt will follow, according to the database."""
    return open_webhooks().filter(pk=row.pk, next_try_at__isnull=False).exists()


def open_webhooks() -> QuerySet[UnprocessedWebhook]:
    """Return the webhooks that are not processed."""
    return primary(UnprocessedWebhook).filter(processed_at=None)


def filter_needing_action(webhooks: QuerySet[UnprocessedWebhook]) -> QuerySet[UnprocessedWebhook]:
    """Return the unprocessed webhooks that staff or developers must look at.

    A status of an unknown message is not one of them: another site of the Vonage account can have
    sent the message.
    """
    reasons = (UnprocessedReason.FAILED, UnprocessedReason.UNUSABLE)
    return webhooks.filter(processed_at=None, reason__in=reasons)


def _failure(reason: UnprocessedReason, detail: str, attempts: int = 0) -> dict[str, Any]:
    """Return the columns of a failure."""
    # The row keeps its next try, and gets one if the retries for another reason have ended.
    next_try_at = _next_try(reason, attempts)
    if next_try_at is not None:
        next_try_at = Coalesce(F("next_try_at"), next_try_at)
    return {"reason": reason, "detail": detail, "next_try_at": next_try_at}


def _next_try(reason: str, attempts: int) -> Expression | None:
    if reason not in RETRIED_FOR:
        return None
    pause = retry_pause(attempts)
    in_time = Q(processed_at=None, received_at__gt=now() - (RETRIED_FOR[reason] - pause))
    return Case(When(in_time, then=now() + pause), output_field=DateTimeField())


def _key(body: bytes) -> str:
    return key_of(body.hex())


def _row_of(body: bytes) -> QuerySet[UnprocessedWebhook]:
    return primary(UnprocessedWebhook).filter(body_key=_key(body))
