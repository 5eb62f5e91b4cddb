"""The admin page names every page of the admin and only permissions that exist."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission

from tests.docs.tables import rows_of


def test_every_page_is_named() -> None:
    documented = {name.casefold() for name, *_ in rows_of("admin", "Page")}
    models = apps.get_app_config("vonage_messages").get_models()
    registered = [model for model in models if admin.site.is_registered(model)]
    assert documented == {str(model._meta.verbose_name_plural) for model in registered}


@pytest.mark.django_db
def test_every_permission_exists() -> None:
    permissions = Permission.objects.filter(content_type__app_label="vonage_messages")
    existing = set(permissions.values_list("codename", flat=True))
    documented = {permission for permission, _allows in rows_of("admin", "Permission")}
    assert documented <= existing
