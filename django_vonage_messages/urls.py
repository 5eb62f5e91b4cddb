"""Webhook URLs. Your URLconf needs ``path("webhooks/", include("django_vonage_messages.urls"))``.

Each URL works with and without a trailing slash, because Vonage does not follow redirects.
"""

from django.urls import path

from django_vonage_messages.webhooks.views import webhook_view

app_name = "vonage_messages"

_view = webhook_view()

urlpatterns = [
    path("message-status", _view, name="message-status"),
    path("message-status/", _view),
    path("inbound-message", _view, name="inbound-message"),
    path("inbound-message/", _view),
]
