"""Why a message did not get through, what to do about it, and whose move it is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext

from django_vonage_messages.admin.status_text import moment, sentence
from django_vonage_messages.models import Message, Source, Status, StatusEvent
from django_vonage_messages.protocol.error_codes import ErrorCode
from django_vonage_messages.protocol.redaction import redact
from django_vonage_messages.services.operations.overdue import is_overdue


@dataclass(frozen=True)
class Problem:
    """Why a message did not get through: what it means, what to do, and whose move it is.

    ``said`` is the API's own reason, where what it means is said in other words.
    """

    title: str
    meaning: str = ""
    advice: str = ""
    whose_move: str = ""
    said: str = ""


def verdicts_of(messages: Iterable[Message]) -> dict[int, str]:
    """Return what the last attempt of each message came to, by the message's id: "" where there
    was none. One query.
    """
    events = StatusEvent.objects.filter(
        message__in=[message.pk for message in messages],
        source=Source.LOCAL,
        status__in=(Status.FAILED, Status.UNCONFIRMED, Status.QUEUED),
    )
    rows = events.order_by("id").values_list("message_id", "payload__verdict")
    return {message_id: verdict or "" for message_id, verdict in rows}


def problem_of(message: Message, verdict: str, *, full: bool) -> Problem | None:
    """Return why a message did not get through, or None if nothing is wrong with it.

    ``verdict`` is that of :func:`verdicts_of`. The status decides: a delivered message may carry an
    error, and has none to show. ``full`` leaves numbers in the API's words as they are.
    """
    if message.status in {Status.DELIVERED, Status.READ, Status.RECEIVED}:
        return None
    said = api_words(message.error_title, message.error_detail, full=full)
    if message.status == Status.UNCONFIRMED:
        return unconfirmed(said)
    if message.status == Status.FAILED:
        return not_sent(verdict, said, message.error_info)
    if message.status == Status.QUEUED:
        return _waiting(message, verdict, said)
    if message.status == Status.EXPIRED:
        return _expired(message)
    if message.status in {Status.SENDING, Status.CANCELLED}:
        return None
    return _reported(message, said)


def api_words(title: str, detail: str, *, full: bool) -> str:
    """Return an error in the API's own words, which may quote a number."""
    said = ": ".join(part for part in (title, detail) if part)
    return said if full else redact(said)


def catalogue(error: ErrorCode) -> Problem:
    """Return what the catalogue says of an error."""
    return Problem(
        title=f"{error.title} ({error.code})",
        meaning=gettext(error.meaning),
        advice=gettext(error.advice),
        whose_move=gettext(error.whose_move.label),
    )


def unconfirmed(said: str = "") -> Problem:
    """Explain an attempt that broke off after the message may have left."""
    return Problem(
        title=gettext("Do not send it again: the customer could get it twice"),
        meaning=said and gettext("What happened: %(said)s.") % {"said": said.rstrip(".")},
        advice=gettext(
            "A status from Vonage may still settle whether it was sent. If none has come after ten "
            "minutes, look it up."
        ),
        whose_move=gettext("Nobody at first: wait for a status. Then you"),
    )


def not_sent(verdict: str, said: str, error: ErrorCode | None = None) -> Problem:
    """Explain an attempt of which it is certain that Vonage accepted nothing.

    ``error`` is what is known of the error in Vonage's answer.
    """
    if verdict == "throttled":
        return Problem(
            title=_slow_down(),
            meaning=said,
            advice=gettext("Wait a minute, then send it again."),
            whose_move=gettext("You: wait, then send it again"),
        )
    if verdict == "not_sent":
        return Problem(
            title=_unreachable(),
            meaning=said,
            advice=gettext(
                "Nothing left this site. Try again in a few minutes; if it keeps happening, tell "
                "the developers of this site."
            ),
            whose_move=gettext("You: wait, then send it again"),
        )
    if verdict == "rejected":
        return _refused(said, error)
    if verdict == "unsendable":
        return Problem(
            title=gettext("It cannot be sent as it is"),
            meaning=said,
            advice=gettext(
                "Nothing left this site, and the same message will not leave it either. Write it "
                "anew; if that fails too, tell the developers of this site."
            ),
            whose_move=gettext("You, or the developers of this site"),
        )
    return Problem(
        title=said or gettext("No reason was given"),
        advice=gettext("If it should still go out, and nothing speaks against it, send it again."),
        whose_move=gettext("You"),
    )


def _refused(said: str, error: ErrorCode | None) -> Problem:
    title = gettext("Vonage refused it")
    if error:
        return replace(catalogue(error), title=title, said=said)
    return Problem(
        title=title,
        meaning=said,
        advice=gettext(
            "The same message will be refused again until the cause is put right. If the "
            "reason is not the number or the text, pass it on to the developers of this site."
        ),
        whose_move=gettext("You, or the developers of this site"),
    )


def _waiting(message: Message, verdict: str, said: str) -> Problem | None:
    """Why a queued message has not left yet, where that needs a word."""
    if is_overdue(message):
        return Problem(
            title=gettext("It should have left by now"),
            advice=gettext(
                "Nothing on this site is sending queued messages. Have “manage.py vonage_worker” "
                "started, or “manage.py vonage_reconcile” run once."
            ),
            whose_move=gettext("Whoever runs this site"),
        )
    if not verdict:
        return None
    title = _slow_down() if verdict == "throttled" else _unreachable()
    return Problem(
        title=gettext("The last attempt failed: %(why)s") % {"why": title},
        meaning=said,
        advice=gettext("Vonage has accepted nothing, and it is tried again by itself."),
        whose_move=gettext("Nobody: it is tried again by itself"),
    )


def _expired(message: Message) -> Problem:
    limit = moment(message.expires_at) if message.expires_at else "?"
    return Problem(
        title=gettext("It could not be sent before it expired"),
        meaning=sentence(gettext("It was only to be sent before %(moment)s") % {"moment": limit}),
        advice=gettext("If it should still go out, send it again."),
        whose_move=gettext("You"),
    )


def _slow_down() -> str:
    return gettext("Vonage asked this site to slow down")


def _unreachable() -> str:
    return gettext("Vonage could not be reached")


def _reported(message: Message, said: str) -> Problem | None:
    """What a status webhook said of a message, where it said anything."""
    if error := message.error_info:
        return catalogue(error)
    if not message.has_failed and not said:
        return None
    code = f" ({message.error_code})" if message.error_code else ""
    return Problem(
        title=f"{said}{code}" if said else gettext("No reason was given") + code,
        advice=gettext("This reason is not in our catalogue of errors; Vonage support knows it."),
    )
