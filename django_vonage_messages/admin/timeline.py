"""What happened to a message, in the order in which this site learnt of it."""

from dataclasses import dataclass

from django_vonage_messages.admin.words import (
    Problem,
    StatusWords,
    api_words,
    catalogue,
    status_words,
)
from django_vonage_messages.models import Message, Source, StatusEvent
from django_vonage_messages.protocol.error_codes import find_error_code


@dataclass(frozen=True)
class Step:
    """One status event with its words, and the error that came with it."""

    event: StatusEvent
    words: StatusWords
    problem: Problem | None


def timeline(message: Message, *, full: bool) -> list[Step]:
    """Return a message's events, by one query; ``full`` leaves numbers in errors as they are."""
    return [
        Step(event, status_words(event.status), _problem(event, full=full))
        for event in message.events.order_by("id")
    ]


def _problem(event: StatusEvent, *, full: bool) -> Problem | None:
    """The catalogue knows the codes of Vonage's webhooks only, not those of our own attempts."""
    known = find_error_code(event.error_code) if event.source == Source.VONAGE else None
    if known:
        return catalogue(known)
    said = api_words(event.error_title, event.error_detail, full=full)
    if not said and not event.error_code:
        return None
    return Problem(title=" ".join(part for part in (said, event.error_code) if part))
