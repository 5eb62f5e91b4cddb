"""Texts for several admin pages: statuses, authors and times."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models import HeldReason, Message, Status

LazyText = str | Promise

_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END_OF_ISOLATE: Final = "\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True)
class StatusText:
    """Label, meaning, icon and color of a status."""

    label: LazyText
    meaning: LazyText
    icon: str
    tone: str  # "muted", "success", "warning" or "error"


_STATUSES: Final[Mapping[str, tuple[LazyText, str, str]]] = {
    Status.QUEUED: (_("Waiting to be sent."), "…", "muted"),
    Status.STANDBY: (_("Another message is tried first."), "…", "muted"),
    Status.SENDING: (_("Being sent now."), "…", "muted"),
    Status.UNCONFIRMED: (_("It is not known whether Vonage has the message."), "?", "warning"),
    Status.FAILED: (_("The customer did not get the message."), "✕", "error"),
    Status.EXPIRED: (_("It was not sent in time."), "✕", "error"),
    Status.CANCELLED: (_("It was not sent."), "✕", "error"),
    Status.ACCEPTED: (_("Vonage has it."), "→", "muted"),
    Status.SUBMITTED: (_("Not delivered yet."), "→", "muted"),
    Status.REJECTED: (_("Vonage or the carrier rejected it."), "✕", "error"),
    Status.UNDELIVERABLE: (_("It could not be delivered."), "✕", "error"),
    Status.DELIVERED: (_("It arrived on the customer’s phone."), "✓", "success"),
    Status.READ: (_("The customer opened it."), "✓✓", "success"),
    Status.RECEIVED: (_("From the customer."), "←", "muted"),
}


def status_text(status: str) -> StatusText:
    """Return the label, meaning, icon and color of a status."""
    if status not in _STATUSES:
        return StatusText(status, _("This site does not know this status."), "•", "muted")
    meaning, icon, tone = _STATUSES[status]
    return StatusText(Status(status).label, meaning, icon, tone)


_WITH_VONAGE: Final = frozenset({Status.ACCEPTED, Status.SUBMITTED, Status.DELIVERED, Status.READ})
_HELD: Final[Mapping[str, LazyText]] = {
    HeldReason.HOLD: _("Held: by the operators"),
    HeldReason.NOT_ALLOWED: _("Held: recipient not allowed"),
}


def message_status_text(message: Message) -> StatusText:
    """Return the texts of a message's status, also if the message is held or redirected."""
    if message.is_held:
        label = held_text(message.held_reason)
        return StatusText(label, _("It is not sent for now."), "‖", "warning")
    text = status_text(message.status)
    if not message.redirected_to or message.started_at is None:
        return text
    label = gettext("%(status)s (redirected)") % {"status": text.label}
    if message.status not in _WITH_VONAGE:
        return replace(text, label=label)
    meaning = _("It was sent to the address in REDIRECT_TO, not to the customer.")
    return replace(text, label=label, meaning=meaning)


def held_text(reason: str) -> LazyText:
    """Return the label of a reason why messages are held."""
    return _HELD.get(reason) or f"{gettext('Held:')} {reason}"


def show_status(text: StatusText) -> SafeString:
    """Return the icon and the label of a status as HTML."""
    return format_html(
        '<strong class="vonage-status vonage-status-{}">'
        '<span aria-hidden="true">{}</span> {}</strong>',
        text.tone,
        text.icon,
        text.label,
    )


def author_of(message: Message) -> str:
    """Return "Customer", "Automatic", or the name of the user who wrote the message."""
    if message.is_inbound:
        return gettext("Customer")
    if message.is_automatic:
        return gettext("Automatic")
    return staff_name(message.created_by)


def staff_name(user: Any) -> str:
    """Return the name of a user, or "Deleted user" for None."""
    if user is None:
        return gettext("Deleted user")
    full_name = getattr(user, "get_full_name", str)()
    return full_name or str(user)


def format_time(when: datetime) -> str:
    """Return the local date and time."""
    # The marks keep the order of the characters in right-to-left text.
    return _ISOLATE + date_format(localtime(when), "DATETIME_FORMAT") + _END_OF_ISOLATE


def sentence(text: str) -> str:
    """Return the text, with a full stop if it has no end mark."""
    has_end = text.rstrip(_END_OF_ISOLATE).endswith((".", "!", "?", "…"))
    return text if has_end else f"{text}."
