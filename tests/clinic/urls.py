"""URLs of the clinic."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("webhooks/", include("django_vonage_messages.urls")),
]
