"""What became of something that staff asked for, in words."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext

from django_vonage_messages import exceptions
from django_vonage_messages.admin.messages.failures import Problem, api_words, not_sent, unconfirmed
from django_vonage_messages.admin.status_text import sentence
from django_vonage_messages.protocol.error_codes import find_http_error
from django_vonage_messages.protocol.redaction import redact

Failure = exceptions.VonageMessagesError | ImproperlyConfigured
"""What sending raises; see send_message()."""


@dataclass(frozen=True)
class Answer:
    """What became of it. ``keep_text``: nothing was sent, and the text may be sent again."""

    level: int
    words: Problem
    keep_text: bool = False

    def __str__(self) -> str:
        parts = (self.words.title, self.words.meaning, self.words.advice)
        return " ".join(sentence(part) for part in parts if part)


def good(title: str, advice: str = "") -> Answer:
    return Answer(messages.SUCCESS, Problem(title, advice=advice))


def neutral(title: str, advice: str = "") -> Answer:
    return Answer(messages.INFO, Problem(title, advice=advice))


def bad(title: str, advice: str = "") -> Answer:
    return Answer(messages.ERROR, Problem(title, advice=advice))


def nothing_sent(title: str, why: Problem) -> Answer:
    """Say first that nothing was sent, then why."""
    meaning = " ".join(sentence(part) for part in (why.title, why.said, why.meaning) if part)
    return Answer(messages.ERROR, Problem(title, meaning, why.advice), keep_text=True)


def maybe_sent(title: str, exc: Failure, *, full: bool) -> Answer:
    """Say that it may have been sent, and what happened."""
    why = unconfirmed(_said(exc, full=full))
    return Answer(messages.WARNING, Problem(f"{title}. {why.title}", why.meaning, why.advice))


def why_not_sent(exc: Failure, *, full: bool) -> Problem | None:
    """Return why certainly nothing was sent, or None if something may have been.

    ``full`` leaves numbers in the API's words as they are.
    """
    match exc:
        case ImproperlyConfigured():
            return _misconfigured(exc)
        case exceptions.RecipientSuppressed():
            return _suppressed()
        case exceptions.InvalidMessage():
            return Problem(" ".join(exc.messages))
        case exceptions.RateLimited():
            return not_sent("throttled", _said(exc, full=full))
        case exceptions.ConnectionFailed():
            return not_sent("not_sent", _said(exc, full=full))
        case exceptions.MessageRejected():
            return not_sent("rejected", _said(exc, full=full), find_http_error(exc.code))
        case exceptions.MessageNotSent():
            return not_sent("", _said(exc, full=full))
    return None


def _said(exc: Failure, *, full: bool) -> str:
    if isinstance(exc, ImproperlyConfigured):
        return ""
    return api_words(exc.title, exc.detail, full=full)


def _suppressed() -> Problem:
    return Problem(
        gettext("This customer must not be messaged: a suppression is in force"),
        advice=gettext("If the customer has since agreed, have the suppression lifted first."),
    )


def _misconfigured(exc: ImproperlyConfigured) -> Problem:
    return Problem(
        gettext("This site’s settings do not allow it to send from this conversation"),
        redact(str(exc)),
        gettext("Pass this on to the developers of this site."),
    )
