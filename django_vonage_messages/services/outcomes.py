"""Recording what is known after an attempt."""

from functools import partial
from typing import Final

from django_vonage_messages.models import Message, Source, StatusEvent
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import statuses
from django_vonage_messages.protocol.outcomes import Outcome
from django_vonage_messages.services.events import lock_message, record_event
from django_vonage_messages.services.transactions import run_committed
from django_vonage_messages.services.unprocessed import adopt_unprocessed

_STATUSES: Final = {
    "accepted": statuses.ACCEPTED,
    "unconfirmed": statuses.UNCONFIRMED,
    "rejected": statuses.FAILED,
    "throttled": statuses.FAILED,
    "not_sent": statuses.FAILED,
}


def record_outcome(message: Message, outcome: Outcome, using: str) -> None:
    """Record an attempt's outcome, however late it comes, and refresh ``message``."""
    run_committed(partial(_record, message.pk, outcome, using), using)
    message.refresh_from_db(using=using)
    if outcome.message_uuid:
        adopt_unprocessed(message, using)


def _record(pk: int, outcome: Outcome, using: str) -> None:
    message = lock_message(pk, using)
    if outcome.message_uuid:
        message.message_uuid = outcome.message_uuid
    attempt = str(message.claim_token)
    event = StatusEvent(
        source=Source.LOCAL,
        status=_STATUSES[outcome.verdict],
        error_code=outcome.error.code,
        error_title=outcome.error.title,
        error_detail=outcome.error.detail,
        payload={
            "verdict": outcome.verdict,
            "retry_after": outcome.retry_after,
            "instance": outcome.error.instance,
        },
        dedupe_key=key_of("outcome", message.reference.hex, attempt, outcome.verdict),
    )
    record_event(message, event, using)
