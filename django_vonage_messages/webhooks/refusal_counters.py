"""Counters and log of refused webhooks."""

import atexit
import logging
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db import Error
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from django_vonage_messages.backends.base import is_test_run
from django_vonage_messages.models import WebhookRefusal
from django_vonage_messages.services.db.idle_connections import close_all
from django_vonage_messages.services.receiving.refusal_reasons import REFUSAL_REASONS
from django_vonage_messages.webhooks.refusals import WebhookRefused

logger = logging.getLogger("django_vonage_messages.webhooks")

FLUSH_INTERVAL: Final = 300.0
"""Per reason: seconds between two log lines, and between two updates of the counter row."""


@dataclass
class _Counter:
    """Refusals for one reason in this process. ``due_at`` is the time of the next log line."""

    kind: type[WebhookRefused]
    due_at: float
    last_at: datetime = field(default_factory=timezone.now)
    cause: str = ""
    unlogged: int = 0
    unwritten: int = 0
    timer: threading.Timer | None = None


_lock = threading.Lock()
_counters: dict[str, _Counter] = {}


def report_refusal(refused: WebhookRefused, cause: str = "") -> None:
    """Count a refused webhook. For each reason, log and store at most once in FLUSH_INTERVAL."""
    now = time.monotonic()
    with _lock:
        counter = _counters.setdefault(refused.reason, _Counter(type(refused), due_at=now))
        counter.last_at, counter.cause = timezone.now(), cause
        counter.unlogged += 1
        counter.unwritten += 1
    _flush_when_due(counter)


def reset_counters() -> None:
    """Set all counters to zero."""
    with _lock:
        for counter in _counters.values():
            if counter.timer:
                counter.timer.cancel()
        _counters.clear()


def _flush_when_due(counter: _Counter) -> None:
    """Log and store the counts now if they are due, or start a timer that does it later."""
    with _lock:
        wait = counter.due_at - time.monotonic()
        if wait > 0:
            _start_timer(counter, wait)
            return
        taken = _take(counter)
        if counter.unlogged:
            counter.unlogged, counter.due_at = 0, time.monotonic() + FLUSH_INTERVAL
    _log(taken)
    if not _store(counter, taken):
        with _lock:
            _start_timer(counter, FLUSH_INTERVAL)


def _start_timer(counter: _Counter, wait: float) -> None:
    # After a test run, the settings name the site's own database again.
    if counter.timer or is_test_run():
        return
    counter.timer = threading.Timer(wait, _run_timer, [counter])
    counter.timer.daemon = True
    counter.timer.start()
    # Registered last, the function runs first: the log and the database are still open.
    atexit.unregister(_store_at_exit)
    atexit.register(_store_at_exit)


def _run_timer(counter: _Counter) -> None:
    with _lock:
        counter.timer = None
    try:
        _flush_when_due(counter)
    finally:
        close_all()


def _store_at_exit() -> None:
    """Store the counts of a process that ends. A log line that is not due is left out."""
    for counter in list(_counters.values()):
        with _lock:
            taken = _take(counter)
        _store(counter, taken)
    close_all()


def _take(counter: _Counter) -> _Counter:
    """Return a copy with the counts, and mark the counts as stored."""
    taken = replace(counter)
    counter.unwritten = 0
    return taken


def _log(taken: _Counter) -> None:
    if not taken.unlogged:
        return
    logger.error(
        "Refused %d webhook(s) with HTTP %d: %s %s%s",
        taken.unlogged,
        taken.kind.status_code,
        taken.kind.default_detail,
        REFUSAL_REASONS[taken.kind.reason].advice,
        f" ({taken.cause})" if taken.cause else "",
    )


def _store(counter: _Counter, taken: _Counter) -> bool:
    """Add the taken count to the row, or give it back to the counter and return False."""
    if not taken.unwritten:
        return True
    try:
        _update_row(taken)
    except Error as exc:
        logger.warning("Could not store the count of refused webhooks: %s", type(exc).__name__)
        with _lock:
            counter.unwritten += taken.unwritten
        return False
    return True


def _update_row(taken: _Counter) -> None:
    row = WebhookRefusal.objects.filter(reason=taken.kind.reason)
    changes = {
        "count": F("count") + taken.unwritten,
        "last_at": Greatest("last_at", Value(taken.last_at)),
    }
    if not row.update(**changes):
        _row, created = WebhookRefusal.objects.get_or_create(
            reason=taken.kind.reason,
            defaults={
                "count": taken.unwritten,
                "first_at": taken.last_at,
                "last_at": taken.last_at,
            },
        )
        if not created:
            row.update(**changes)
