"""URLs of the measured site: the package's webhooks, the admin, and two minimal views."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from benchmarks.site.models import BareRow


@csrf_exempt
def bare_view(request: HttpRequest) -> HttpResponse:
    """Store the body with one INSERT."""
    BareRow.objects.create(body={"raw": request.body.decode()}, status="received")
    return HttpResponse("ok")


@csrf_exempt
def empty_view(_request: HttpRequest) -> HttpResponse:
    """Answer without a query."""
    return HttpResponse("ok")


urlpatterns = [
    path("bare", bare_view, name="bare"),
    path("empty", empty_view, name="empty"),
    path("admin/", admin.site.urls),
]
if settings.HAS_APP:
    urlpatterns.append(path("webhooks/", include("django_vonage_messages.urls")))
