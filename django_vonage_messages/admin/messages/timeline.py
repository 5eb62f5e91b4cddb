"""What happened to a message, in the order in which this site learnt of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.utils.translation import gettext

from django_vonage_messages.admin.messages.failures import Problem, api_words, catalogue
from django_vonage_messages.admin.status_text import StatusWords, name_of, status_words
from django_vonage_messages.models import Message, Source, Status, StatusEvent
from django_vonage_messages.protocol.error_codes import find_error_code, find_http_error

_SETTLED_BY: Final = "settled_by"


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


def _settlers(events: Iterable[StatusEvent]) -> dict[str, Any]:
    pks = [event.payload.get(_SETTLED_BY) for event in events if _is_settlement(event)]
    users = get_user_model()._default_manager.filter(pk__in=[pk for pk in pks if pk is not None])
    return {str(user.pk): user for user in users}


def _is_settlement(event: StatusEvent) -> bool:
    return event.source == Source.LOCAL and _SETTLED_BY in event.payload


def _said_by(event: StatusEvent, users: dict[str, Any]) -> str:
    if not _is_settlement(event):
        return event.get_source_display()
    pk = event.payload[_SETTLED_BY]
    if pk is None:
        return gettext("This site, by a program that settled it")
    return gettext("%(name)s, who settled it by hand") % {"name": name_of(users.get(str(pk)))}


def _problem(event: StatusEvent, *, full: bool) -> Problem | None:
    """Why an event is a failure; what is tried again by itself needs no advice."""
    if event.source == Source.VONAGE and (known := find_error_code(event.error_code)):
        return catalogue(known)
    said = api_words(event.error_title, event.error_detail, full=full)
    title = " ".join(part for part in (said, event.error_code) if part)
    if _is_failed_attempt(event) and (known := find_http_error(event.error_code)):
        return replace(catalogue(known), title=title)
    return Problem(title) if title else None


def _is_failed_attempt(event: StatusEvent) -> bool:
    return event.source == Source.LOCAL and event.status == Status.FAILED
