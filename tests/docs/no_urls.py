"""URLs of a site without the webhooks."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
