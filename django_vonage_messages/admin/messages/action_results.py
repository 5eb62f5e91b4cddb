"""Texts for the results of staff actions: done, failed or unknown."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext

from django_vonage_messages import exceptions
from django_vonage_messages.admin.messages.failures import (
    Failure,
    error_text,
    not_sent,
    unconfirmed,
)
from django_vonage_messages.admin.status_text import sentence
from django_vonage_messages.models import FailureReason, Message
from django_vonage_messages.protocol.error_codes import get_http_error
from django_vonage_messages.protocol.redaction import redact

SendError = exceptions.VonageMessagesError | ImproperlyConfigured
"""The exceptions that send_message() raises."""


@dataclass(frozen=True)
class ActionResult:
    """The result of an action, for the user."""

    level: int
    title: str
    meaning: str = ""
    advice: str = ""
    keep_text: bool = False  # True if the reply form must show the unsent text again

    def __str__(self) -> str:
        parts = (self.title, self.meaning, self.advice)
        return " ".join(sentence(part) for part in parts if part)


@dataclass(frozen=True)
class PerformedAction:
    """The result of an action, and the Message whose page is shown next."""

    result: ActionResult
    message: Message
    log_note: str = ""  # for Django's admin log


def success(title: str, advice: str = "") -> ActionResult:
    return ActionResult(messages.SUCCESS, title, advice=advice)


def info(title: str, advice: str = "") -> ActionResult:
    return ActionResult(messages.INFO, title, advice=advice)


def error(title: str, advice: str = "") -> ActionResult:
    return ActionResult(messages.ERROR, title, advice=advice)


def nothing_sent(title: str, failure: Failure) -> ActionResult:
    parts = (failure.title, failure.vonage_text, failure.meaning)
    meaning = " ".join(sentence(part) for part in parts if part)
    return ActionResult(messages.ERROR, title, meaning, failure.advice, keep_text=True)


def maybe_sent(title: str, exc: SendError, *, full: bool) -> ActionResult:
    failure = unconfirmed(_error_text(exc, full=full))
    title = f"{title}. {failure.title}"
    return ActionResult(messages.WARNING, title, failure.meaning, failure.advice)


def send_failure(exc: SendError, *, full: bool) -> Failure | None:
    """Return the reason why the message was not sent, or None if it is unconfirmed."""
    match exc:
        case ImproperlyConfigured():
            return _misconfigured(exc)
        case exceptions.RecipientSuppressed():
            return _suppressed()
        case exceptions.InvalidMessage():
            return Failure(" ".join(exc.messages))
        case exceptions.RateLimited():
            return not_sent(FailureReason.THROTTLED, _error_text(exc, full=full))
        case exceptions.ConnectionFailed():
            return not_sent(FailureReason.NOT_SENT, _error_text(exc, full=full))
        case exceptions.MessageRejected():
            return not_sent(
                FailureReason.REJECTED, _error_text(exc, full=full), get_http_error(exc.code)
            )
        case exceptions.RecipientNotAllowed():
            return not_sent(FailureReason.NOT_ALLOWED, "")
        case exceptions.MessageNotSent():
            return not_sent("", _error_text(exc, full=full))
    return None


def _error_text(exc: SendError, *, full: bool) -> str:
    if isinstance(exc, ImproperlyConfigured):
        return ""
    return error_text(exc.title, exc.detail, full=full)


def _suppressed() -> Failure:
    return Failure(
        gettext("You cannot message this customer: a suppression is in force"),
        advice=gettext(
            "The suppression can be lifted if the customer has agreed to receive messages again."
        ),
    )


def _misconfigured(exc: ImproperlyConfigured) -> Failure:
    return Failure(
        gettext("The settings of this site are incomplete or wrong"),
        redact(str(exc)),
        gettext("Tell the developers."),
    )
