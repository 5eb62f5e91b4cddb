"""What every page of this admin has in common: facts are read-only and numbers are masked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from django_vonage_messages.admin.links import admin_url
from django_vonage_messages.admin.notices import notices
from django_vonage_messages.admin.permissions import may_see_full_addresses

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:

    class _ModelAdmin(admin.ModelAdmin[M]): ...

else:
    # ModelAdmin is generic for type checkers only.
    class _ModelAdmin(admin.ModelAdmin, Generic[M]): ...


class VonageAdmin(_ModelAdmin[M]):
    """Shows the names of ``in_full`` (masked: whole) as what they stand for, to those who may see
    full numbers; ``shows_notices`` puts what needs looking after above the list.
    """

    in_full: ClassVar[Mapping[str, str]] = {}
    shows_notices: ClassVar[bool] = False
    linked_lookups: ClassVar[frozenset[str]] = frozenset()
    show_full_result_count = False

    class Media:
        css = {"all": ["vonage_messages/admin.css"]}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse to filter by any column but those offered: Django allows every column of the
        model, and ``?their_address__startswith=4`` would reveal a masked number digit by digit.
        """
        root = lookup.partition("__")[0]
        try:
            self.opts.get_field(root)
        except FieldDoesNotExist:
            return super().lookup_allowed(lookup, value, request)
        offered = root in self.linked_lookups or root in self._filter_fields(request)
        return offered and super().lookup_allowed(lookup, value, request)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._unmask(request, super().get_list_display(request))

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:
        return [
            (name, {**options, "fields": self._unmask(request, options["fields"])})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def offered_action(self, request: HttpRequest, obj: M) -> tuple[str, str] | None:
        """Return the name and the label of the list's action that an object's own page offers."""
        return None

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        offered = None if obj is None else self.offered_action(request, obj)
        if offered is not None:
            name, label = offered
            url = admin_url(self.admin_site, self.model, "changelist")
            context["vonage_action"] = {"name": name, "label": label, "url": url}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def may_change_rows(self, request: HttpRequest) -> bool:
        """Whether the user has Django's permission to change this model, though no form does."""
        codename = get_permission_codename("change", self.opts)
        user: Any = request.user
        return bool(user.has_perm(f"{self.opts.app_label}.{codename}"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if self.shows_notices:
            context["vonage_notices"] = notices(self.admin_site, request)
        return super().changelist_view(request, context)

    def _filter_fields(self, request: HttpRequest) -> set[object]:
        filters = self.get_list_filter(request)
        return {item[0] if isinstance(item, tuple) else item for item in filters}

    def _unmask(self, request: HttpRequest, names: Any) -> list[Any]:
        if not may_see_full_addresses(request):
            return list(names)
        return [self.in_full.get(name, name) for name in names]


class FactAdmin(VonageAdmin[M]):
    """Rows that record what happened: nobody adds, changes or deletes them by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False
