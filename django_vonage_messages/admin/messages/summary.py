"""Where a message stands: its status, its plan, what is wrong, its kin and what can be done."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from django_vonage_messages.admin.messages.actions import Move, label_of, names_for
from django_vonage_messages.admin.messages.failures import Problem, problem_of, verdicts_of
from django_vonage_messages.admin.messages.updates import what_was_done
from django_vonage_messages.admin.status_text import StatusWords, moment, sentence, status_words
from django_vonage_messages.admin.workflows import (
    Parts,
    may_arrive_otherwise,
    notes_on,
    parts_of,
    reached_by,
)
from django_vonage_messages.models import Message, Status


@dataclass(frozen=True)
class Kin:
    """The message that this one is a resend of, or one that resends it, or another of its workflow;
    ``url`` may be empty.
    """

    text: str
    url: str


@dataclass(frozen=True)
class Standing:
    """What the pages say of one message. ``update`` is what Vonage has done with it since, and
    ``settles`` says that its moves settle what nobody knows.
    """

    message: Message
    status: StatusWords
    plan: str
    update: str
    problem: Problem | None
    kin: list[Kin] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    @property
    def settles(self) -> bool:
        return bool(self.moves) and self.message.status == Status.UNCONFIRMED


@dataclass(frozen=True)
class Links:
    """Where a page's links lead: to another message, and to what a button posts to.

    ``move`` is None for who may not do anything about a message.
    """

    message: Callable[[int], str]
    move: Callable[[Message, str], str] | None


def standings(messages: Iterable[Message], links: Links, *, full: bool) -> dict[int, Standing]:
    """Return where messages stand, by id. Two queries, and one for their workflows if any has one.

    ``full`` leaves numbers in errors as they are.
    """
    messages = list(messages)
    verdicts = verdicts_of(messages)
    originals, resends = _family(messages)
    parts = parts_of(messages)
    return {
        message.pk: Standing(
            message=message,
            status=status_words(message.status),
            plan=plan_of(message),
            update=what_was_done(message),
            problem=_without_advice(
                problem_of(message, verdicts.get(message.pk, ""), full=full),
                _why_nobody(message, resends[message.pk], parts),
            ),
            kin=[
                *_kin(message, originals, resends[message.pk], links),
                *(Kin(text, links.message(pk)) for text, pk in notes_on(message, parts)),
            ],
            moves=_moves(
                message, bool(resends[message.pk]) or may_arrive_otherwise(message, parts), links
            ),
        )
        for message in messages
    }


def plan_of(message: Message) -> str:
    """Return when a queued message leaves and what has been tried, or ""."""
    if message.status != Status.QUEUED:
        return _tried(message.attempts) if message.attempts > 1 else ""
    parts = [_tried(message.attempts) if message.attempts else "", _next(message), _end(message)]
    return " ".join(part for part in parts if part)


def _tried(attempts: int) -> str:
    return ngettext("Tried %(count)d time.", "Tried %(count)d times.", attempts) % {
        "count": attempts
    }


def _next(message: Message) -> str:
    due = message.due_at
    if due is None:
        return ""
    if due <= timezone.now():
        words = gettext("It has been due since %(moment)s")
    elif message.attempts:
        words = gettext("The next attempt is at %(moment)s")
    else:
        words = gettext("It will be sent at %(moment)s")
    return sentence(words % {"moment": moment(due)})


def _end(message: Message) -> str:
    if message.expires_at is None:
        return ""
    words = gettext("If it has not been sent by %(moment)s, it will not be sent.")
    return words % {"moment": moment(message.expires_at)}


def _family(
    messages: list[Message],
) -> tuple[dict[int, datetime], Mapping[int, list[tuple[int, datetime]]]]:
    """Return when each original was written, and which messages resend which. One query."""
    originals = {message.resend_of_id for message in messages} - {None}
    kin = Q(resend_of__in=[message.pk for message in messages]) | Q(pk__in=originals)
    rows = Message.objects.filter(kin).order_by("id").values_list("pk", "resend_of", "created_at")
    written: dict[int, datetime] = {}
    resends: defaultdict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for pk, original, created_at in rows:
        written[pk] = created_at
        if original is not None:
            resends[original].append((pk, created_at))
    return written, resends


def _kin(
    message: Message,
    written: dict[int, datetime],
    resends: list[tuple[int, datetime]],
    links: Links,
) -> list[Kin]:
    found = []
    original = message.resend_of_id
    if original in written:
        words = gettext("This sends the message of %(moment)s again")
        text = sentence(words % {"moment": moment(written[original])})
        found.append(Kin(text, links.message(original)))
    for pk, created_at in resends:
        words = gettext("It was sent again at %(moment)s")
        found.append(Kin(sentence(words % {"moment": moment(created_at)}), links.message(pk)))
    return found


def _why_nobody(message: Message, resends: list[tuple[int, datetime]], parts: Parts) -> str:
    """Return why nobody is asked to do anything about a problem any more, or ""."""
    if resends:
        return gettext("Nobody: it was sent again")
    if reached_by(message, parts):
        return gettext("Nobody: the customer was reached in another way")
    if message.has_failed and may_arrive_otherwise(message, parts):
        return gettext("Nobody yet: another way is being tried")
    return ""


def _without_advice(problem: Problem | None, why_nobody: str) -> Problem | None:
    if problem is None or not why_nobody:
        return problem
    return replace(problem, advice="", whose_move=why_nobody)


def _moves(message: Message, no_resend: bool, links: Links) -> list[Move]:
    if links.move is None:
        return []
    names = names_for(message, no_resend=no_resend)
    return [Move(label_of(name, message), links.move(message, name)) for name in names]
