"""Admin actions that send a read receipt or revoke a message."""

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
    done: str
    already_done: str
    failed: str
    unconfirmed: str
    log_note: str  # change message of the LogEntry


def update_text(message: Message) -> str:
    """Return a text about the revocation or the read receipt, or "" if neither exists."""
    if message.revoked_at:
        text = gettext("Revoked: %(moment)s") % {"moment": format_time(message.revoked_at)}
        limits = gettext("The customer might have read the message, or might still see it.")
        return f"{sentence(text)} {limits}"
    if message.marked_read_at:
        text = gettext("Read receipt sent: %(moment)s")
        return sentence(text % {"moment": format_time(message.marked_read_at)})
    return ""


def perform_update(name: str, message: Message, *, full: bool) -> PerformedAction:
    """Send a read receipt or revoke the message, and return the result for staff."""
    texts = _mark_read_texts() if name == MARK_READ else _revoke_texts()
    update: Callable[[Message], None] = mark_message_read if name == MARK_READ else revoke_message
    if message.marked_read_at or message.revoked_at:
        return PerformedAction(info(texts.already_done), message)
    try:
        update(message)
    except exceptions.UpdateUnconfirmed as exc:
        meaning = error_text(exc.title, exc.detail, full=full)
        advice = gettext("You can safely try again.")
        result = ActionResult(messages.WARNING, texts.unconfirmed, meaning, advice)
        return PerformedAction(result, message)
    except (exceptions.VonageMessagesError, ImproperlyConfigured) as exc:
        return PerformedAction(nothing_sent(texts.failed, _failure(exc, full=full)), message)
    return PerformedAction(success(texts.done), message, texts.log_note)


def _failure(exc: Exception, *, full: bool) -> Failure:
    tell_developers = gettext("Tell the developers.")
    if not isinstance(exc, exceptions.UpdateFailed):
        return Failure(redact(str(exc)), advice=tell_developers)
    error = error_text(exc.title, exc.detail, full=full)
    match exc.reason:
        case FailureReason.THROTTLED:
            title = gettext("Vonage’s rate limit was reached")
            return Failure(title, error, gettext("Wait a minute, then try again."))
        case FailureReason.NOT_SENT:
            advice = gettext(
                "Try again in a few minutes. If this keeps happening, tell the developers."
            )
            return Failure(gettext("Vonage could not be reached"), error, advice)
    return Failure(gettext("Vonage rejected the request"), error, tell_developers)


def _mark_read_texts() -> _ResultTexts:
    return _ResultTexts(
        done=gettext("Read receipt sent"),
        already_done=gettext("Read receipt already sent"),
        failed=gettext("Read receipt not sent"),
        unconfirmed=gettext("Not known if the read receipt was sent"),
        log_note=gettext("Sent a read receipt."),
    )


def _revoke_texts() -> _ResultTexts:
    return _ResultTexts(
        done=gettext("Message revoked"),
        already_done=gettext("Already revoked"),
        failed=gettext("Not revoked"),
        unconfirmed=gettext("Not known if the message was revoked"),
        log_note=gettext("Revoked."),
    )


UPDATES: Final = frozenset({MARK_READ, REVOKE})
