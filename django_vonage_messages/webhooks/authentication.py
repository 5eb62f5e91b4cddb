"""Authentication of webhooks: verify the signature and find the account."""

import time
from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from django_vonage_messages.conf import Account, get_accounts
from django_vonage_messages.protocol.signatures import (
    Claims,
    InvalidToken,
    read_unverified,
    verify,
)
from django_vonage_messages.services.receiving.unprocessed import VerifiedWebhook
from django_vonage_messages.webhooks.refusals import (
    BodyTooLarge,
    Misconfigured,
    MissingToken,
    NoSecret,
    NotFromVonage,
    SmsApiFormat,
    StaleToken,
    WebhookRefused,
    WrongBody,
    WrongSecret,
)

BODY_LIMIT: Final = 1024 * 1024
"""Maximum number of bytes. The largest documented webhooks have a few kilobytes."""

_LENGTH_DIGITS: Final = 20
_SMS_API_FIELDS: Final = frozenset({"msisdn", "messageId"})


class VonageSignature(BaseAuthentication):
    """Authentication class that sets ``request.auth`` to a VerifiedWebhook."""

    def authenticate(self, request: Request) -> tuple[Any, VerifiedWebhook]:
        body = read_body(request._request)
        try:
            webhook = authenticate(request.headers.get("Authorization", ""), body)
        except MissingToken as exc:
            if _is_sms_api_form(request._request, body):
                raise SmsApiFormat from exc
            raise
        except ImproperlyConfigured as exc:
            raise Misconfigured from exc
        # Do not change request.user: the site's middleware can use it after the view.
        return getattr(request._request, "user", None), webhook

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def read_body(request: HttpRequest) -> bytes:
    """Return the raw body, or raise BodyTooLarge if it has more than BODY_LIMIT bytes."""
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or len(length) > _LENGTH_DIGITS or int(length) > BODY_LIMIT:
        raise BodyTooLarge
    # request.body would apply the site's DATA_UPLOAD_MAX_MEMORY_SIZE.
    body = request._body if hasattr(request, "_body") else request.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge
    return bytes(body)


def has_sms_api_format(query: str) -> bool:
    """Return whether a query, or a form, has the field names of an SMS in the SMS API."""
    return {field.partition("=")[0] for field in query.split("&")} >= _SMS_API_FIELDS


def authenticate(authorization: str, body: bytes) -> VerifiedWebhook:
    """Return the webhook with the accounts that it can belong to, or raise WebhookRefused."""
    accounts = get_accounts()
    unverified = tuple(account.alias for account in accounts if not account.verify_webhooks)
    try:
        return _verify(_bearer_token(authorization), body, accounts)
    except WebhookRefused as refused:
        # If the token names an account that verifies webhooks, no other account may store it.
        if not unverified or any(account.verify_webhooks for account in refused.accounts):
            raise
        return VerifiedWebhook(body, unverified)


def _verify(token: str, body: bytes, accounts: Sequence[Account]) -> VerifiedWebhook:
    secrets = {secret for account in accounts for secret in account.signature_secrets}
    if not secrets:
        raise NoSecret(_claimed_accounts(token, accounts))
    if not token:
        raise MissingToken
    claims, holders = _verify_signature(token, secrets, accounts)
    if claims is None:
        raise _signature_refusal(token, accounts)
    if not claims.matches(body):
        raise WrongBody(holders)
    stale = frozenset(account.alias for account in holders if not _is_fresh(claims, account))
    if len(stale) == len(holders):
        raise StaleToken(holders)
    aliases = tuple(account.alias for account in holders)
    return VerifiedWebhook(body, aliases, claims.application_id, stale)


def _bearer_token(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if authorization and scheme.lower() != "bearer":
        raise NotFromVonage
    return token.strip()


def _verify_signature(
    token: str, secrets: set[str], accounts: Sequence[Account]
) -> tuple[Claims | None, list[Account]]:
    for secret in secrets:
        try:
            claims = verify(token, secret)
        except InvalidToken:
            continue
        return claims, [account for account in accounts if secret in account.signature_secrets]
    return None, []


def _signature_refusal(token: str, accounts: Sequence[Account]) -> WrongSecret | NotFromVonage:
    claimed = _claimed_accounts(token, accounts)
    return WrongSecret(claimed) if claimed else NotFromVonage()


def _claimed_accounts(token: str, accounts: Sequence[Account]) -> list[Account]:
    try:
        return _matching_accounts(read_unverified(token), accounts)
    except InvalidToken:
        return []


def _matching_accounts(claims: Claims, accounts: Sequence[Account]) -> list[Account]:
    if not claims.api_key and not claims.application_id:
        return []
    matching, possible = [], []
    for account in accounts:
        pairs = (
            (claims.api_key, account.api_key),
            (claims.application_id, account.application_id),
        )
        matches = [claimed == own for claimed, own in pairs if claimed and own]
        if any(matches):
            matching.append(account)
        elif not matches:
            possible.append(account)  # it lacks the settings to compare with the claims
    return matching or possible


def _is_sms_api_form(request: HttpRequest, body: bytes) -> bool:
    is_form = request.content_type == "application/x-www-form-urlencoded"
    return is_form and has_sms_api_format(body.decode("latin-1"))


def _is_fresh(claims: Claims, account: Account) -> bool:
    max_age = account.webhook_max_age
    return max_age is None or claims.is_fresh(max_age, time.time())
