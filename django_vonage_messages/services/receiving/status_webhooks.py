"""Apply status webhooks to their messages."""

import hashlib
import logging
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Literal

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q, QuerySet

from django_vonage_messages.conf import get_account
from django_vonage_messages.models import (
    Direction,
    FailureReason,
    Message,
    Source,
    Status,
    StatusEvent,
    UnprocessedReason,
    UnprocessedWebhook,
)
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol.channels import webhook_addresses
from django_vonage_messages.protocol.sanitize import UnusableBody, load_object
from django_vonage_messages.protocol.versions import parse_webhook
from django_vonage_messages.protocol.webhook_payloads import StatusPayload
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import primary, run_committed, write_database
from django_vonage_messages.services.history.events import has_event, lock_message, record_event
from django_vonage_messages.services.history.workflows import set_workflow_id
from django_vonage_messages.services.receiving.unprocessed import (
    StaleWebhook,
    VerifiedWebhook,
    mark_processed,
)

logger = logging.getLogger("django_vonage_messages.webhooks")

Applied = Literal["applied", "duplicate"]

_MAY_BE_ACCEPTED = (
    Q(status__in=(Status.STANDBY, Status.SENDING, Status.UNCONFIRMED, Status.ACCEPTED))
    | Q(status=Status.CANCELLED, workflow__isnull=False)
    | Q(status=Status.FAILED, reason=FailureReason.SETTLED)
)
"""Messages that Vonage can have accepted, so that a status can belong to them.

They include messages that staff settled as failed, and messages that were sent with their workflow
and cancelled later.
"""


class _OtherUuid(Exception):
    """The status and the message have different values of ``message_uuid``."""


def apply_status(status: StatusPayload, webhook: VerifiedWebhook) -> Applied | UnprocessedReason:
    """Apply a status to its message. Return an UnprocessedReason if this is impossible."""
    message = find_message(status, webhook.accounts)
    if isinstance(message, UnprocessedReason):
        return message
    if message.account in webhook.stale:
        raise StaleWebhook
    try:
        applied = run_committed(
            partial(record_status, message.pk, status, webhook.body),
            is_committed=partial(has_event, message.pk, _event(status, webhook.body).dedupe_key),
        )
    except _OtherUuid:
        return UnprocessedReason.UNKNOWN_MESSAGE
    if message.message_uuid is None:
        # Stored statuses with this uuid can be applied now.
        message.message_uuid = status.message_uuid
        apply_stored_statuses(message)
    return "applied" if applied else "duplicate"


def apply_if_uuid_known(status: StatusPayload, webhook: VerifiedWebhook) -> bool:
    """Apply a newly stored status, if its message now has a ``message_uuid``."""
    message = find_message(status, webhook.accounts)
    if isinstance(message, UnprocessedReason) or message.message_uuid is None:
        return False
    return apply_stored_statuses(message) > 0


def apply_stored_statuses(message: Message) -> int:
    """Apply the stored statuses of a message, and return how many were applied."""
    stored = primary(UnprocessedWebhook).filter(
        message_uuid=message.message_uuid, processed_at=None
    )
    rows = [row for row in stored.order_by("id") if message.account in row.accounts]
    return sum(_apply_stored(message, row) for row in rows)


def find_message(status: StatusPayload, accounts: Sequence[str]) -> Message | UnprocessedReason:
    """Return the outbound message that a status belongs to, or an UnprocessedReason."""
    outbound = primary(Message).filter(direction=Direction.OUTBOUND, account__in=accounts)
    matches = _filter_exact(outbound, message_uuid=status.message_uuid)
    # Vonage's response to a workflow has only the message_uuid of the first message.
    if not matches and status.workflow_id and status.workflow_position:
        matches = _find_in_workflow(status, outbound)
    # A status can arrive before Vonage's response, which contains the message_uuid.
    if not matches and status.client_ref and status.channel:
        matches = _find_by_client_ref(status, outbound, accounts)
    if not matches:
        return UnprocessedReason.UNKNOWN_MESSAGE
    # Callers can reuse a client_ref, so several messages can match.
    return matches[0] if len(matches) == 1 else UnprocessedReason.AMBIGUOUS_MESSAGE


def record_status(pk: int, status: StatusPayload, body: bytes) -> bool:
    """Record a status of a message, or return False for a duplicate.

    Call this in a transaction.
    """
    message = lock_message(pk)
    message.message_uuid = message.message_uuid or status.message_uuid
    if message.message_uuid != status.message_uuid:
        raise _OtherUuid
    if status.workflow_id and message.workflow_id:
        set_workflow_id(message.workflow_id, status.workflow_id)
    is_new = record_event(message, _event(status, body))
    mark_processed(body)
    return is_new


def _find_in_workflow(status: StatusPayload, outbound: QuerySet[Message]) -> list[Message]:
    candidates = outbound.filter(
        workflow__workflow_id=status.workflow_id,
        workflow_position=status.workflow_position,
        channel=status.channel,
        message_uuid=None,
        started_at__isnull=False,
    )
    found = candidates.select_related("workflow")[:2]
    return [message for message in found if _is_consistent(message, status)]


def _find_by_client_ref(
    status: StatusPayload, outbound: QuerySet[Message], accounts: Sequence[str]
) -> list[Message]:
    our_address, their_address = webhook_addresses(status.channel, status.sender, status.to)
    texts = {"client_ref": status.client_ref, "our_address": our_address}
    candidates = outbound.filter(
        _MAY_BE_ACCEPTED, channel=status.channel, message_uuid=None, started_at__isnull=False
    )
    found = _filter_exact(candidates, their_address=their_address, redirected_to="", **texts)
    if any(map(_redirects, accounts)):
        found += _filter_exact(candidates, redirected_to=their_address, **texts)
    return found


def _redirects(alias: str) -> bool:
    try:
        return get_account(alias).redirect_to is not None
    except ImproperlyConfigured:  # for example, an account that was removed
        return False


def _is_consistent(message: Message, status: StatusPayload) -> bool:
    our_address, their_address = webhook_addresses(message.channel, status.sender, status.to)
    pairs = (
        (status.workflow_id, message.workflow.workflow_id if message.workflow else ""),
        (status.client_ref, message.client_ref),
        (their_address, message.sent_to),
        (our_address, message.our_address),
    )
    return all(received in ("", stored) for received, stored in pairs)


def _filter_exact(messages: QuerySet[Message], **columns: str) -> list[Message]:
    # The collations of MariaDB ignore case and accents, so the query can find other texts too.
    found = messages.filter(**columns)
    same = (m for m in found if all(getattr(m, name) == text for name, text in columns.items()))
    return list(islice(same, 2))


def _event(status: StatusPayload, body: bytes) -> StatusEvent:
    moment = status.timestamp or hashlib.sha256(body).hexdigest()
    charge = status.charge
    return StatusEvent(
        source=Source.VONAGE,
        status=status.status,
        occurred_at=status.occurred_at,
        error_code=status.error.code,
        error_title=status.error.title,
        error_detail=status.error.detail,
        price=charge.price if charge else None,
        price_as_received=charge.price_text if charge else "",
        currency=charge.currency if charge else "",
        segments=status.segments,
        pricing=status.pricing,
        payload=status.raw,
        dedupe_key=key_of(status.message_uuid, status.status, moment, status.error.code),
    )


def _apply_stored(message: Message, webhook: UnprocessedWebhook) -> bool:
    body = bytes(webhook.body)
    try:
        status = parse_webhook(load_object(body))
    except UnusableBody:
        return False
    if not isinstance(status, StatusPayload):
        return False
    try:
        run_committed(
            partial(record_status, message.pk, status, body),
            is_committed=partial(has_event, message.pk, _event(status, body).dedupe_key),
        )
        message.refresh_from_db(using=write_database())
    except Exception as exc:  # noqa: BLE001 -- the webhook is still stored
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Stored webhook %d of message %s could not be applied and stays stored: %s",
            webhook.pk,
            message.reference,
            identify(exc),
        )
        return False
    return True
