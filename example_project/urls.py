from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path

from example_project.orders import views

urlpatterns = [
    path("", views.home, name="home"),
    path("orders/<int:pk>/ship/", views.ship, name="ship-order"),
    path("favicon.ico", lambda _request: HttpResponse(status=204)),  # browsers request it
    path("admin/", admin.site.urls),
    path("webhooks/", include("django_vonage_messages.urls")),
]
