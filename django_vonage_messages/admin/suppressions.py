"""Admin pages of suppressions."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.addresses import matches_number, regions, show_address
from django_vonage_messages.admin.base import ObjectAction, VonageAdmin
from django_vonage_messages.admin.filters import InForceFilter
from django_vonage_messages.admin.permissions import admin_url, may_see_full_addresses
from django_vonage_messages.models import Suppression
from django_vonage_messages.protocol.addresses import InvalidAddress
from django_vonage_messages.protocol.channels import (
    SMS,
    Channel,
    get_channel,
    normalize_recipient,
    normalize_sender_address,
)
from django_vonage_messages.services.history.suppressions import lift

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Suppression]
else:
    # At runtime, ModelForm is not generic.
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
        # A suppression on all channels is for a phone number, so the rules of SMS apply.
        return get_channel(str(self.data.get(self.add_prefix("channel"), ""))) or SMS


def _region() -> str | None:
    """Return the REGION if all accounts have the same one, else None."""
    found = regions()
    return next(iter(found)) if len(found) == 1 else None


@admin.register(Suppression)
class SuppressionAdmin(VonageAdmin[Suppression]):
    form = SuppressionForm
    list_display = (
        "customer",
        "state",
        "scope",
        "sender",
        "evidence",
        "created_at",
        "created_by",
        "lifted_at",
        "lifted_by",
    )
    list_filter = (InForceFilter, "channel")
    list_select_related = ("created_by", "lifted_by")
    unmasked_fields = {"customer": "customer_in_full"}
    ordering = ("-id",)
    search_fields = ("address",)
    search_help_text = _("Search by number (with country code) or ID.")
    actions = ("lift_suppressions",)
    readonly_fields = ("customer", "customer_in_full", "state", "scope", "sender")

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> Any:
        if obj is None:
            return ["address", "evidence", "channel", "our_address"]
        facts = ["customer", "state", "evidence", "scope", "sender", "created_at", "created_by"]
        return facts if obj.lifted_at is None else [*facts, "lifted_at", "lifted_by"]

    def has_change_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: Any) -> None:
        user: Any = request.user
        obj.created_by = user
        super().save_model(request, obj, form, change)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        if not search_term:
            return queryset, False
        full = may_see_full_addresses(request)
        return queryset.filter(matches_number("address", search_term, full=full)), False

    def get_object_action(self, request: HttpRequest, obj: Suppression) -> ObjectAction | None:
        if obj.lifted_at is not None or not self.has_perform_action_permission(request):
            return None
        return ObjectAction("lift_suppressions", gettext("Lift suppression…"))

    @admin.action(description=_("Lift selected suppressions"), permissions=["perform_action"])
    def lift_suppressions(
        self, request: HttpRequest, queryset: QuerySet[Suppression]
    ) -> HttpResponse | None:
        """Ask for confirmation, then lift the suppressions."""
        in_force = list(queryset.filter(lifted_at=None))
        if not in_force:
            self.message_user(
                request, gettext("All selected suppressions are already lifted."), messages.INFO
            )
            return None
        if "confirmed" in request.POST:
            self._lift(request, in_force)
            return None
        full = may_see_full_addresses(request)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Lift suppressions"),
            "opts": self.opts,
            "media": self.media,
            "vonage_suppressions": [
                (show_address(each.address, full=full), each) for each in in_force
            ],
            "vonage_list_url": admin_url(self.admin_site, Suppression, "changelist"),
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        template = "admin/vonage_messages/suppression/lift_confirmation.html"
        return TemplateResponse(request, template, context)

    def _lift(self, request: HttpRequest, in_force: list[Suppression]) -> None:
        lifted = [each for each in in_force if lift(each, request.user)]
        for each in lifted:
            self.log_change(request, each, gettext("Lifted."))
        text = ngettext(
            "%(count)d suppression was lifted.", "%(count)d suppressions were lifted.", len(lifted)
        )
        self.message_user(request, text % {"count": len(lifted)}, messages.SUCCESS)
        keys = {each.address_key for each in lifted}
        if Suppression.objects.filter(address_key__in=keys, lifted_at=None).exists():
            self.message_user(
                request,
                gettext("Another suppression of this customer is still in force."),
                messages.WARNING,
            )

    @admin.display(description=_("customer"))
    def customer(self, suppression: Suppression) -> SafeString:
        return show_address(suppression.address, full=False)

    @admin.display(description=_("customer"), ordering="address")
    def customer_in_full(self, suppression: Suppression) -> SafeString:
        return show_address(suppression.address, full=True)

    @admin.display(description=_("state"), ordering="lifted_at")
    def state(self, suppression: Suppression) -> str:
        return gettext("In force") if suppression.lifted_at is None else gettext("Lifted")

    @admin.display(description=_("channel"), ordering="channel")
    def scope(self, suppression: Suppression) -> str:
        return suppression.get_channel_display() or gettext("All channels")

    @admin.display(description=_("our address"), ordering="our_address")
    def sender(self, suppression: Suppression) -> str:
        return suppression.our_address or gettext("All senders")
