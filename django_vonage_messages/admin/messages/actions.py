"""What staff can do about one message, and what became of it when they did."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext

from django_vonage_messages import exceptions
from django_vonage_messages.admin.message_content import is_gone
from django_vonage_messages.admin.messages.action_results import (
    Answer,
    bad,
    good,
    maybe_sent,
    neutral,
    nothing_sent,
    why_not_sent,
)
from django_vonage_messages.admin.status_text import status_words
from django_vonage_messages.models import Message, Status
from django_vonage_messages.protocol.error_codes.model import Move as WhoseMove
from django_vonage_messages.services.sending.queue import cancel_message
from django_vonage_messages.services.sending.resend import resend_message, settle_message

SEND_AGAIN: Final = "send-again"
CANCEL: Final = "cancel"
SENT: Final = "was-sent"
NOT_SENT: Final = "was-not-sent"

_UNADVISED: Final = frozenset({WhoseMove.CUSTOMER, WhoseMove.NOTHING})


@dataclass(frozen=True)
class Move:
    """A button: what it is called, and where it posts to."""

    label: str
    url: str


@dataclass(frozen=True)
class Moved:
    """What became of a move, the message to show now, and the note for the admin's history."""

    answer: Answer
    message: Message
    note: str = ""


def names_for(message: Message, *, no_resend: bool) -> tuple[str, ...]:
    """Return the names of the moves there are for a message as it is now.

    ``no_resend``: it was sent again, or its customer may be reached by another message.
    """
    if message.is_inbound:
        return ()
    waits_here = message.status == Status.STANDBY and message.started_at is None
    if message.status == Status.QUEUED or waits_here:
        return (CANCEL,)
    if message.status == Status.UNCONFIRMED:
        return (SENT, NOT_SENT)
    resendable = message.has_failed and not no_resend and not is_gone(message)
    return (SEND_AGAIN,) if resendable else ()


def label_of(name: str, message: Message) -> str:
    """Return what a move's button says; sending again against the catalogue's advice says so."""
    error = message.error_info
    if name == SEND_AGAIN and error and error.whose_move in _UNADVISED:
        return gettext("Send again anyway")
    return {
        SEND_AGAIN: gettext("Send again"),
        CANCEL: gettext("Cancel this message"),
        SENT: gettext("It was sent"),
        NOT_SENT: gettext("It was not sent"),
    }[name]


def perform(name: str, message: Message, *, user: Any, full: bool) -> Moved:
    """Make a move. Asked for twice, the second changes nothing and says so.

    ``full`` leaves numbers in the API's words as they are.
    """
    return _PERFORM[name](message, user, full)


def _send_again(message: Message, user: Any, full: bool) -> Moved:
    if earlier := message.resends.order_by("id").first():
        return Moved(_already(earlier), earlier)
    if is_gone(message):
        why = gettext("What it said is no longer kept here.")
        return Moved(bad(gettext("It was not sent again"), why), message)
    note = gettext("Sent again.")
    try:
        sent = resend_message(message, created_by=user)
    except exceptions.NotResendable:
        message.refresh_from_db()
        return Moved(bad(gettext("It was not sent again"), _by_now(message)), message)
    except (exceptions.VonageMessagesError, ImproperlyConfigured) as exc:
        stored = getattr(exc, "message", None)
        moved = Moved(_not_sent_again(exc, full), stored or message)
        return replace(moved, note=note) if stored else moved
    if sent.status == Status.SENDING:
        return Moved(_already(sent), sent)
    if sent.status == Status.QUEUED:
        return Moved(neutral(gettext("It is recorded and leaves at once")), sent, note)
    return Moved(good(gettext("It was sent again")), sent, note)


def _already(sent: Message) -> Answer:
    if sent.status == Status.SENDING:
        return neutral(gettext("It is being sent again. Nothing more was sent"))
    return neutral(gettext("It had already been sent again. Nothing more was sent"))


def _not_sent_again(exc: Any, full: bool) -> Answer:
    if why := why_not_sent(exc, full=full):
        return nothing_sent(gettext("It could not be sent again"), why)
    maybe = gettext("It may have been sent again: it is not known whether Vonage accepted it")
    return maybe_sent(maybe, exc, full=full)


def _cancel(message: Message, _user: Any, _full: bool) -> Moved:
    if cancel_message(message):
        answer = good(gettext("It was cancelled, and will not be sent"))
        return Moved(answer, message, gettext("Cancelled."))
    if message.status == Status.CANCELLED:
        return Moved(neutral(gettext("It had already been cancelled")), message)
    return Moved(bad(gettext("It was too late to cancel it"), _by_now(message)), message)


def _was_sent(message: Message, user: Any, _full: bool) -> Moved:
    if not settle_message(message, "accepted", settled_by=user):
        return _not_settled(message)
    answer = good(
        gettext("It is recorded that the message was sent"),
        gettext("A status that Vonage still sends says more, and wins."),
    )
    return Moved(answer, message, gettext("Settled: it was sent."))


def _was_not_sent(message: Message, user: Any, _full: bool) -> Moved:
    if not settle_message(message, "failed", settled_by=user):
        return _not_settled(message)
    answer = good(
        gettext("It is recorded that the message was not sent"),
        gettext("It can be sent again now. A status that Vonage still sends wins."),
    )
    return Moved(answer, message, gettext("Settled: it was not sent."))


def _not_settled(message: Message) -> Moved:
    answer = neutral(gettext("There is nothing left to settle"), _by_now(message))
    return Moved(answer, message)


def _by_now(message: Message) -> str:
    label = status_words(message.status).label
    return gettext("Its status is “%(status)s” by now.") % {"status": label}


_PERFORM: Final[dict[str, Callable[[Message, Any, bool], Moved]]] = {
    SEND_AGAIN: _send_again,
    CANCEL: _cancel,
    SENT: _was_sent,
    NOT_SENT: _was_not_sent,
}
NAMES: Final = frozenset(_PERFORM)
