"""Receivers of the site: they write rows, reply to customers, fail at times, and die."""

import os
import random
from typing import Any

from django_vonage_messages import send_message, signals
from django_vonage_messages.models import Message
from tests.crash import failpoints
from tests.crash.effects.models import Effect

FAILURES = 0.05
FIRST, SECOND, ANSWERING = "first", "second", "answering"
_random = random.Random(os.environ.get("CRASH_SEED"))


def connect() -> None:
    """Connect the receivers in this order."""
    signals.message_status_changed.connect(first)
    signals.message_status_changed.connect(second)
    signals.message_received.connect(answering)


def first(message: Message, event: Any, previous_status: str, **_: Any) -> None:
    _leave(FIRST, message, event.pk, previous_status)


def second(message: Message, event: Any, previous_status: str, **_: Any) -> None:
    _leave(SECOND, message, event.pk, previous_status)
    _fail_now_and_then()


def answering(message: Message, **_: Any) -> None:
    _leave(ANSWERING, message)
    key = f"answer to {message.message_uuid}"
    send_message(message.their_address, key, idempotency_key=key)
    _fail_now_and_then()


def _leave(name: str, message: Message, event_id: int | None = None, previous: str = "") -> None:
    failpoints.passed("in a receiver, before its effect")
    Effect.objects.create(
        receiver=name,
        message=message,
        event_id=event_id,
        previous=previous,
        status=message.status,
    )
    failpoints.passed("in a receiver, after its effect")


def _fail_now_and_then() -> None:
    if _random.random() < FAILURES:
        raise RuntimeError("A receiver fails.")
