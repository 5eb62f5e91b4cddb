"""Actions that update a message at Vonage: mark it as read for the customer, or revoke it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext

from django_vonage_messages import exceptions
from django_vonage_messages.admin.messages.action_results import (
    ActionResult,
    PerformedAction,
    info,
    nothing_sent,
    success,
)
from django_vonage_messages.admin.messages.failures import Failure, error_text
from django_vonage_messages.admin.status_text import format_time, sentence
from django_vonage_messages.models import FailureReason, Message
from django_vonage_messages.protocol.redaction import redact
from django_vonage_messages.services.sending.updates import mark_message_read, revoke_message

MARK_READ: Final = "mark-read"
REVOKE: Final = "revoke"


@dataclass(frozen=True)
class _ResultTexts:
    """Titles of the possible results of an update, and the note for the log."""

    done: str
    already_done: str
    failed: str
    unconfirmed: str
    log_note: str


def update_text(message: Message) -> str:
    """Return when a message was revoked or marked as read, or ""."""
    if message.revoked_at:
        text = gettext("Revoked at %(moment)s") % {"moment": format_time(message.revoked_at)}
        limits = gettext(
            "Vonage takes it back where that is still possible; the customer may have read it."
        )
        return f"{sentence(text)} {limits}"
    if message.marked_read_at:
        text = gettext("The customer was told that it was read, at %(moment)s")
        return sentence(text % {"moment": format_time(message.marked_read_at)})
    return ""


def perform_update(name: str, message: Message, *, full: bool) -> PerformedAction:
    """Perform MARK_READ or REVOKE. A second request changes nothing, and the result says so.

    ``full`` leaves numbers in Vonage's error unmasked.
    """
    texts = _mark_read_texts() if name == MARK_READ else _revoke_texts()
    update: Callable[[Message], None] = mark_message_read if name == MARK_READ else revoke_message
    if message.marked_read_at or message.revoked_at:
        return PerformedAction(info(texts.already_done), message)
    try:
        update(message)
    except exceptions.UpdateUnconfirmed as exc:
        meaning = error_text(exc.title, exc.detail, full=full)
        advice = gettext("Pressing the button again does no harm.")
        result = ActionResult(messages.WARNING, texts.unconfirmed, meaning, advice)
        return PerformedAction(result, message)
    except (exceptions.VonageMessagesError, ImproperlyConfigured) as exc:
        return PerformedAction(nothing_sent(texts.failed, _failure(exc, full=full)), message)
    return PerformedAction(success(texts.done), message, texts.log_note)


def _failure(exc: Exception, *, full: bool) -> Failure:
    tell_developers = gettext("Pass this on to the developers of this site.")
    if not isinstance(exc, exceptions.UpdateFailed):
        return Failure(redact(str(exc)), advice=tell_developers)
    error = error_text(exc.title, exc.detail, full=full)
    match exc.reason:
        case FailureReason.THROTTLED:
            title = gettext("Vonage asked this site to slow down")
            return Failure(title, error, gettext("Wait a minute, then press the button again."))
        case FailureReason.NOT_SENT:
            advice = gettext(
                "Try again in a few minutes; if it keeps happening, tell the developers of this "
                "site."
            )
            return Failure(gettext("Vonage could not be reached"), error, advice)
    return Failure(gettext("Vonage refused it"), error, tell_developers)


def _mark_read_texts() -> _ResultTexts:
    return _ResultTexts(
        done=gettext("Vonage tells the customer that it was read"),
        already_done=gettext("The customer had already been told that it was read"),
        failed=gettext("The customer could not be told that it was read"),
        unconfirmed=gettext("It is not known whether the customer was told that it was read"),
        log_note=gettext("Told the customer that it was read."),
    )


def _revoke_texts() -> _ResultTexts:
    return _ResultTexts(
        done=gettext("Vonage takes it back where that is still possible"),
        already_done=gettext("It had already been revoked"),
        failed=gettext("It could not be revoked"),
        unconfirmed=gettext("It is not known whether it was revoked"),
        log_note=gettext("Revoked."),
    )


UPDATES: Final = frozenset({MARK_READ, REVOKE})
