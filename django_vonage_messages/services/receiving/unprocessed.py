"""Store verified webhooks that the app could not process."""

from dataclasses import dataclass, field

from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.utils import timezone

from django_vonage_messages.models import UnprocessedReason, UnprocessedWebhook
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol.sanitize import sanitize_text
from django_vonage_messages.protocol.webhook_payloads import (
    StatusPayload,
    WebhookPayload,
    WorkflowPayload,
)
from django_vonage_messages.services.db.transactions import primary, run_committed


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
    again = {"deliveries": F("deliveries") + 1, "reason": reason, "detail": detail}

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
            message_uuid=getattr(payload, "message_uuid", ""),
            client_ref=payload.client_ref if isinstance(payload, StatusPayload) else "",
            # This app does not use webhooks about a whole workflow.
            processed_at=timezone.now() if isinstance(payload, WorkflowPayload) else None,
        )

    try:
        run_committed(work, is_committed=lambda: bool(row.update(reason=reason, detail=detail)))
    except IntegrityError:
        # Another delivery of the same body was stored at the same time.
        row.update(**again)


def mark_processed(body: bytes) -> None:
    """If a webhook with this body is stored, mark the webhook as processed."""
    _row_of(body).filter(processed_at=None).update(processed_at=timezone.now())


def _key(body: bytes) -> str:
    return key_of(body.hex())


def _row_of(body: bytes) -> QuerySet[UnprocessedWebhook]:
    return primary(UnprocessedWebhook).filter(body_key=_key(body))
