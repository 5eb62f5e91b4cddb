"""View for status webhooks and inbound webhooks."""

from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.db import connections, transaction
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.metadata import BaseMetadata
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.receiving.receive import receive
from django_vonage_messages.services.receiving.unprocessed import StaleWebhook, VerifiedWebhook
from django_vonage_messages.webhooks.authentication import VonageSignature, has_sms_api_format
from django_vonage_messages.webhooks.refusal_counters import report_refusal
from django_vonage_messages.webhooks.refusals import (
    NotApplied,
    SmsApiFormat,
    StaleToken,
    WebhookRefused,
)


class IgnoreClientContentNegotiation(BaseContentNegotiation):
    """Respond with JSON and ignore the Accept header."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        return None

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class WebhookView(APIView):
    """Receive status and inbound webhooks of both API versions."""

    # The site's setting REST_FRAMEWORK must not apply: its permissions could refuse webhooks.
    http_method_names = ["get", "head", "post"]
    authentication_classes = [VonageSignature]
    permission_classes = []
    throttle_classes = []
    parser_classes = []
    renderer_classes = [JSONRenderer]
    content_negotiation_class = IgnoreClientContentNegotiation
    metadata_class: type[BaseMetadata] | None = None
    versioning_class = None
    schema = None

    def perform_authentication(self, request: Request) -> None:
        if request.method == "POST":
            super().perform_authentication(request)

    def get(self, request: Request) -> Response:
        """Respond with 200 to browsers and uptime checks, and refuse webhooks of the SMS API."""
        if has_sms_api_format(request.META.get("QUERY_STRING", "")):
            raise SmsApiFormat
        return Response({"detail": "POST Vonage webhooks to this URL."})

    def post(self, request: Request) -> Response:
        webhook = cast("VerifiedWebhook", request.auth)
        try:
            return Response({"result": receive(webhook)})
        except StaleWebhook as exc:
            raise StaleToken from exc

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, WebhookRefused):
            return self._refuse(exc)
        if isinstance(exc, MethodNotAllowed):
            return Response({"detail": exc.detail}, status=exc.status_code)
        return self._refuse(NotApplied(), identify(exc))

    def _refuse(self, refused: WebhookRefused, cause: str = "") -> Response:
        report_refusal(refused, cause)
        response = Response(
            {"detail": refused.detail, "reason": refused.reason}, status=refused.status_code
        )
        if refused.status_code == 401:
            response["WWW-Authenticate"] = "Bearer"
        response.exception = True
        # Without this, Django logs each 4xx and 5xx, and strangers could fill the log.
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django sets it too
        return response


def webhook_view() -> Any:
    """Return the view, exempt from CSRF checks, login and ATOMIC_REQUESTS."""
    view: Any = WebhookView.as_view()
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return csrf_exempt(login_not_required(view))
