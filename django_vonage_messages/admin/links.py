"""Links between pages of the same admin site, for those who may follow them."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse


def list_url(site: AdminSite, request: HttpRequest, model: type[Model]) -> str:
    """Return the URL of a model's list, or "" if it is not there or not for this user."""
    if not site.is_registered(model):
        return ""
    if not site.get_model_admin(model).has_view_permission(request):
        return ""
    return admin_url(site, model, "changelist")


def object_url(site: AdminSite, request: HttpRequest, obj: Model) -> str:
    """Return the URL of an object's page, or "" if it is not there or not for this user."""
    model = type(obj)
    if not site.is_registered(model):
        return ""
    if not site.get_model_admin(model).has_view_permission(request, obj):
        return ""
    return admin_url(site, model, "change", obj.pk)


def admin_url(site: AdminSite, model: type[Model], page: str, *ids: Any) -> str:
    """Reverse a URL of a model, in the site that is asked and not in Django's default one."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[quote(str(each)) for each in ids], current_app=site.name)
