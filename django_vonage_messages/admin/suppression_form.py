"""The form that adds a suppression, with its addresses as they are stored."""

from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from django_vonage_messages.admin.addresses import regions
from django_vonage_messages.models import Suppression
from django_vonage_messages.protocol.addresses import InvalidAddress
from django_vonage_messages.protocol.channels import (
    SMS,
    Channel,
    get_channel,
    normalize_recipient,
    normalize_sender_address,
)

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Suppression]
else:
    # ModelForm is generic for type checkers only.
    _ModelForm = forms.ModelForm


class SuppressionForm(_ModelForm):
    def clean_address(self) -> str:
        try:
            return normalize_recipient(self._channel(), self.cleaned_data["address"], _region())
        except InvalidAddress as exc:
            raise ValidationError(gettext(str(exc))) from exc

    def clean_our_address(self) -> str:
        sender: str = self.cleaned_data["our_address"]
        if not sender:
            return ""
        try:
            return normalize_sender_address(self._channel(), sender, _region())
        except InvalidAddress as exc:
            raise ValidationError(gettext(str(exc))) from exc

    def _channel(self) -> Channel:
        """The channel that was posted, whose addresses may be ids; every one means numbers."""
        return get_channel(str(self.data.get(self.add_prefix("channel"), ""))) or SMS


def _region() -> str | None:
    """The region in which a leading 0 is read: only one on which all accounts agree."""
    known = regions()
    return next(iter(known)) if len(known) == 1 else None
