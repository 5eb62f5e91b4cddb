"""Taking in a verified webhook: a status or a message, once, in one transaction."""

import logging
from typing import Literal

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError
from django.utils import timezone

from django_vonage_messages.conf import Account, get_account
from django_vonage_messages.models import Direction, Message, Status, UnprocessedReason
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol.channels import CHANNELS, normalize_webhook_address
from django_vonage_messages.protocol.sanitize import UnusableBody, load_object
from django_vonage_messages.protocol.versions import parse_webhook
from django_vonage_messages.protocol.webhook_payloads import (
    InboundPayload,
    StatusPayload,
    WebhookPayload,
    WorkflowPayload,
)
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import run_committed, write_database
from django_vonage_messages.services.history.conversations import file_inbound
from django_vonage_messages.services.history.dispatch import dispatch_received
from django_vonage_messages.services.receiving.status_webhooks import (
    AnotherMessage,
    find_message,
    record_status,
)
from django_vonage_messages.services.receiving.unprocessed import (
    Delivery,
    StaleDelivery,
    adopt_unprocessed,
    keep,
    settle,
)

logger = logging.getLogger("django_vonage_messages.webhooks")

Applied = Literal["applied", "duplicate"]
Result = Literal["applied", "duplicate", "kept"]


def receive(delivery: Delivery) -> Result:
    """Apply a delivery, or keep it. Whatever is raised means that nothing was applied, and that
    the sender must be asked to deliver again.
    """
    using = write_database()
    update: WebhookPayload | None = None
    try:
        update = parse_webhook(load_object(delivery.body))
        result = apply(update, delivery, using)
        if isinstance(result, UnprocessedReason):
            keep(delivery, result, using, update=update)
            return _look_again(update, delivery, using)
    except UnusableBody as exc:
        keep(delivery, UnprocessedReason.UNUSABLE, using, detail=str(exc))
        return "kept"
    except StaleDelivery:
        raise
    except Exception as exc:
        _keep_failed(delivery, update, exc, using)
        raise
    return result


def apply(update: WebhookPayload, delivery: Delivery, using: str) -> Applied | UnprocessedReason:
    """Apply what a delivery says, or return why that cannot be done."""
    if isinstance(update, WorkflowPayload):
        settle(delivery.body, using)
        return UnprocessedReason.WORKFLOW
    if isinstance(update, InboundPayload):
        return _apply_inbound(update, delivery, using)
    found = find_message(update, delivery.accounts, using)
    if isinstance(found, UnprocessedReason):
        return found
    _refuse_stale(found.account, delivery)
    try:
        return _apply_status(found, update, delivery.body, using)
    except AnotherMessage:
        return UnprocessedReason.UNKNOWN_MESSAGE


def _look_again(update: WebhookPayload, delivery: Delivery, using: str) -> Result:
    """The answer to the send may have been recorded between our look and our keeping."""
    if isinstance(update, StatusPayload):
        found = find_message(update, delivery.accounts, using)
        if isinstance(found, Message) and found.message_uuid and adopt_unprocessed(found, using):
            return "applied"
    return "kept"


def _apply_status(message: Message, update: StatusPayload, body: bytes, using: str) -> Applied:
    def work() -> bool:
        applied = record_status(message.pk, update, body, using)
        settle(body, using)
        return applied

    applied = run_committed(work, using)
    if message.message_uuid is None:
        # This status has told whose the earlier ones were, if any had to be kept.
        message.message_uuid = update.message_uuid
        adopt_unprocessed(message, using)
    return "applied" if applied else "duplicate"


def _apply_inbound(inbound: InboundPayload, delivery: Delivery, using: str) -> Applied:
    account = _account_of(inbound, delivery)
    _refuse_stale(account, delivery)
    if _is_known(inbound, account, delivery, using):
        settle(delivery.body, using)
        return "duplicate"

    def work() -> None:
        _record_inbound(_new_message(inbound, account), inbound.contact_name, using)
        settle(delivery.body, using)

    try:
        run_committed(work, using)
    except IntegrityError:
        if _is_known(inbound, account, delivery, using):
            return "duplicate"
        raise
    return "applied"


def _is_known(inbound: InboundPayload, account: str, delivery: Delivery, using: str) -> bool:
    """Whether a message has been recorded before: in its account, or else between the same two
    addresses in another that it may belong to, as the settings may change between two deliveries.
    """
    with_its_uuid = (
        Message.objects.using(using)
        .inbound()
        .filter(message_uuid=inbound.message_uuid, account__in=delivery.accounts)
    )
    sides = _sides(inbound)
    return any(
        alias == account or (ours, theirs) == sides
        for alias, ours, theirs in with_its_uuid.values_list(
            "account", "our_address", "their_address"
        )
    )


def _sides(inbound: InboundPayload) -> tuple[str, str]:
    """Return our address and the customer's, in the form in which they are stored."""
    kinds = CHANNELS[inbound.channel]
    ours = normalize_webhook_address(inbound.to, kinds.sender_address_type)
    return ours, normalize_webhook_address(inbound.sender, kinds.customer_address_type)


def _refuse_stale(account: str, delivery: Delivery) -> None:
    if account in delivery.stale:
        raise StaleDelivery


def _new_message(inbound: InboundPayload, account: str) -> Message:
    charge = inbound.charge
    our_address, their_address = _sides(inbound)
    return Message(
        direction=Direction.INBOUND,
        status=Status.RECEIVED,
        account=account,
        channel=inbound.channel,
        our_address=our_address,
        their_address=their_address,
        message_uuid=inbound.message_uuid,
        inbound_key=key_of("inbound", account, inbound.message_uuid),
        content_type=inbound.content_type,
        text=inbound.text,
        content=inbound.content,
        payload=inbound.raw,
        segments=inbound.segments,
        price=charge.price if charge else None,
        price_as_received=charge.price_text if charge else "",
        currency=charge.currency if charge else "",
        created_at=timezone.now(),
        occurred_at=inbound.occurred_at,
    )


def _record_inbound(message: Message, contact_name: str, using: str) -> None:
    file_inbound(message, using, contact_name=contact_name)
    message.save(using=using, force_insert=True)
    dispatch_received(message, using)


def _account_of(inbound: InboundPayload, delivery: Delivery) -> str:
    """The account by its application_id, then by our address, then the first that may be it."""
    candidates = [get_account(alias) for alias in delivery.accounts]
    named = delivery.application_id
    possible = [a for a in candidates if named and a.application_id == named] or candidates
    holders = (account for account in possible if _holds(account, inbound))
    return next(holders, possible[0]).alias


def _holds(account: Account, inbound: InboundPayload) -> bool:
    """Whether the address that a message came to is among an account's SENDERS."""
    our_address, _theirs = _sides(inbound)
    try:
        return our_address in account.senders(CHANNELS[inbound.channel])
    except ImproperlyConfigured:
        return False


def _keep_failed(
    delivery: Delivery, update: WebhookPayload | None, exc: Exception, using: str
) -> None:
    """Keep what we failed to apply, if even that works: a retry may not come for 24 hours."""
    try:
        keep(delivery, UnprocessedReason.FAILED, using, detail=identify(exc), update=update)
    except Exception as second:  # noqa: BLE001 -- the first error is the one to report
        # Not an error line: the refusal has one, at a rate that a flood cannot raise.
        logger.info("A failed webhook could not be kept either: %s", identify(second))
