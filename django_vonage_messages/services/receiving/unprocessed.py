"""Verified deliveries that could not be applied: kept once, and applied when they can be."""

import logging
from dataclasses import dataclass, field

from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.utils import timezone

from django_vonage_messages.models import Message, UnprocessedReason, UnprocessedWebhook
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol.sanitize import UnusableBody, load_object, sanitize_text
from django_vonage_messages.protocol.versions import parse_webhook
from django_vonage_messages.protocol.webhook_payloads import (
    StatusPayload,
    WebhookPayload,
    WorkflowPayload,
)
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import run_committed
from django_vonage_messages.services.receiving.status_webhooks import record_status

logger = logging.getLogger("django_vonage_messages.webhooks")


@dataclass(frozen=True)
class Delivery:
    """A verified webhook: its raw body and the aliases of the accounts that it may belong to.

    It is ``stale`` for some of them, whose WEBHOOK_MAX_AGE its token is beyond.
    """

    body: bytes = field(repr=False)
    accounts: tuple[str, ...]
    application_id: str | None = None
    stale: frozenset[str] = frozenset()


class StaleDelivery(Exception):
    """The delivery's token is too old for the account that it turned out to belong to."""


def keep(
    delivery: Delivery,
    reason: UnprocessedReason,
    using: str,
    *,
    detail: str = "",
    update: WebhookPayload | None = None,
) -> None:
    """Keep a delivery's raw body, once however often it is delivered.

    One about a workflow is kept for whoever asks, and waits for nothing.
    """
    kept = UnprocessedWebhook.objects.using(using)
    row = _row_of(delivery.body, using)
    again = {"deliveries": F("deliveries") + 1, "reason": reason, "detail": detail}

    def work() -> None:
        if row.update(**again):
            return
        kept.create(
            body_key=_key(delivery.body),
            body=delivery.body,
            accounts=list(delivery.accounts),
            account=delivery.accounts[0],
            application_id=sanitize_text(delivery.application_id or "", 64),
            reason=reason,
            detail=detail,
            message_uuid=getattr(update, "message_uuid", ""),
            client_ref=update.client_ref if isinstance(update, StatusPayload) else "",
            processed_at=timezone.now() if isinstance(update, WorkflowPayload) else None,
        )

    try:
        run_committed(work, using)
    except IntegrityError:
        # Another delivery of the same body was kept in the same instant.
        row.update(**again)


def settle(body: bytes, using: str) -> None:
    """Mark a delivery that was kept, and has now been applied."""
    _row_of(body, using).filter(processed_at=None).update(processed_at=timezone.now())


def adopt_unprocessed(message: Message, using: str) -> int:
    """Apply the statuses that were kept because their message had no uuid yet; return how many.

    One that fails stays kept: the fact that brought the uuid has been committed, and is not to be
    reported as a failure.
    """
    kept = UnprocessedWebhook.objects.using(using).filter(
        message_uuid=message.message_uuid, processed_at=None
    )
    mine = [webhook for webhook in kept.order_by("id") if message.account in webhook.accounts]
    return sum(_adopt(message, webhook, using) for webhook in mine)


def _adopt(message: Message, webhook: UnprocessedWebhook, using: str) -> bool:
    body = bytes(webhook.body)
    try:
        update = parse_webhook(load_object(body))
    except UnusableBody:
        return False
    if not isinstance(update, StatusPayload):
        return False

    def work() -> None:
        record_status(message.pk, update, body, using)
        settle(body, using)

    try:
        run_committed(work, using)
        message.refresh_from_db(using=using)
    except Exception as exc:  # noqa: BLE001 -- whatever it is, the webhook is still kept
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "The kept webhook %d of message %s could not be applied: %s",
            webhook.pk,
            message.reference,
            identify(exc),
        )
        return False
    return True


def _key(body: bytes) -> str:
    return key_of(body.hex())


def _row_of(body: bytes, using: str) -> QuerySet[UnprocessedWebhook]:
    return UnprocessedWebhook.objects.using(using).filter(body_key=_key(body))
