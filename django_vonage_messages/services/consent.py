"""Who must not be messaged."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from django_vonage_messages.exceptions import RecipientSuppressed
from django_vonage_messages.models import Suppression
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.services.prepare import Prepared


def refuse_suppressed(prepared: Prepared, using: str) -> None:
    """Raise RecipientSuppressed if the recipient must not be messaged by this sender."""
    suppressed = Suppression.objects.using(using).filter(
        Q(channel="") | Q(channel=prepared.channel.name),
        Q(our_address="") | Q(our_address=prepared.sender),
        address_key=key_of(prepared.to),
        lifted_at=None,
    )
    if suppressed.exists():
        raise RecipientSuppressed(
            {"to": ["This recipient must not be messaged: a suppression is in force."]}
        )


def lift(suppression: Suppression, user: Any) -> bool:
    """End a suppression, and record who did; return False if it had ended already."""
    return bool(
        Suppression.objects.filter(pk=suppression.pk, lifted_at=None).update(
            lifted_at=timezone.now(), lifted_by=user
        )
    )
