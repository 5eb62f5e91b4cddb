"""Finding the message that a status speaks of, and recording it."""

import hashlib
from collections.abc import Sequence

from django_vonage_messages.models import Message, Source, StatusEvent, UnprocessedReason
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol.addresses import InvalidAddress, normalize_number
from django_vonage_messages.protocol.channels import CHANNELS, AddressKind
from django_vonage_messages.protocol.webhooks import StatusUpdate
from django_vonage_messages.services.events import lock_message, record_event


class AnotherMessage(Exception):
    """The message that was found by its client_ref has turned out to have another uuid."""


def find_message(
    update: StatusUpdate, accounts: Sequence[str], using: str
) -> Message | UnprocessedReason:
    """Return the one outbound message that a status means, among these accounts.

    First by ``message_uuid``. A status can overtake the answer to the send, so then by
    ``client_ref`` with the channel and both addresses, if exactly one started message without a
    uuid matches: callers use their references again, and a wrong match would be a lie.
    """
    outbound = Message.objects.using(using).outbound().filter(account__in=accounts)
    matches = list(outbound.filter(message_uuid=update.message_uuid)[:2])
    if not matches and update.client_ref and update.channel:
        kinds = CHANNELS[update.channel]
        matches = list(
            outbound.filter(
                client_ref=update.client_ref,
                channel=update.channel,
                their_address=stored_address(update.to, kinds.theirs),
                our_address=stored_address(update.sender, kinds.ours),
                message_uuid=None,
                started_at__isnull=False,
            )[:2]
        )
    if not matches:
        return UnprocessedReason.UNKNOWN_MESSAGE
    return matches[0] if len(matches) == 1 else UnprocessedReason.AMBIGUOUS_MESSAGE


def record_status(pk: int, update: StatusUpdate, body: bytes, using: str) -> bool:
    """Record a status of a message, inside a transaction; return False for a duplicate.

    Raises AnotherMessage.
    """
    message = lock_message(pk, using)
    message.message_uuid = message.message_uuid or update.message_uuid
    if message.message_uuid != update.message_uuid:
        raise AnotherMessage
    return record_event(message, _event(update, body), using)


def stored_address(address: str, kind: AddressKind) -> str:
    """Return a webhook's address in the form in which it is stored: an id exactly as it is."""
    if kind == "id":
        return address
    try:
        return normalize_number(address)
    except InvalidAddress:
        return address


def _event(update: StatusUpdate, body: bytes) -> StatusEvent:
    moment = update.timestamp or hashlib.sha256(body).hexdigest()
    usage = update.usage
    return StatusEvent(
        source=Source.VONAGE,
        status=update.status,
        occurred_at=update.occurred_at,
        error_code=update.error.code,
        error_title=update.error.title,
        error_detail=update.error.detail,
        price=usage.price if usage else None,
        price_as_received=usage.price_text if usage else "",
        currency=usage.currency if usage else "",
        payload=update.payload,
        dedupe_key=key_of(update.message_uuid, update.status, moment, update.error.code),
    )
