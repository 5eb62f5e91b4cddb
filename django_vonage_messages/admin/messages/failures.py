"""Explanations of failed messages: the cause, what to do, and who must act."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext

from django_vonage_messages.admin.status_text import format_time, sentence
from django_vonage_messages.models import FailureReason, Message, Status
from django_vonage_messages.protocol.error_codes import ErrorCode
from django_vonage_messages.protocol.redaction import redact
from django_vonage_messages.services.operations.overdue import is_overdue


@dataclass(frozen=True)
class Failure:
    """Explanation of a failure or a delay.

    ``owner`` must act next. ``vonage_text`` is the error as Vonage put it, if ``meaning`` explains
    it in other words.
    """

    title: str
    meaning: str = ""
    advice: str = ""
    owner: str = ""
    vonage_text: str = ""


def failure_of(message: Message, *, full: bool) -> Failure | None:
    """Return why a message failed or is delayed, or None if it did not and is not.

    The status decides: a delivered message may carry an error, which is not shown. ``full`` leaves
    numbers in Vonage's error unmasked.
    """
    if message.status in {Status.DELIVERED, Status.READ, Status.RECEIVED}:
        return None
    error = error_text(message.error_title, message.error_detail, full=full)
    if message.status == Status.UNCONFIRMED:
        return unconfirmed(error)
    if message.status == Status.FAILED:
        return not_sent(message.reason, error, message.error_info)
    if message.status == Status.QUEUED:
        return _overdue() if is_overdue(message) else _retrying(message.reason, error)
    if message.status == Status.EXPIRED:
        return _expired(message)
    if message.status in {Status.SENDING, Status.CANCELLED}:
        return None
    return _reported(message, error)


def error_text(title: str, detail: str, *, full: bool) -> str:
    """Return an error in Vonage's words; without ``full``, numbers in it are masked."""
    text = ": ".join(part for part in (title, detail) if part)
    return text if full else redact(text)


def explain(error: ErrorCode) -> Failure:
    """Return the explanation from the error catalogue."""
    return Failure(
        title=f"{error.title} ({error.code})",
        meaning=gettext(error.meaning),
        advice=gettext(error.advice),
        owner=gettext(error.owner.label),
    )


def unconfirmed(error: str = "") -> Failure:
    """Explain an attempt that broke off after the message may have left."""
    return Failure(
        title=gettext("Do not send it again: the customer could get it twice"),
        meaning=error and gettext("What happened: %(error)s.") % {"error": error.rstrip(".")},
        advice=gettext(
            "A status from Vonage may still settle whether it was sent. If none has come after ten "
            "minutes, look it up."
        ),
        owner=gettext("Nobody at first: wait for a status. Then you"),
    )


def not_sent(reason: str, error: str, entry: ErrorCode | None = None) -> Failure:
    """Explain an attempt after which Vonage certainly has not accepted the message.

    ``entry`` is the catalogue's entry for the error in Vonage's response.
    """
    if reason == FailureReason.THROTTLED:
        return _throttled(error)
    if reason == FailureReason.NOT_SENT:
        return _not_connected(error)
    if reason == FailureReason.REJECTED:
        return _refused(error, entry)
    if reason == FailureReason.UNSENDABLE:
        return _unsendable(error)
    return Failure(
        title=error or gettext("No reason was given"),
        advice=gettext("If it should still go out, and nothing speaks against it, send it again."),
        owner=gettext("You"),
    )


def _throttled(error: str) -> Failure:
    return Failure(
        title=_slow_down(),
        meaning=error,
        advice=gettext("Wait a minute, then send it again."),
        owner=gettext("You: wait, then send it again"),
    )


def _not_connected(error: str) -> Failure:
    return Failure(
        title=_unreachable(),
        meaning=error,
        advice=gettext(
            "Nothing left this site. Try again in a few minutes; if it keeps happening, tell "
            "the developers of this site."
        ),
        owner=gettext("You: wait, then send it again"),
    )


def _refused(error: str, entry: ErrorCode | None) -> Failure:
    title = gettext("Vonage refused it")
    if entry:
        return replace(explain(entry), title=title, vonage_text=error)
    return Failure(
        title=title,
        meaning=error,
        advice=gettext(
            "The same message will be refused again until the cause is put right. If the "
            "reason is not the number or the text, pass it on to the developers of this site."
        ),
        owner=gettext("You, or the developers of this site"),
    )


def _unsendable(error: str) -> Failure:
    return Failure(
        title=gettext("It cannot be sent as it is"),
        meaning=error,
        advice=gettext(
            "Nothing left this site, and the same message will not leave it either. Write it "
            "anew; if that fails too, tell the developers of this site."
        ),
        owner=gettext("You, or the developers of this site"),
    )


def _overdue() -> Failure:
    return Failure(
        title=gettext("It should have left by now"),
        advice=gettext(
            "Nothing on this site is sending queued messages. Have “manage.py vonage_worker” "
            "started, or “manage.py vonage_reconcile” run once."
        ),
        owner=gettext("Whoever runs this site"),
    )


def _retrying(reason: str, error: str) -> Failure | None:
    """Explain the failed attempt of a message that is still queued, if there was one."""
    if not reason:
        return None
    cause = _slow_down() if reason == FailureReason.THROTTLED else _unreachable()
    return Failure(
        title=gettext("The last attempt failed: %(cause)s") % {"cause": cause},
        meaning=error,
        advice=gettext("Vonage has accepted nothing, and it is tried again by itself."),
        owner=gettext("Nobody: it is tried again by itself"),
    )


def _expired(message: Message) -> Failure:
    limit = format_time(message.expires_at) if message.expires_at else "?"
    return Failure(
        title=gettext("It could not be sent before it expired"),
        meaning=sentence(gettext("It was only to be sent before %(moment)s") % {"moment": limit}),
        advice=gettext("If it should still go out, send it again."),
        owner=gettext("You"),
    )


def _reported(message: Message, error: str) -> Failure | None:
    """Explain the error that a status webhook reported, if it reported one."""
    if entry := message.error_info:
        return explain(entry)
    if not message.has_failed and not error:
        return None
    code = f" ({message.error_code})" if message.error_code else ""
    return Failure(
        title=f"{error or gettext('No reason was given')}{code}",
        advice=gettext("This reason is not in our catalogue of errors; Vonage support knows it."),
    )


def _slow_down() -> str:
    return gettext("Vonage asked this site to slow down")


def _unreachable() -> str:
    return gettext("Vonage could not be reached")
