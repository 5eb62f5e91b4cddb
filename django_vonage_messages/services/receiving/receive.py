"""Apply each verified webhook once, or store it for later."""

import logging
from collections.abc import Iterator
from functools import partial
from typing import Final, Literal

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, IntegrityError
from django.utils import timezone

from django_vonage_messages.conf import Account, get_account
from django_vonage_messages.models import (
    Direction,
    Message,
    Status,
    UnprocessedReason,
    UnprocessedWebhook,
)
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol.channels import CHANNELS, webhook_addresses
from django_vonage_messages.protocol.sanitize import UnusableBody, load_object
from django_vonage_messages.protocol.versions import parse_webhook
from django_vonage_messages.protocol.webhook_payloads import (
    InboundPayload,
    StatusPayload,
    WebhookPayload,
    WorkflowPayload,
)
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.retries import filter_due
from django_vonage_messages.services.db.transactions import primary, run_committed, write_database
from django_vonage_messages.services.history.conversations import attach_inbound
from django_vonage_messages.services.history.dispatch import dispatch_received
from django_vonage_messages.services.receiving.status_webhooks import (
    Applied,
    apply_if_uuid_known,
    apply_status,
)
from django_vonage_messages.services.receiving.unprocessed import (
    RETRIED_FOR,
    StaleWebhook,
    VerifiedWebhook,
    begin_webhook_retry,
    mark_processed,
    open_webhooks,
    store_failed_retry,
    store_unprocessed,
    will_be_retried,
)

logger = logging.getLogger("django_vonage_messages.webhooks")

Result = Applied | Literal["stored"]

_BATCH: Final = 500


def receive(webhook: VerifiedWebhook) -> Result:
    """Apply a webhook, or store it if it cannot be applied."""
    payload: WebhookPayload | None = None
    try:
        payload = parse_webhook(load_object(webhook.body))
        result = apply(payload, webhook)
        if isinstance(result, UnprocessedReason):
            store_unprocessed(webhook, result, payload=payload)
            if isinstance(payload, StatusPayload) and apply_if_uuid_known(payload, webhook):
                return "applied"
            return "stored"
    except UnusableBody as exc:
        store_unprocessed(webhook, UnprocessedReason.UNUSABLE, detail=str(exc))
        return "stored"
    except StaleWebhook:
        raise
    except Exception as exc:
        _store_failed(webhook, payload, exc)
        raise  # nothing was applied, so Vonage must deliver the webhook again
    return result


def apply(payload: WebhookPayload, webhook: VerifiedWebhook) -> Applied | UnprocessedReason:
    """Apply the payload of a webhook. Return an UnprocessedReason if this is impossible."""
    if isinstance(payload, StatusPayload):
        return apply_status(payload, webhook)
    if isinstance(payload, WorkflowPayload):
        mark_processed(webhook.body)
        return UnprocessedReason.WORKFLOW
    return _apply_inbound(payload, webhook)


def replay_webhook(row: UnprocessedWebhook) -> bool:
    """Apply a stored webhook now, and return whether it is now processed."""
    begin_webhook_retry(row)
    return _replay(row)


def replay_unprocessed(limit: int) -> Iterator[bool]:
    """Retry up to ``limit`` stored webhooks that are due.

    After each webhook, yield whether it is now processed.
    """
    for reason in RETRIED_FOR:
        due = filter_due(open_webhooks().filter(reason=reason))
        rows = list(due[:limit])
        limit -= len(rows)
        yield from map(_retry, rows)


def replay_all(limit: int | None = None) -> Iterator[int]:
    """Apply all stored webhooks now, or at most ``limit``, own failures first.

    Work in batches. After each batch, yield the number of webhooks that are now processed.
    """
    own_failures = open_webhooks().filter(reason=UnprocessedReason.FAILED)
    others = open_webhooks().exclude(reason=UnprocessedReason.FAILED)
    for webhooks in (own_failures, others):
        last = 0
        while limit is None or limit > 0:
            size = _BATCH if limit is None else min(limit, _BATCH)
            rows = list(webhooks.filter(pk__gt=last).order_by("pk")[:size])
            if not rows:
                break
            last = rows[-1].pk
            limit = None if limit is None else limit - len(rows)
            yield sum(map(_retry, rows))


def _retry(row: UnprocessedWebhook) -> bool:
    try:
        return begin_webhook_retry(row) and _replay(row)
    except Error as exc:
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "The database failed for unprocessed webhook %d: %s", row.pk, identify(exc)
        )
        return False


def _replay(row: UnprocessedWebhook) -> bool:
    webhook = VerifiedWebhook(bytes(row.body), tuple(row.accounts), row.application_id or None)
    try:
        result = apply(parse_webhook(load_object(webhook.body)), webhook)
    except UnusableBody as exc:
        store_failed_retry(row, UnprocessedReason.UNUSABLE, str(exc))
        return False
    except Exception as exc:  # noqa: BLE001 -- one bad row must not stop the others
        store_failed_retry(row, UnprocessedReason.FAILED, identify(exc))
        is_retried = will_be_retried(row)
        # Only the first and the last failure are errors.
        level = logging.INFO if is_retried and row.attempts > 1 else logging.ERROR
        logger.log(
            level,
            "Unprocessed webhook %d failed again and stays stored. Automatic retries %s: %s",
            row.pk,
            "go on" if is_retried else "have ended",
            identify(exc),
        )
        return False
    if isinstance(result, UnprocessedReason) and result != UnprocessedReason.WORKFLOW:
        store_failed_retry(row, result, "")
        return False
    return True


def _apply_inbound(inbound: InboundPayload, webhook: VerifiedWebhook) -> Applied:
    account = _account_of(inbound, webhook)
    if account in webhook.stale:
        raise StaleWebhook
    if _is_duplicate(inbound, account, webhook):
        mark_processed(webhook.body)
        return "duplicate"
    try:
        run_committed(
            partial(_record_inbound, inbound, account, webhook.body),
            is_committed=partial(_is_duplicate, inbound, account, webhook),
        )
    except IntegrityError:
        if _is_duplicate(inbound, account, webhook):
            return "duplicate"
        raise
    return "applied"


def _is_duplicate(inbound: InboundPayload, account: str, webhook: VerifiedWebhook) -> bool:
    # The settings can change between two deliveries of a webhook, so a message in another account
    # counts too if its addresses are equal.
    same_uuid = primary(Message).filter(
        direction=Direction.INBOUND,
        message_uuid=inbound.message_uuid,
        account__in=webhook.accounts,
    )
    addresses = webhook_addresses(inbound.channel, inbound.to, inbound.sender)
    return any(
        alias == account or tuple(stored_addresses) == addresses
        for alias, *stored_addresses in same_uuid.values_list(
            "account", "our_address", "their_address"
        )
    )


def _record_inbound(inbound: InboundPayload, account: str, body: bytes) -> None:
    message = _new_message(inbound, account)
    attach_inbound(message, contact_name=inbound.contact_name)
    message.save(using=write_database(), force_insert=True)
    dispatch_received(message)
    mark_processed(body)


def _new_message(inbound: InboundPayload, account: str) -> Message:
    charge = inbound.charge
    our_address, their_address = webhook_addresses(inbound.channel, inbound.to, inbound.sender)
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


def _account_of(inbound: InboundPayload, webhook: VerifiedWebhook) -> str:
    """Return the alias of the account whose SENDERS contain the inbound message's recipient."""
    accounts = [get_account(alias) for alias in webhook.accounts]
    application_id = webhook.application_id
    # If no account has the application ID, all accounts are possible.
    if application_id:
        accounts = [a for a in accounts if a.application_id == application_id] or accounts
    # If no account has our address as a sender, the first account is used.
    return next((a for a in accounts if _has_sender(a, inbound)), accounts[0]).alias


def _has_sender(account: Account, inbound: InboundPayload) -> bool:
    our_address, _ = webhook_addresses(inbound.channel, inbound.to, inbound.sender)
    try:
        return our_address in account.senders(CHANNELS[inbound.channel])
    except ImproperlyConfigured:
        return False


def _store_failed(webhook: VerifiedWebhook, payload: WebhookPayload | None, exc: Exception) -> None:
    # To apply it soon: Vonage's next delivery can be hours away.
    try:
        store_unprocessed(webhook, UnprocessedReason.FAILED, detail=identify(exc), payload=payload)
    except Exception as store_exc:  # noqa: BLE001 -- the first error is the one to report
        # Not ERROR: the view then logs an error, at a limited rate.
        logger.info("A failed webhook could not be stored either: %s", identify(store_exc))
