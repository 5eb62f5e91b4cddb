"""What every page of this admin has in common: facts are read-only and numbers are masked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

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
