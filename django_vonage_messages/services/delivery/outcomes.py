"""Recording what is known after an attempt."""

from functools import partial
from typing import Final

from django.utils import timezone

from django_vonage_messages.models import Message, Source, StatusEvent
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import statuses
from django_vonage_messages.protocol.outcomes import Outcome
from django_vonage_messages.services.db.clock import DatabaseNow
from django_vonage_messages.services.db.transactions import run_committed
from django_vonage_messages.services.delivery.failover import take_back
from django_vonage_messages.services.delivery.retries import retry_delay
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.history.workflows import name_workflow
from django_vonage_messages.services.receiving.unprocessed import adopt_unprocessed

_STATUSES: Final = {
    "": statuses.ACCEPTED,
    "unconfirmed": statuses.UNCONFIRMED,
    "rejected": statuses.FAILED,
    "throttled": statuses.FAILED,
    "not_sent": statuses.FAILED,
    "unsendable": statuses.FAILED,
}
_MAYBE_TAKEN: Final = frozenset({"", "unconfirmed"})
_RETRIED: Final = frozenset({"throttled", "not_sent"})
_IN_ATTEMPT: Final = frozenset({statuses.SENDING, statuses.UNCONFIRMED})


def record_outcome(message: Message, outcome: Outcome, using: str) -> None:
    """Record an attempt's outcome, however late it comes, and refresh ``message``.

    A queued message that was certainly not accepted becomes queued again, until its attempts or
    its time run out.
    """
    run_committed(partial(_record, message, outcome, using), using)
    message.refresh_from_db(using=using)
    if outcome.message_uuid:
        adopt_unprocessed(message, using)


def _record(attempted: Message, outcome: Outcome, using: str) -> None:
    message = lock_message(attempted.pk, using)
    if outcome.message_uuid:
        message.message_uuid = outcome.message_uuid
    if outcome.workflow_id and message.workflow_id:
        name_workflow(message.workflow_id, outcome.workflow_id, using)
    if outcome.reason not in _MAYBE_TAKEN:
        take_back(message, using)
    again = _queue_again(message, attempted, outcome, using)
    event = StatusEvent(
        source=Source.LOCAL,
        status=statuses.QUEUED if again else _STATUSES[outcome.reason],
        error_code=outcome.error.code,
        error_title=outcome.error.title,
        error_detail=outcome.error.detail,
        payload={
            "verdict": outcome.reason,
            "retry_after": outcome.retry_after,
            "instance": outcome.error.instance,
        },
        dedupe_key=key_of(
            "outcome", message.reference.hex, str(attempted.claim_token), outcome.reason
        ),
    )
    record_event(message, event, using)


def _queue_again(message: Message, attempted: Message, outcome: Outcome, using: str) -> bool:
    """Make the message due again, if the engine owns its retries and this attempt is its last."""
    if (
        not message.is_retried
        or outcome.reason not in _RETRIED
        or message.claim_token != attempted.claim_token
        or message.status not in _IN_ATTEMPT
    ):
        return False
    delay = retry_delay(message.attempts, outcome.retry_after)
    if delay is None or (message.expires_at and timezone.now() + delay >= message.expires_at):
        return False
    Message.objects.using(using).filter(pk=message.pk).update(
        due_at=DatabaseNow() + delay, claim_token=None, claim_expires_at=None, started_at=None
    )
    return True
