"""The URLs of a site that has forgotten the webhooks."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
