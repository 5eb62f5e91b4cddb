"""Texts that several pages share: statuses, authors, times and sentences."""

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
    """A status in the words of staff. ``tone`` is muted, success, warning or error."""

    label: LazyText
    meaning: LazyText
    icon: str
    tone: str


_STATUSES: Final[Mapping[str, StatusText]] = {
    Status.QUEUED: StatusText(_("Queued"), _("Waiting to be sent."), "…", "muted"),
    Status.STANDBY: StatusText(_("On standby"), _("Another message goes first."), "…", "muted"),
    Status.SENDING: StatusText(_("Sending"), _("Being sent now."), "…", "muted"),
    Status.UNCONFIRMED: StatusText(
        _("Not known if sent"), _("Vonage may or may not have it."), "?", "warning"
    ),
    Status.FAILED: StatusText(_("Not sent"), _("The customer did not get it."), "✕", "error"),
    Status.EXPIRED: StatusText(_("Expired"), _("It was not sent in time."), "✕", "error"),
    Status.CANCELLED: StatusText(_("Cancelled"), _("It was not sent."), "✕", "error"),
    Status.ACCEPTED: StatusText(_("Sent"), _("Vonage has it."), "→", "muted"),
    Status.SUBMITTED: StatusText(_("Sent to carrier"), _("Not delivered yet."), "→", "muted"),
    Status.REJECTED: StatusText(
        _("Did not arrive"), _("Vonage or the carrier rejected it."), "✕", "error"
    ),
    Status.UNDELIVERABLE: StatusText(
        _("Did not arrive"), _("It could not be delivered."), "✕", "error"
    ),
    Status.DELIVERED: StatusText(
        _("Delivered"), _("It arrived on the customer’s phone."), "✓", "success"
    ),
    Status.READ: StatusText(_("Read"), _("The customer opened it."), "✓✓", "success"),
    Status.RECEIVED: StatusText(_("Received"), _("From the customer."), "←", "muted"),
}


def status_text(status: str) -> StatusText:
    """Return the text for a status. The label of an unknown status is the status itself."""
    unknown = StatusText(status, _("Vonage sent this status."), "•", "muted")
    return _STATUSES.get(status, unknown)


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
    """Return the author of a message: the customer, automatic, or the name of a user."""
    if message.is_inbound:
        return gettext("Customer")
    if message.is_automatic:
        return gettext("Automatic")
    return staff_name(message.created_by)


def staff_name(user: Any) -> str:
    """Return the name of a user, or of a deleted user for None."""
    if user is None:
        return gettext("Deleted user")
    full_name = getattr(user, "get_full_name", str)()
    return full_name or str(user)


def format_time(when: datetime) -> str:
    """Return a local date and time for a sentence, isolated for right-to-left text."""
    return _ISOLATE + date_format(localtime(when), "DATETIME_FORMAT") + _END_OF_ISOLATE


def sentence(text: str) -> str:
    """Add a full stop unless the text ends with one, as "9 a.m." does."""
    has_end = text.rstrip(_END_OF_ISOLATE).endswith((".", "!", "?", "…"))
    return text if has_end else f"{text}."
