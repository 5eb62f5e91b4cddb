"""``deliver_due()``: send due messages in the calling thread, for Celery and other schedulers."""

import logging

from django.db import InterfaceError, OperationalError

from django_vonage_messages.services.db import idle_connections
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import refuse_callers_transaction
from django_vonage_messages.services.delivery.claims import Claim, claim_batch
from django_vonage_messages.services.delivery.deliver import deliver_claimed, is_time_limit
from django_vonage_messages.services.delivery.pauses import paused_senders
from django_vonage_messages.services.operations.deployment import record_deployment

logger = logging.getLogger("django_vonage_messages")


def deliver_due(*, limit: int = 100) -> int:
    """Send up to ``limit`` due messages, one after the other, and return their number.

    Call this function from Celery beat, from cron or from another scheduler. It can run beside
    other calls and beside ``vonage_worker``: each message is sent once. Messages whose sender is
    paused, and messages for later, stay queued.

    A failure of one message is logged, and the next message is sent. The number includes messages
    that failed or that must not be sent any more.

    Raises ValueError if ``limit`` is less than 1. Raises TransactionManagementError inside a
    transaction. If the database fails, the database's exception is raised. A time limit of Celery
    or RQ ends the call with the exception of the time limit.
    """
    if limit < 1:
        raise ValueError(f"limit must be 1 or more, not {limit}.")
    refuse_callers_transaction()
    is_private = idle_connections.is_private()
    idle_connections.renew()
    try:
        return _deliver_due(limit)
    except Exception:
        if not is_private:
            idle_connections.discard()
        raise


def _deliver_due(limit: int) -> int:
    record_deployment()
    taken = 0
    while taken < limit and (batch := claim_batch(1, paused_senders())):
        taken += 1
        _deliver(batch[0])
    return taken


def _deliver(claimed: Claim) -> None:
    try:
        deliver_claimed(claimed.pk, claimed.token, record_until=claimed.expires_at)
    except Exception as exc:
        logger.error("Delivery of message %d failed: %s", claimed.pk, identify(exc))  # noqa: TRY400 -- a traceback could quote the message
        if isinstance(exc, OperationalError | InterfaceError) or is_time_limit(exc):
            raise
