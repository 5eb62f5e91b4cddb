"""Who must not be messaged."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from django_vonage_messages.exceptions import RecipientSuppressed
from django_vonage_messages.models import Suppression
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.services.db.transactions import primary

SUPPRESSED_TITLE: Final = "The recipient must not be messaged: a suppression is in force"


def is_suppressed(address: str, channel: str, our_address: str) -> bool:
    """Whether a suppression in force forbids a message to ``address`` from ``our_address``."""
    return (
        primary(Suppression)
        .filter(
            Q(channel="") | Q(channel=channel),
            Q(our_address="") | Q(our_address=our_address),
            address_key=key_of(address),
            lifted_at=None,
        )
        .exists()
    )


def refuse_suppressed(recipients: Iterable[tuple[str, str, str]]) -> None:
    """Raise RecipientSuppressed if any of these must not be messaged.

    A recipient is an address, a channel, and our address that the message would come from.
    """
    if any(is_suppressed(*recipient) for recipient in recipients):
        raise RecipientSuppressed(
            {"to": ["This recipient must not be messaged: a suppression is in force."]}
        )


def lift(suppression: Suppression, user: Any) -> bool:
    """End a suppression, and record who did; return False if it had ended already."""
    return bool(
        primary(Suppression)
        .filter(pk=suppression.pk, lifted_at=None)
        .update(lifted_at=timezone.now(), lifted_by=user)
    )
