"""Check whether recipients are suppressed, and lift suppressions."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from django_vonage_messages.exceptions import RecipientSuppressed
from django_vonage_messages.models import Suppression
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.services.db.transactions import primary

SUPPRESSED_TITLE: Final = "The recipient is suppressed"


def is_suppressed(address: str, channel: str, our_address: str) -> bool:
    """Return whether ``our_address`` must not send to ``address`` on ``channel``."""
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
    """Raise RecipientSuppressed if one of the recipients is suppressed."""
    # A recipient is an address, a channel and our address.
    if any(is_suppressed(*recipient) for recipient in recipients):
        raise RecipientSuppressed({"to": ["This recipient is suppressed."]})


def lift(suppression: Suppression, user: Any) -> bool:
    """Lift a suppression, or return False if it was already lifted."""
    return bool(
        primary(Suppression)
        .filter(pk=suppression.pk, lifted_at=None)
        .update(lifted_at=timezone.now(), lifted_by=user)
    )
