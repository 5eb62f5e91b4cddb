"""Exceptions that refuse a webhook."""

from collections.abc import Iterable
from typing import ClassVar

from rest_framework import status
from rest_framework.exceptions import APIException

from django_vonage_messages.conf import Account


class WebhookRefused(APIException):
    """Base class of the exceptions that refuse a webhook."""

    # After 429 and 5xx, Vonage repeats the webhook for 24 hours. Other responses are final.
    reason: ClassVar[str]  # a key of REFUSAL_REASONS

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        super().__init__()
        # The accounts whose secret signed the token, or which the unverified token names.
        self.accounts = tuple(accounts)


class NotFromVonage(WebhookRefused):
    status_code = status.HTTP_401_UNAUTHORIZED
    reason = "not_vonage"
    default_detail = "The request is not signed as a Vonage webhook for this site."


class MissingToken(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "missing_token"
    default_detail = "The request has no bearer token."


class WrongHeader(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_header"
    default_detail = "The Authorization header is not one bearer token."


class SmsApiFormat(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "sms_api"
    default_detail = "The webhook has the format of Vonage's SMS API, not of the Messages API."


class WrongSecret(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_secret"
    default_detail = "The token names an account of this site, but no configured secret matches."


class WrongAlgorithm(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_algorithm"
    default_detail = "The token names an account of this site, but its algorithm is not HS256."


class WrongBody(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_body"
    default_detail = "The token's payload_hash is missing or does not match the body."


class StaleToken(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "stale_token"
    default_detail = "The token's time is outside WEBHOOK_MAX_AGE."


class NoSecret(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "no_secret"
    default_detail = "No signature secret is configured, so no webhook can be verified."


class NoLength(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "no_length"
    default_detail = "The body has no length, and the web server cannot decode chunked requests."


class BodyTooLarge(WebhookRefused):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    reason = "body_too_large"
    default_detail = "The body is larger than any webhook of the Messages API."


class NotApplied(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "not_applied"
    default_detail = "This site failed to store the webhook. Deliver it again."


class Misconfigured(WebhookRefused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "misconfigured"
    default_detail = "The setting VONAGE_MESSAGES of this site is invalid."
