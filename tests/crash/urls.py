from django.urls import include, path

urlpatterns = [path("webhooks/", include("django_vonage_messages.urls"))]
