"""Pauses of senders after Vonage's rate limit was reached, for all workers."""

import logging
from collections.abc import Collection
from datetime import timedelta
from functools import partial
from typing import Final

from django.db.models import F, Q, QuerySet

from django_vonage_messages.models import Message, PausedSender
from django_vonage_messages.models.keys import sender_key
from django_vonage_messages.protocol.addresses import mask
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import now, primary, run_committed

logger = logging.getLogger("django_vonage_messages")

Sender = tuple[str, str]
"""Alias of an account, and one of our addresses."""

DEFAULT_PAUSE: Final = timedelta(seconds=1)
"""Pause after a 429 without ``Retry-After``."""
LONGEST_PAUSE: Final = timedelta(minutes=30)
"""Pause after a 429 with a longer ``Retry-After``."""
NOTABLE_PAUSE: Final = timedelta(seconds=10)
"""Shortest pause that is logged and shown to staff."""


def pause_after(retry_after: float | None) -> timedelta:
    """Return the pause for a response with this ``Retry-After`` in seconds."""
    if not retry_after:
        return DEFAULT_PAUSE
    return timedelta(seconds=min(retry_after, LONGEST_PAUSE.total_seconds()))


def pause_sender(sender: Sender, retry_after: float | None) -> None:
    """Store a pause that all workers obey, unless a longer one is stored.

    Database errors are logged, not raised: the outcome of the message is already recorded.
    """
    pause = pause_after(retry_after)
    try:
        begins = run_committed(partial(_store, sender, pause, retry_after))
    except Exception as exc:  # noqa: BLE001 -- the next response 429 pauses the sender again
        logger.warning("The pause of a sender of %r was not stored: %s", sender[0], identify(exc))
        return
    if begins and pause >= NOTABLE_PAUSE:
        logger.warning(
            "Vonage's rate limit was reached, and Vonage asked to wait %.0f seconds. The sender %s "
            "of account %r is paused for %.0f seconds. Its queued messages are sent after that. If "
            "this happens often, send more slowly, or ask Vonage for a higher limit.",
            retry_after,
            mask(sender[1]),
            sender[0],
            pause.total_seconds(),
        )


def paused_senders() -> set[Sender]:
    """Return the senders that must wait now."""
    paused = primary(PausedSender).filter(until__gt=now())
    return set(paused.values_list("account", "our_address"))


def notable_pauses() -> QuerySet[PausedSender]:
    """Return the current pauses that are shown to staff."""
    long = Q(until__gte=F("paused_at") + NOTABLE_PAUSE)
    return primary(PausedSender).filter(long, until__gt=now())


def exclude_senders(
    messages: "QuerySet[Message]", senders: Collection[Sender]
) -> "QuerySet[Message]":
    """Return the messages of all other senders."""
    for account, our_address in senders:
        messages = messages.exclude(account=account, our_address=our_address)
    return messages


def _store(sender: Sender, pause: timedelta, retry_after: float | None) -> bool:
    # Returns whether a pause begins. A longer pause after a short one is a new pause.
    row = PausedSender(account=sender[0], our_address=sender[1])
    row.paused_at = row.until = now()  # the database's time
    rows = primary(PausedSender).filter(key=sender_key(row))
    # The update locks the row. INSERT IGNORE on an existing row could cause a deadlock in MariaDB.
    if not rows.update(account=row.account):
        primary(PausedSender).bulk_create([row], ignore_conflicts=True)
    until = now() + pause
    shorter = rows.filter(until__lt=until)
    is_over = Q(until__lte=now()) | Q(until__lt=F("paused_at") + NOTABLE_PAUSE)
    begun = shorter.filter(is_over).update(paused_at=now(), until=until, retry_after=retry_after)
    if not begun:
        shorter.update(until=until, retry_after=retry_after)
    return bool(begun)
