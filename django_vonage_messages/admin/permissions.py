"""Permissions and URLs of the admin pages."""

from typing import Any, Final

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

REPLY: Final = "vonage_messages.reply_conversation"
FULL_ADDRESS: Final = "vonage_messages.view_full_address"


def may_reply(request: HttpRequest) -> bool:
    return _has_perm(request, REPLY)


def may_see_full_addresses(request: HttpRequest) -> bool:
    """Return whether the user may see full numbers, full IDs and the JSON of webhooks."""
    return _has_perm(request, FULL_ADDRESS)


def list_url(site: AdminSite, request: HttpRequest, model: type[Model]) -> str:
    """Return the URL of the model's admin list, or "" without view permission."""
    return admin_url(site, model, "changelist") if _may_view(site, request, model) else ""


def object_url(site: AdminSite, request: HttpRequest, obj: Model) -> str:
    """Return the URL of the object's admin page, or "" without view permission."""
    model = type(obj)
    may_view = _may_view(site, request, model, obj)
    return admin_url(site, model, "change", obj.pk) if may_view else ""


def admin_url(site: AdminSite, model: type[Model], page: str, *args: Any) -> str:
    """Return the URL of an admin page of a model."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[quote(str(arg)) for arg in args], current_app=site.name)


def _may_view(
    site: AdminSite, request: HttpRequest, model: type[Model], obj: Model | None = None
) -> bool:
    is_registered = site.is_registered(model)
    return is_registered and site.get_model_admin(model).has_view_permission(request, obj)


def _has_perm(request: HttpRequest, permission: str) -> bool:
    user: Any = request.user
    return bool(user.has_perm(permission))
