"""What happened to a message, in the order in which this site learnt of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext

from django_vonage_messages.admin.problems import Problem, api_words, catalogue
from django_vonage_messages.admin.words import StatusWords, name_of, status_words
from django_vonage_messages.models import FailureReason, Message, Source, Status, StatusEvent
from django_vonage_messages.protocol.error_codes import get_error_code, get_http_error


@dataclass(frozen=True)
class Step:
    """One status event with its words, who said it, and the error that came with it."""

    event: StatusEvent
    said_by: str
    words: StatusWords
    problem: Problem | None


def timeline(message: Message, *, full: bool) -> list[Step]:
    """Return a message's events, by one query, and one more for who settled it by hand.

    ``full`` leaves numbers in errors as they are.
    """
    events = list(message.events.order_by("id"))
    users = _settlers(events)
    return [
        Step(event, _said_by(event, users), status_words(event.status), _problem(event, full=full))
        for event in events
    ]


def _settlers(events: Iterable[StatusEvent]) -> dict[int, Any]:
    pks = {event.settled_by_id for event in events if event.settled_by_id is not None}
    return get_user_model()._default_manager.in_bulk(pks) if pks else {}


def _said_by(event: StatusEvent, users: dict[int, Any]) -> str:
    if event.reason != FailureReason.SETTLED:
        return event.get_source_display()
    if event.settled_by_id is None:
        return gettext("This site, by a program that settled it")
    return gettext("%(name)s, who settled it by hand") % {
        "name": name_of(users.get(event.settled_by_id))
    }


def _problem(event: StatusEvent, *, full: bool) -> Problem | None:
    """Why an event is a failure; what is tried again by itself needs no advice."""
    if event.source == Source.VONAGE and (known := get_error_code(event.error_code)):
        return catalogue(known)
    said = api_words(event.error_title, event.error_detail, full=full)
    title = " ".join(part for part in (said, event.error_code) if part)
    if _is_failed_attempt(event) and (known := get_http_error(event.error_code)):
        return replace(catalogue(known), title=title)
    return Problem(title) if title else None


def _is_failed_attempt(event: StatusEvent) -> bool:
    return event.source == Source.LOCAL and event.status == Status.FAILED
