"""Apply unprocessed webhooks again."""

import logging

from django_vonage_messages.models import UnprocessedReason, UnprocessedWebhook
from django_vonage_messages.protocol.sanitize import UnusableBody, load_object
from django_vonage_messages.protocol.versions import parse_webhook
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import primary
from django_vonage_messages.services.receiving.receive import apply
from django_vonage_messages.services.receiving.unprocessed import VerifiedWebhook

logger = logging.getLogger("django_vonage_messages.webhooks")


def replay_webhook(row: UnprocessedWebhook) -> bool:
    """Apply a stored webhook; return whether nothing is left to be applied."""
    webhook = VerifiedWebhook(bytes(row.body), tuple(row.accounts), row.application_id or None)
    try:
        result = apply(parse_webhook(load_object(webhook.body)), webhook)
    except UnusableBody:
        return False
    except Exception as exc:  # noqa: BLE001 -- one bad row must not stop the others
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Unprocessed webhook %d failed again: %s", row.pk, identify(exc)
        )
        return False
    return result == UnprocessedReason.WORKFLOW or not isinstance(result, UnprocessedReason)


def replay_unprocessed(limit: int) -> tuple[int, int]:
    """Replay the oldest stored webhooks; return how many were applied, and how many stay open."""
    stored = primary(UnprocessedWebhook).filter(processed_at=None)
    applied = [replay_webhook(row) for row in stored.order_by("id")[:limit]]
    return sum(applied), stored.count()
