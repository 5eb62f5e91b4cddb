"""Why a webhook is not taken. The answer decides whether Vonage delivers it again: only 429 and
5xx are retried, for 24 hours, and the retry is then the only copy of a customer's message.
"""

from collections.abc import Iterable
from typing import ClassVar

from rest_framework import status
from rest_framework.exceptions import APIException

from django_vonage_messages.conf import Account


class Refused(APIException):
    """A refusal: ``reason`` names it in the log, in the admin and in the answer.

    ``accounts`` are those that the refused token is meant for, as far as it tells.
    """

    reason: ClassVar[str]
    advice: ClassVar[str]

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        super().__init__()
        self.accounts = tuple(accounts)


class NotVonage(Refused):
    status_code = status.HTTP_401_UNAUTHORIZED
    reason = "not_vonage"
    default_detail = "This request is not signed as a Vonage webhook of this site."
    advice = "Nothing to do, unless you expected it: then compare API_KEY and APPLICATION_ID."


class MissingToken(Refused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "missing_token"
    default_detail = "The request carries no bearer token."
    advice = (
        "Turn on signed webhooks in the Vonage dashboard, and see that your web server hands the "
        "Authorization header on (Apache: WSGIPassAuthorization On)."
    )


class WrongSecret(Refused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_secret"
    default_detail = "The token names an account of this site, but no secret of it verifies it."
    advice = "Compare SIGNATURE_SECRETS with the signature secret in the Vonage dashboard."


class WrongBody(Refused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "wrong_body"
    default_detail = "The token's payload_hash is missing or is not that of this body."
    advice = "Something between Vonage and this site changes request bodies, or replays tokens."


class StaleToken(Refused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "stale_token"
    default_detail = "The token's time is further away than WEBHOOK_MAX_AGE allows."
    advice = "Check this server's clock, or raise WEBHOOK_MAX_AGE."


class NoSecret(Refused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "no_secret"
    default_detail = "No signature secret is configured, so that nothing can be verified."
    advice = "Set SIGNATURE_SECRETS of the account to the secret in the Vonage dashboard."


class BodyTooLarge(Refused):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    reason = "body_too_large"
    default_detail = "The body is larger than any webhook of the Messages API."
    advice = "Nothing to do: it was not read."


class NotApplied(Refused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "not_applied"
    default_detail = "This site failed to record the webhook; deliver it again."
    advice = "See the unprocessed webhooks in the admin, which keep it, and this site's own log."


class Misconfigured(Refused):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reason = "misconfigured"
    default_detail = "VONAGE_MESSAGES of this site is not usable."
    advice = "Run manage.py check."
