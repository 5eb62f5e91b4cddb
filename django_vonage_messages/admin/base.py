"""Base classes of the ModelAdmins: read-only records, masked numbers, buttons and notices."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from django_vonage_messages.admin.notices import notices
from django_vonage_messages.admin.permissions import admin_url, may_see_full_addresses

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponse]

if TYPE_CHECKING:

    class _ModelAdmin(admin.ModelAdmin[M]): ...

else:
    # At runtime, ModelAdmin is not generic.
    class _ModelAdmin(admin.ModelAdmin, Generic[M]): ...


class ObjectAction(NamedTuple):
    """An admin action that the page of an object shows as a button."""

    name: str
    label: str


class VonageAdmin(_ModelAdmin[M]):
    """ModelAdmin that masks numbers and restricts lookups."""

    # From a masked field to its replacement for users who may see full numbers.
    unmasked_fields: ClassVar[Mapping[str, str]] = {}
    # Fields that URLs can filter by, besides the fields of ``list_filter``.
    allowed_lookups: ClassVar[frozenset[str]] = frozenset()
    shows_notices: ClassVar[bool] = False
    show_full_result_count = False

    class Media:
        css = {"all": ["vonage_messages/admin.css"]}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow URLs to filter only by ``list_filter`` and ``allowed_lookups``."""
        # Other lookups could reveal masked numbers.
        root = lookup.partition("__")[0]
        try:
            self.opts.get_field(root)
        except FieldDoesNotExist:
            return super().lookup_allowed(lookup, value, request)
        is_offered = root in self.allowed_lookups or root in self._filter_fields(request)
        return is_offered and super().lookup_allowed(lookup, value, request)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._unmask(request, super().get_list_display(request))

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:
        return [
            (name, {**options, "fields": self._unmask(request, options["fields"])})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def get_object_action(self, request: HttpRequest, obj: M) -> ObjectAction | None:
        """Return the action that the page of ``obj`` shows as a button, or None."""
        return None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj: M | None = context["original"]
        action = None if obj is None else self.get_object_action(request, obj)
        if action is not None:
            context["vonage_object_action"] = action
            context["vonage_list_url"] = admin_url(self.admin_site, self.model, "changelist")
        return super().render_change_form(request, context, *args, **kwargs)

    def has_perform_action_permission(self, request: HttpRequest) -> bool:
        """Return whether the user has the change permission."""
        # Django calls this method for actions with permissions=["perform_action"].
        # has_change_permission() of ReadOnlyAdmin always returns False.
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
        return [self.unmasked_fields.get(name, name) for name in names]


class ReadOnlyAdmin(VonageAdmin[M]):
    """ModelAdmin of records that users cannot add, change or delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


def non_atomic(view: View) -> View:
    """Return the view, exempt from ATOMIC_REQUESTS."""

    # In a transaction, a message is sent only after the view has returned. The response could not
    # show the result.
    def wrapper(*args: object, **kwargs: object) -> HttpResponse:
        return view(*args, **kwargs)

    for alias in connections:
        wrapper = transaction.non_atomic_requests(using=alias)(wrapper)
    return wrapper
