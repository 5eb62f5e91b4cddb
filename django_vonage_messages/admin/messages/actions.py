"""Buttons for actions on a message, and the functions that perform the actions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext

from django_vonage_messages import exceptions
from django_vonage_messages.admin.message_content import is_pruned
from django_vonage_messages.admin.messages.action_results import (
    ActionResult,
    PerformedAction,
    error,
    info,
    maybe_sent,
    nothing_sent,
    send_failure,
    success,
)
from django_vonage_messages.admin.messages.updates import (
    MARK_READ,
    REVOKE,
    UPDATES,
    perform_update,
)
from django_vonage_messages.admin.status_text import status_text
from django_vonage_messages.models import Message, Status
from django_vonage_messages.protocol.error_codes import ActionOwner
from django_vonage_messages.services.sending.resend import (
    can_be_resent,
    can_be_settled,
    resend_message,
    settle_message,
)
from django_vonage_messages.services.sending.schedule import can_be_cancelled, cancel_message
from django_vonage_messages.services.sending.updates import can_be_marked_read, can_be_revoked

SEND_AGAIN: Final = "send-again"
CANCEL: Final = "cancel"
WAS_SENT: Final = "was-sent"
WAS_NOT_SENT: Final = "was-not-sent"

ActionUrl = Callable[[Message, str], str]
"""Function that returns the URL of an action, from the message and the action's name."""

_RESEND_IS_USELESS: Final = frozenset({ActionOwner.CUSTOMER, ActionOwner.NOTHING})


@dataclass(frozen=True)
class MessageAction:
    """A button for an action on a message."""

    label: str
    url: str  # receives a POST request


def message_actions(
    message: Message, action_url: ActionUrl, *, was_resent: bool, may_arrive_otherwise: bool
) -> list[MessageAction]:
    """Return the buttons of an outbound message in its current status."""
    names: tuple[str, ...] = ()
    if can_be_cancelled(message):
        names = (CANCEL,)
    elif can_be_settled(message):
        names = (WAS_SENT, WAS_NOT_SENT)
    elif can_be_resent(message, was_resent=was_resent, may_arrive_otherwise=may_arrive_otherwise):
        names = (SEND_AGAIN,)
    return [MessageAction(_label(name, message), action_url(message, name)) for name in names]


def mark_read_action(message: Message, action_url: ActionUrl) -> MessageAction | None:
    """Return the button that sends a read receipt, or None."""
    if not can_be_marked_read(message):
        return None
    label = gettext("Send read receipt")
    return MessageAction(label, action_url(message, MARK_READ))


def revoke_action(message: Message, action_url: ActionUrl) -> MessageAction | None:
    """Return the button that revokes a message, or None if the message cannot be revoked."""
    if not can_be_revoked(message):
        return None
    return MessageAction(gettext("Revoke message"), action_url(message, REVOKE))


def perform_action(name: str, message: Message, *, user: Any, full: bool) -> PerformedAction:
    """Perform an action on a message."""
    if name in UPDATES:
        return perform_update(name, message, full=full)
    return _PERFORM[name](message, user, full)


def _label(name: str, message: Message) -> str:
    error_info = message.error_info
    if name == SEND_AGAIN and error_info and error_info.owner in _RESEND_IS_USELESS:
        return gettext("Send again anyway")
    return {
        SEND_AGAIN: gettext("Send again"),
        CANCEL: gettext("Cancel message"),
        WAS_SENT: gettext("Vonage has it"),
        WAS_NOT_SENT: gettext("Vonage does not have it"),
    }[name]


def _send_again(message: Message, user: Any, full: bool) -> PerformedAction:
    if earlier := message.resends.order_by("id").first():
        return PerformedAction(_already_resent(earlier), earlier)
    not_again = gettext("Not sent again")
    if is_pruned(message):
        reason = gettext("The content is no longer stored.")
        return PerformedAction(error(not_again, reason), message)
    try:
        resend = resend_message(message, created_by=user)
    except exceptions.NotResendable:
        message.refresh_from_db()
        return PerformedAction(error(not_again, _current_status(message)), message)
    except (exceptions.VonageMessagesError, ImproperlyConfigured) as exc:
        stored = getattr(exc, "message", None)
        performed = PerformedAction(_resend_failed(exc, full), stored or message)
        return replace(performed, log_note=gettext("Sent again.")) if stored else performed
    return _resent(resend)


def _resent(resend: Message) -> PerformedAction:
    if resend.status == Status.SENDING:
        return PerformedAction(_already_resent(resend), resend)
    if resend.status == Status.QUEUED:
        result = info(gettext("Queued. The message will be sent again shortly"))
    else:
        result = success(gettext("Sent again"))
    return PerformedAction(result, resend, gettext("Sent again."))


def _already_resent(resend: Message) -> ActionResult:
    if resend.status == Status.SENDING:
        return info(gettext("The message is already being sent again. Nothing else was sent"))
    return info(gettext("The message was already sent again. Nothing was sent now"))


def _resend_failed(exc: Any, full: bool) -> ActionResult:
    if failure := send_failure(exc, full=full):
        return nothing_sent(gettext("Not sent again"), failure)
    title = gettext("Not known if the message was sent again")
    return maybe_sent(title, exc, full=full)


def _cancel(message: Message, _user: Any, _full: bool) -> PerformedAction:
    if cancel_message(message):
        result = success(gettext("Message cancelled"))
        return PerformedAction(result, message, gettext("Cancelled."))
    if message.status == Status.CANCELLED:
        return PerformedAction(info(gettext("Already cancelled")), message)
    result = error(gettext("Too late to cancel"), _current_status(message))
    return PerformedAction(result, message)


def _was_sent(message: Message, user: Any, _full: bool) -> PerformedAction:
    if not settle_message(message, "accepted", settled_by=user):
        return _already_final(message)
    result = success(
        gettext("Outcome recorded: Vonage has the message"),
        gettext("A status that Vonage sends later replaces this outcome."),
    )
    return PerformedAction(result, message, gettext("Outcome recorded: Vonage has the message."))


def _was_not_sent(message: Message, user: Any, _full: bool) -> PerformedAction:
    if not settle_message(message, "failed", settled_by=user):
        return _already_final(message)
    result = success(
        gettext("Outcome recorded: Vonage does not have the message"),
        gettext(
            "You can now send the message again. A status that Vonage sends later replaces this "
            "outcome."
        ),
    )
    log_note = gettext("Outcome recorded: Vonage does not have the message.")
    return PerformedAction(result, message, log_note)


def _already_final(message: Message) -> PerformedAction:
    result = info(gettext("The outcome is already known"), _current_status(message))
    return PerformedAction(result, message)


def _current_status(message: Message) -> str:
    label = status_text(message.status).label
    return gettext("The status is now “%(status)s”.") % {"status": label}


_PERFORM: Final[dict[str, Callable[[Message, Any, bool], PerformedAction]]] = {
    SEND_AGAIN: _send_again,
    CANCEL: _cancel,
    WAS_SENT: _was_sent,
    WAS_NOT_SENT: _was_not_sent,
}
ACTIONS: Final = frozenset({*_PERFORM, *UPDATES})
"""The names of all actions. The URL of an action ends with the name."""
