"""What a status means, and who wrote, in words for whoever writes to customers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.models import Status

Words = str | Promise


_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END_OF_ISOLATE: Final = "\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True)
class StatusWords:
    """A status for people. ``icon`` and ``tone`` (quiet, good, bad, doubt) repeat what it says."""

    label: Words
    meaning: Words
    icon: str
    tone: str


_WORDS: Final[Mapping[str, tuple[Words, str, str]]] = {
    Status.QUEUED: (_("It is waiting to be sent."), "…", "quiet"),
    Status.STANDBY: (_("It waits for its turn, which may not come."), "…", "quiet"),
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


def name_of(user: Any) -> str:
    """Return a member of staff by name; None is one whose account was deleted."""
    if user is None:
        return gettext("Staff (account deleted)")
    full_name = getattr(user, "get_full_name", str)()
    return full_name or str(user)


def moment(when: datetime) -> str:
    """Return a date and time as people write them, where they are, for use within a sentence.

    It is isolated, so that it keeps its order where the sentence runs the other way.
    """
    return _ISOLATE + date_format(localtime(when), "DATETIME_FORMAT") + _END_OF_ISOLATE


def sentence(text: str) -> str:
    """Return a text with a full stop, unless it ends with one (a time may: "9 a.m.")."""
    ends = text.rstrip(_END_OF_ISOLATE).endswith((".", "!", "?", "…"))
    return text if ends else f"{text}."
