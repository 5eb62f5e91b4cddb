"""Explanations of failed, unconfirmed and delayed messages: cause, advice and who must act."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext

from django_vonage_messages.admin.status_text import format_time, sentence
from django_vonage_messages.models import FailureReason, HeldReason, Message, Status
from django_vonage_messages.protocol.error_codes import ActionOwner, ErrorCode
from django_vonage_messages.protocol.redaction import redact
from django_vonage_messages.services.operations.overdue import QueuedState


@dataclass(frozen=True)
class Failure:
    """Texts for staff about a failed, unconfirmed or delayed message."""

    title: str
    meaning: str = ""
    advice: str = ""
    owner: str = ""  # the person who must act next; "" if no action is needed
    vonage_text: str = ""  # Vonage's error text, unless title or meaning contains it


def failure_of(message: Message, state: QueuedState | None, *, full: bool) -> Failure | None:
    """Return an explanation of a failed, unconfirmed or delayed message, or None.

    ``state`` is the state of a queued message, or None.
    """
    # Vonage can report an error before the message is delivered.
    if message.status in {Status.DELIVERED, Status.READ, Status.RECEIVED}:
        return None
    if message.is_held:
        return _held(message.held_reason)
    error = error_text(message.error_title, message.error_detail, full=full)
    if message.status == Status.UNCONFIRMED:
        return unconfirmed(error)
    if message.status == Status.FAILED:
        return not_sent(message.reason, error, message.error_info)
    if message.status == Status.QUEUED:
        return _delayed(message, state, error)
    if message.status == Status.EXPIRED:
        return _expired(message)
    if message.status in {Status.SENDING, Status.CANCELLED}:
        return None
    return _reported(message, error)


def error_text(title: str, detail: str, *, full: bool) -> str:
    """Return the title and the detail of an error as one text."""
    text = ": ".join(part for part in (title, detail) if part)
    return text if full else redact(text)


def explain(error: ErrorCode) -> Failure:
    return Failure(
        title=f"{error.title} ({error.code})",
        meaning=gettext(error.meaning),
        advice=gettext(error.advice),
        owner="" if error.owner == ActionOwner.NOTHING else gettext(error.owner.label),
    )


def unconfirmed(error: str = "") -> Failure:
    """Explain that it is not known whether the message was sent."""
    return Failure(
        title=gettext("Do not send the message again yet: the customer could get it twice"),
        meaning=error and gettext("Error: %(error)s.") % {"error": error.rstrip(".")},
        advice=gettext(
            "A status from Vonage can still show the outcome. If no status arrives within 10 "
            "minutes, record the outcome."
        ),
        owner=gettext("You, but wait first"),
    )


def not_sent(reason: str, error: str, entry: ErrorCode | None = None) -> Failure:
    """Explain why the message was not sent.

    ``reason`` is a ``FailureReason`` or "".
    """
    if reason == FailureReason.THROTTLED:
        return _throttled(error)
    if reason == FailureReason.NOT_SENT:
        return _not_connected(error)
    if reason == FailureReason.REJECTED:
        return _refused(error, entry)
    if reason == FailureReason.UNSENDABLE:
        return _unsendable(error)
    if reason == FailureReason.NOT_ALLOWED:
        return _not_allowed()
    return Failure(
        title=error or gettext("No reason given"),
        advice=gettext("If the message is still needed, send it again."),
        owner=gettext("You"),
    )


def _throttled(error: str) -> Failure:
    return Failure(
        title=_slow_down(),
        meaning=error,
        advice=gettext("Wait a minute, then send the message again."),
        owner=gettext("You, but wait first"),
    )


def _not_connected(error: str) -> Failure:
    return Failure(
        title=_unreachable(),
        meaning=error,
        advice=gettext("Try again in a few minutes. If this keeps happening, tell the developers."),
        owner=gettext("You, but wait first"),
    )


def _refused(error: str, entry: ErrorCode | None) -> Failure:
    title = gettext("Vonage rejected the message")
    if entry:
        return replace(explain(entry), title=title, vonage_text=error)
    return Failure(
        title=title,
        meaning=error,
        advice=gettext(
            "Sending the message again will not help until the cause is fixed. If the number and "
            "the text are correct, tell the developers."
        ),
        owner=gettext("You, or the developers of this site"),
    )


def _not_allowed() -> Failure:
    return _forbidden(
        gettext(
            "If the recipient should get the message, ask the operators to add the recipient to "
            "ALLOWED_RECIPIENTS. Then send the message again."
        )
    )


def _held(reason: str) -> Failure:
    if reason == HeldReason.NOT_ALLOWED:
        return _forbidden(
            gettext(
                "If the recipient should get the message, ask the operators to add the recipient "
                "to ALLOWED_RECIPIENTS and to run “manage.py vonage_hold --release”. Otherwise "
                "cancel the message."
            )
        )
    return Failure(
        title=gettext("The operators hold all waiting messages"),
        meaning=gettext("For example, because a backup was restored."),
        advice=gettext(
            "The operators release the messages with “manage.py vonage_hold --release”. If the "
            "customer has this message already, or does not need it, cancel it."
        ),
        owner=_operators(),
    )


def _forbidden(advice: str) -> Failure:
    title = gettext("This site does not send to this recipient")
    return Failure(title=title, advice=advice, owner=_operators())


def _operators() -> str:
    return gettext("The operators of this site")


def _unsendable(error: str) -> Failure:
    return Failure(
        title=gettext("Vonage does not support this content or its options"),
        meaning=error,
        advice=gettext(
            "Sending the message again will not help. Write a new message. If the new message "
            "fails too, tell the developers."
        ),
        owner=gettext("You, or the developers of this site"),
    )


def _delayed(message: Message, state: QueuedState | None, error: str) -> Failure | None:
    until = state.paused_until if state else None
    if until and message.due_at and message.due_at <= until:
        return _paused(until, error)
    if state and state.is_overdue:
        return _overdue(state)
    return _retrying(message.reason, error)


def _paused(until: datetime, error: str) -> Failure:
    return Failure(
        title=gettext("Waits: the sender is paused until %(moment)s")
        % {"moment": format_time(until)},
        meaning=error or _slow_down(),
        advice=gettext("No action needed: the message is sent automatically after the pause."),
    )


def _overdue(state: QueuedState) -> Failure:
    if state.has_worker:
        return Failure(
            title=gettext("Overdue"),
            meaning=gettext("A worker is running, but has not sent the message yet."),
            advice=gettext(
                "No action needed. If the message waits much longer, tell the operators."
            ),
        )
    return Failure(
        title=gettext("Overdue"),
        advice=gettext(
            "Ask the operators to check that “manage.py vonage_worker” is running, or to run "
            "“manage.py vonage_reconcile” once."
        ),
        owner=_operators(),
    )


def _retrying(reason: str, error: str) -> Failure | None:
    if reason not in {FailureReason.THROTTLED, FailureReason.NOT_SENT}:
        return None
    cause = _slow_down() if reason == FailureReason.THROTTLED else _unreachable()
    return Failure(
        title=gettext("The last attempt failed: %(cause)s") % {"cause": cause},
        meaning=error,
        advice=gettext("No action needed: nothing was sent, and the next attempt is automatic."),
    )


def _expired(message: Message) -> Failure:
    limit = format_time(message.expires_at) if message.expires_at else "?"
    return Failure(
        title=gettext("The message expired before it was sent"),
        meaning=sentence(gettext("Expired: %(moment)s") % {"moment": limit}),
        advice=gettext("If the message is still needed, send it again."),
        owner=gettext("You"),
    )


def _reported(message: Message, error: str) -> Failure | None:
    if entry := message.error_info:
        return explain(entry)
    if not message.has_failed and not error:
        return None
    code = f" ({message.error_code})" if message.error_code else ""
    return Failure(
        title=f"{error or gettext('No reason given')}{code}",
        advice=gettext("This error is not in the list of known errors. Ask Vonage support."),
    )


def _slow_down() -> str:
    return gettext("Vonage’s rate limit was reached")


def _unreachable() -> str:
    return gettext("Vonage could not be reached")
