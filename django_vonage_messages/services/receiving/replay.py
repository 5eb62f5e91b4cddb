"""Applying again what was kept because it could not be applied."""

import logging

from django_vonage_messages.models import UnprocessedReason, UnprocessedWebhook
from django_vonage_messages.protocol.sanitize import UnusableBody, load_object
from django_vonage_messages.protocol.versions import parse_webhook
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.receiving.receive import apply
from django_vonage_messages.services.receiving.unprocessed import Delivery

logger = logging.getLogger("django_vonage_messages.webhooks")


def replay_webhook(webhook: UnprocessedWebhook, using: str) -> bool:
    """Apply a kept webhook; return whether it waits for nothing any more."""
    delivery = Delivery(
        bytes(webhook.body), tuple(webhook.accounts), webhook.application_id or None
    )
    try:
        result = apply(parse_webhook(load_object(delivery.body)), delivery, using)
    except UnusableBody:
        return False
    except Exception as exc:  # noqa: BLE001 -- one bad row must not stop the others
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Unprocessed webhook %d failed again: %s", webhook.pk, identify(exc)
        )
        return False
    return result == UnprocessedReason.WORKFLOW or not isinstance(result, UnprocessedReason)


def replay_unprocessed(limit: int, using: str) -> tuple[int, int]:
    """Replay the oldest kept webhooks; return how many were applied, and how many stay open."""
    kept = UnprocessedWebhook.objects.using(using).filter(processed_at=None)
    applied = [replay_webhook(webhook, using) for webhook in kept.order_by("id")[:limit]]
    return sum(applied), kept.count()
