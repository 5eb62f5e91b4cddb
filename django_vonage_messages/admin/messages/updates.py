"""What staff can have Vonage do with a message: tell a customer that it was read, or revoke it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext

from django_vonage_messages import exceptions
from django_vonage_messages.admin.messages.action_results import Answer, good, neutral, nothing_sent
from django_vonage_messages.admin.messages.actions import Move, Moved
from django_vonage_messages.admin.messages.failures import Problem, api_words
from django_vonage_messages.admin.status_text import moment, sentence
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.redaction import redact
from django_vonage_messages.services.sending.updates import (
    can_be_marked_read,
    can_be_revoked,
    mark_message_read,
    revoke_message,
)

TELL_READ: Final = "tell-read"
REVOKE: Final = "revoke"

MoveUrl = Callable[[Message, str], str]


def telling_read(message: Message, move_url: MoveUrl) -> Move | None:
    """Return the button that tells a customer that a message was read, where that can be done."""
    if not can_be_marked_read(message):
        return None
    return Move(gettext("Tell the customer that it was read"), move_url(message, TELL_READ))


def revoking(message: Message, move_url: MoveUrl) -> Move | None:
    """Return the button that revokes a message, where that can be done."""
    if not can_be_revoked(message):
        return None
    return Move(gettext("Yes, revoke it"), move_url(message, REVOKE))


def what_was_done(message: Message) -> str:
    """Return that a message was revoked, or marked as read, and when; "" if neither."""
    if message.revoked_at:
        words = gettext("Revoked at %(moment)s") % {"moment": moment(message.revoked_at)}
        limits = gettext(
            "Vonage takes it back where that is still possible; the customer may have read it."
        )
        return f"{sentence(words)} {limits}"
    if message.marked_read_at:
        words = gettext("The customer was told that it was read, at %(moment)s")
        return sentence(words % {"moment": moment(message.marked_read_at)})
    return ""


@dataclass(frozen=True)
class _Words:
    """What is said of an update: done now, already done before, not done, and perhaps done."""

    done: str
    already: str
    failed: str
    unknown: str
    note: str


def perform(name: str, message: Message, *, full: bool) -> Moved:
    """Have one of them done. Asked for twice, the second changes nothing and says so.

    ``full`` leaves numbers in the API's words as they are.
    """
    words = _words(name)
    act: Callable[[Message], None] = mark_message_read if name == TELL_READ else revoke_message
    if message.marked_read_at or message.revoked_at:
        return Moved(neutral(words.already), message)
    try:
        act(message)
    except exceptions.UpdateUnconfirmed as exc:
        said = api_words(exc.title, exc.detail, full=full)
        advice = gettext("Pressing the button again does no harm.")
        return Moved(Answer(messages.WARNING, Problem(words.unknown, said, advice)), message)
    except (exceptions.VonageMessagesError, ImproperlyConfigured) as exc:
        return Moved(nothing_sent(words.failed, _why(exc, full=full)), message)
    return Moved(good(words.done), message, words.note)


def _why(exc: Exception, *, full: bool) -> Problem:
    developers = gettext("Pass this on to the developers of this site.")
    if not isinstance(exc, exceptions.UpdateFailed):
        return Problem(redact(str(exc)), advice=developers)
    said = api_words(exc.title, exc.detail, full=full)
    match exc.reason:
        case "throttled":
            title = gettext("Vonage asked this site to slow down")
            return Problem(title, said, gettext("Wait a minute, then press the button again."))
        case "not_sent":
            advice = gettext(
                "Try again in a few minutes; if it keeps happening, tell the developers of this "
                "site."
            )
            return Problem(gettext("Vonage could not be reached"), said, advice)
    return Problem(gettext("Vonage refused it"), said, developers)


def _words(name: str) -> _Words:
    if name == TELL_READ:
        return _Words(
            done=gettext("Vonage tells the customer that it was read"),
            already=gettext("The customer had already been told that it was read"),
            failed=gettext("The customer could not be told that it was read"),
            unknown=gettext("It is not known whether the customer was told that it was read"),
            note=gettext("Told the customer that it was read."),
        )
    return _Words(
        done=gettext("Vonage takes it back where that is still possible"),
        already=gettext("It had already been revoked"),
        failed=gettext("It could not be revoked"),
        unknown=gettext("It is not known whether it was revoked"),
        note=gettext("Revoked."),
    )


NAMES: Final = frozenset({TELL_READ, REVOKE})
