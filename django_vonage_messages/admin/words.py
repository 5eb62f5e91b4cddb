"""What a status and a failure mean, in words for whoever writes to customers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models import Message, Source, Status, StatusEvent
from django_vonage_messages.protocol.error_codes import ErrorCode
from django_vonage_messages.protocol.redaction import redact

Words = str | Promise


@dataclass(frozen=True)
class StatusWords:
    """A status for people. ``icon`` and ``tone`` (quiet, good, bad, doubt) repeat what it says."""

    label: Words
    meaning: Words
    icon: str
    tone: str


@dataclass(frozen=True)
class Problem:
    """Why a message did not get through: what it means, what to do, and whose move it is."""

    title: str
    meaning: str = ""
    advice: str = ""
    whose_move: str = ""


_WORDS: Final[Mapping[str, tuple[Words, str, str]]] = {
    Status.QUEUED: (_("It is waiting to be sent."), "…", "quiet"),
    Status.SENDING: (_("It is being sent right now."), "…", "quiet"),
    Status.UNCONFIRMED: (_("It is not known whether Vonage accepted it."), "?", "doubt"),
    Status.FAILED: (_("It was not sent."), "✕", "bad"),
    Status.EXPIRED: (_("It was not sent in time, and will not be sent."), "✕", "bad"),
    Status.CANCELLED: (_("It was cancelled before it was sent."), "✕", "bad"),
    Status.ACCEPTED: (_("Vonage has it. It is not known to have arrived yet."), "→", "quiet"),
    Status.SUBMITTED: (_("It is with the carrier, but not known to have arrived."), "→", "quiet"),
    Status.REJECTED: (_("It did not reach the customer."), "✕", "bad"),
    Status.UNDELIVERABLE: (_("It could not be delivered to the customer."), "✕", "bad"),
    Status.DELIVERED: (_("It arrived on the customer’s phone."), "✓", "good"),
    Status.READ: (_("The customer has opened it."), "✓✓", "good"),
    Status.RECEIVED: (_("It came from the customer."), "←", "quiet"),
}


def status_words(status: str) -> StatusWords:
    """Return a message's status in words; a word that Vonage invents later is shown as it is."""
    if status not in _WORDS:
        return StatusWords(status, _("Vonage’s own word."), "•", "quiet")
    meaning, icon, tone = _WORDS[status]
    return StatusWords(Status(status).label, meaning, icon, tone)


def verdicts_of(messages: Iterable[Message]) -> dict[int, str]:
    """Return what the last attempt of each message came to, by the message's id. One query."""
    events = StatusEvent.objects.filter(
        message__in=[message.pk for message in messages],
        source=Source.LOCAL,
        status__in=(Status.FAILED, Status.UNCONFIRMED),
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
        return not_sent(verdict, said)
    return _reported(message, said)


def api_words(title: str, detail: str, *, full: bool) -> str:
    """Return an error in the API's own words, which may quote a number."""
    said = ": ".join(part for part in (title, detail) if part)
    return said if full else redact(said)


def catalogue(error: ErrorCode) -> Problem:
    """Return what the catalogue says of an error code."""
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
        advice=gettext("A status from Vonage may still settle whether it was sent."),
        whose_move=gettext("Nobody: wait for a status"),
    )


def not_sent(verdict: str, said: str) -> Problem:
    """Explain an attempt of which it is certain that Vonage accepted nothing."""
    if verdict == "throttled":
        return Problem(
            title=gettext("Vonage asked this site to slow down"),
            meaning=said,
            advice=gettext("Wait a minute, then send it again."),
            whose_move=gettext("You: wait, then send it again"),
        )
    if verdict == "not_sent":
        return Problem(
            title=gettext("Vonage could not be reached"),
            meaning=said,
            advice=gettext(
                "Nothing left this site. Try again in a few minutes; if it keeps happening, tell "
                "the developers of this site."
            ),
            whose_move=gettext("You: wait, then send it again"),
        )
    return Problem(
        title=gettext("Vonage refused it"),
        meaning=said,
        advice=gettext(
            "The same message will be refused again until the cause is put right. If the reason "
            "is not the number or the text, pass it on to the developers of this site."
        ),
        whose_move=gettext("You, or the developers of this site"),
    )


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
