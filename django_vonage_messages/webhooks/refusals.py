"""Saying that webhooks are refused, without letting whoever sends them write our log."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Final

from django.db import Error
from django.db.models import F
from django.utils import timezone

from django_vonage_messages.models import WebhookRefusal
from django_vonage_messages.webhooks.exceptions import Refused

logger = logging.getLogger("django_vonage_messages.webhooks")

INTERVAL: Final = 300.0
"""Seconds between two lines, or two writes of the counter row, for one reason."""


@dataclass
class _Tally:
    said_at: float
    unsaid: int = 0


_lock = threading.Lock()
_tallies: dict[str, _Tally] = {}


def report(refused: Refused, cause: str = "") -> None:
    """Count a refusal; log it and write its counter row at most once in INTERVAL per reason."""
    count = _count(refused.reason)
    if not count:
        return
    logger.error(
        "Refused %d webhook(s) with HTTP %d: %s %s%s",
        count,
        refused.status_code,
        refused.detail,
        refused.advice,
        f" ({cause})" if cause else "",
    )
    try:
        _write(refused.reason, count)
    except Error as exc:
        logger.warning("The count of refused webhooks was not written: %s", type(exc).__name__)


def forget() -> None:
    """Forget what has been said, so that the next refusal is logged. For tests."""
    with _lock:
        _tallies.clear()


def _count(reason: str) -> int:
    """Return how many refusals to speak of now, 0 for none yet."""
    now = time.monotonic()
    with _lock:
        tally = _tallies.setdefault(reason, _Tally(said_at=now - INTERVAL))
        tally.unsaid += 1
        if now - tally.said_at < INTERVAL:
            return 0
        count, tally.unsaid, tally.said_at = tally.unsaid, 0, now
        return count


def _write(reason: str, count: int) -> None:
    now = timezone.now()
    row = WebhookRefusal.objects.filter(reason=reason)
    if not row.update(count=F("count") + count, last_at=now):
        _row, created = WebhookRefusal.objects.get_or_create(
            reason=reason, defaults={"count": count, "first_at": now, "last_at": now}
        )
        if not created:
            row.update(count=F("count") + count, last_at=now)
