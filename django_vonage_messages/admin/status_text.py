"""Texts about messages that several pages share: status, author, times and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models import Message, Status

LazyText = str | Promise

_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END_OF_ISOLATE: Final = "\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True)
class StatusText:
    """A status for staff. ``icon`` and ``tone`` (muted, success, warning, error) repeat it."""

    label: LazyText
    meaning: LazyText
    icon: str
    tone: str


_STATUSES: Final[Mapping[str, tuple[LazyText, str, str]]] = {
    Status.QUEUED: (_("It is waiting to be sent."), "…", "muted"),
    Status.STANDBY: (_("It waits for its turn, which may not come."), "…", "muted"),
    Status.SENDING: (_("It is being sent right now."), "…", "muted"),
    Status.UNCONFIRMED: (_("It is not known whether Vonage accepted it."), "?", "warning"),
    Status.FAILED: (_("It was not sent."), "✕", "error"),
    Status.EXPIRED: (_("It was not sent in time, and will not be sent."), "✕", "error"),
    Status.CANCELLED: (_("It was cancelled before it was sent."), "✕", "error"),
    Status.ACCEPTED: (_("Vonage has it. It is not known to have arrived yet."), "→", "muted"),
    Status.SUBMITTED: (_("It is with the carrier, but not known to have arrived."), "→", "muted"),
    Status.REJECTED: (_("It did not reach the customer."), "✕", "error"),
    Status.UNDELIVERABLE: (_("It could not be delivered to the customer."), "✕", "error"),
    Status.DELIVERED: (_("It arrived on the customer’s phone."), "✓", "success"),
    Status.READ: (_("The customer has opened it."), "✓✓", "success"),
    Status.RECEIVED: (_("It came from the customer."), "←", "muted"),
}


def status_text(status: str) -> StatusText:
    """Return the text for a status; a status that this version does not know is its own label."""
    if status not in _STATUSES:
        return StatusText(status, _("Vonage’s own word."), "•", "muted")
    meaning, icon, tone = _STATUSES[status]
    return StatusText(Status(status).label, meaning, icon, tone)


def show_status(text: StatusText) -> SafeString:
    """Return a status as HTML: its icon and its label."""
    return format_html(
        '<strong class="vonage-status vonage-status-{}">'
        '<span aria-hidden="true">{}</span> {}</strong>',
        text.tone,
        text.icon,
        text.label,
    )


def author_of(message: Message) -> str:
    """Return the author of a message: the customer, a member of staff by name, or a program."""
    if message.is_inbound:
        return gettext("Customer")
    if message.is_automatic:
        return gettext("Automatic")
    return staff_name(message.created_by)


def staff_name(user: Any) -> str:
    """Return the name of a member of staff; None stands for a deleted account."""
    if user is None:
        return gettext("Staff (account deleted)")
    full_name = getattr(user, "get_full_name", str)()
    return full_name or str(user)


def format_time(when: datetime) -> str:
    """Return a local date and time for use within a sentence.

    The text is isolated, so that it keeps its order in a sentence of the other direction.
    """
    return _ISOLATE + date_format(localtime(when), "DATETIME_FORMAT") + _END_OF_ISOLATE


def sentence(text: str) -> str:
    """Return a text with a full stop, unless it ends with one (a time may: "9 a.m.")."""
    has_end = text.rstrip(_END_OF_ISOLATE).endswith((".", "!", "?", "…"))
    return text if has_end else f"{text}."
