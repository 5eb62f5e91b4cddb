"""Finding the message that a status speaks of, and recording it."""

import hashlib
from collections.abc import Sequence
from itertools import islice

from django.db.models import Q

from django_vonage_messages.models import (
    Message,
    MessageQuerySet,
    Source,
    StatusEvent,
    UnprocessedReason,
)
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import statuses
from django_vonage_messages.protocol.channels import CHANNELS, normalize_webhook_address
from django_vonage_messages.protocol.webhook_payloads import StatusPayload
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.history.workflows import name_workflow

_MAY_BE_ACCEPTED = (
    Q(status__in=(statuses.STANDBY, statuses.SENDING, statuses.UNCONFIRMED, statuses.ACCEPTED))
    | Q(status=statuses.CANCELLED, workflow__isnull=False)
    | Q(status=statuses.FAILED, events__payload__has_key="settled_by")
)
"""What Vonage certainly refused is not meant by a status; what somebody called failed may be, and
so may what was handed over within a workflow and then called off.
"""


class AnotherMessage(Exception):
    """The message that was found by its client_ref has turned out to have another uuid."""


def find_message(
    update: StatusPayload, accounts: Sequence[str], using: str
) -> Message | UnprocessedReason:
    """Return the one outbound message that a status means, among these accounts.

    First by ``message_uuid``, then by the place in a workflow: of the messages after the first,
    the answer to the send gives no uuid. A status can overtake that answer, so then by
    ``client_ref`` with the channel and both addresses, if exactly one started message without a
    uuid matches: callers use their references again, and a wrong match would be a lie.
    """
    outbound = Message.objects.using(using).outbound().filter(account__in=accounts)
    matches = _exactly(outbound, message_uuid=update.message_uuid)
    if not matches and update.workflow_id and update.workflow_position:
        matches = _of_workflow(update, outbound)
    if not matches and update.client_ref and update.channel:
        kinds = CHANNELS[update.channel]
        without_uuid = outbound.filter(
            _MAY_BE_ACCEPTED, channel=update.channel, message_uuid=None, started_at__isnull=False
        )
        matches = _exactly(
            without_uuid.distinct(),
            client_ref=update.client_ref,
            their_address=normalize_webhook_address(update.to, kinds.customer_address_type),
            our_address=normalize_webhook_address(update.sender, kinds.sender_address_type),
        )
    if not matches:
        return UnprocessedReason.UNKNOWN_MESSAGE
    return matches[0] if len(matches) == 1 else UnprocessedReason.AMBIGUOUS_MESSAGE


def _of_workflow(update: StatusPayload, outbound: MessageQuerySet) -> list[Message]:
    """Return the message at a place of a workflow, unless anything else that is said of it
    disagrees.
    """
    places = outbound.filter(
        workflow__workflow_id=update.workflow_id,
        workflow_position=update.workflow_position,
        channel=update.channel,
        message_uuid=None,
        started_at__isnull=False,
    )
    found = places.select_related("workflow")[:2]
    return [message for message in found if _agrees(message, update)]


def _agrees(message: Message, update: StatusPayload) -> bool:
    kinds = CHANNELS[message.channel]
    said = (
        (update.workflow_id, message.workflow.workflow_id if message.workflow else ""),
        (update.client_ref, message.client_ref),
        (normalize_webhook_address(update.to, kinds.customer_address_type), message.their_address),
        (normalize_webhook_address(update.sender, kinds.sender_address_type), message.our_address),
    )
    return all(theirs in ("", ours) for theirs, ours in said)


def _exactly(messages: MessageQuerySet, **columns: str) -> list[Message]:
    """Return the first two messages whose columns hold just these texts: a collation that folds
    case and accents, as MariaDB's do, finds others too.
    """
    found = messages.filter(**columns)
    same = (m for m in found if all(getattr(m, name) == text for name, text in columns.items()))
    return list(islice(same, 2))


def record_status(pk: int, update: StatusPayload, body: bytes, using: str) -> bool:
    """Record a status of a message, inside a transaction; return False for a duplicate.

    Raises AnotherMessage.
    """
    message = lock_message(pk, using)
    message.message_uuid = message.message_uuid or update.message_uuid
    if message.message_uuid != update.message_uuid:
        raise AnotherMessage
    if update.workflow_id and message.workflow_id:
        name_workflow(message.workflow_id, update.workflow_id, using)
    return record_event(message, _event(update, body), using)


def _event(update: StatusPayload, body: bytes) -> StatusEvent:
    moment = update.timestamp or hashlib.sha256(body).hexdigest()
    charge = update.charge
    return StatusEvent(
        source=Source.VONAGE,
        status=update.status,
        occurred_at=update.occurred_at,
        error_code=update.error.code,
        error_title=update.error.title,
        error_detail=update.error.detail,
        price=charge.price if charge else None,
        price_as_received=charge.price_text if charge else "",
        currency=charge.currency if charge else "",
        segments=update.segments,
        pricing=update.pricing,
        payload=update.raw,
        dedupe_key=key_of(update.message_uuid, update.status, moment, update.error.code),
    )
