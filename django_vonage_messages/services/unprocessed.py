"""Verified deliveries that could not be applied: kept once, and applied when they can be."""

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from django_vonage_messages.models import Message, UnprocessedReason, UnprocessedWebhook
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import v0_1
from django_vonage_messages.protocol.storable import UnusableBody, load_object
from django_vonage_messages.protocol.webhooks import InboundMessage, StatusUpdate
from django_vonage_messages.services.status_updates import record_status
from django_vonage_messages.services.transactions import run_committed


def keep(
    body: bytes,
    accounts: tuple[str, ...],
    reason: UnprocessedReason,
    using: str,
    *,
    detail: str = "",
    update: StatusUpdate | InboundMessage | None = None,
) -> None:
    """Keep a delivery's raw body, once however often it is delivered."""
    key = key_of(body.hex())

    def work() -> None:
        kept = UnprocessedWebhook.objects.using(using)
        if kept.filter(body_key=key).update(deliveries=F("deliveries") + 1):
            return
        kept.create(
            body_key=key,
            body=body,
            accounts=list(accounts),
            account=accounts[0],
            reason=reason,
            detail=detail,
            message_uuid=update.message_uuid if update else "",
            client_ref=update.client_ref if isinstance(update, StatusUpdate) else "",
        )

    try:
        run_committed(work, using)
    except IntegrityError:
        # Another delivery of the same body was kept in the same instant.
        UnprocessedWebhook.objects.using(using).filter(body_key=key).update(
            deliveries=F("deliveries") + 1
        )


def adopt_unprocessed(message: Message, using: str) -> None:
    """Apply the statuses that were kept because their message had no uuid yet."""
    kept = UnprocessedWebhook.objects.using(using).filter(
        message_uuid=message.message_uuid, processed_at=None
    )
    for webhook in kept.order_by("id"):
        if message.account in webhook.accounts:
            _adopt(message, webhook, using)


def _adopt(message: Message, webhook: UnprocessedWebhook, using: str) -> None:
    body = bytes(webhook.body)
    try:
        update = v0_1.parse(load_object(body))
    except UnusableBody:
        return
    if not isinstance(update, StatusUpdate):
        return

    def work() -> None:
        record_status(message.pk, update, body, using)
        UnprocessedWebhook.objects.using(using).filter(pk=webhook.pk).update(
            processed_at=timezone.now()
        )

    run_committed(work, using)
    message.refresh_from_db(using=using)
