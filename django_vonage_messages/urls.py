"""URLs for the webhooks of Vonage.

Add ``path("webhooks/", include("django_vonage_messages.urls"))`` to your URLconf.
"""

from django.urls import path

from django_vonage_messages.webhooks.views import webhook_view

app_name = "vonage_messages"

_view = webhook_view()

# Vonage does not follow redirects to the URL with a slash.
urlpatterns = [
    path("message-status", _view, name="message-status"),
    path("message-status/", _view),
    path("inbound-message", _view, name="inbound-message"),
    path("inbound-message/", _view),
]
