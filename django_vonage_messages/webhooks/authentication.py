"""Whose webhook is it? Answered before anything of it is stored, and failing closed."""

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
from django_vonage_messages.webhooks.exceptions import (
    BodyTooLarge,
    Misconfigured,
    MissingToken,
    NoSecret,
    NotVonage,
    Refused,
    StaleToken,
    WrongBody,
    WrongSecret,
)

BODY_LIMIT: Final = 1024 * 1024
"""Bytes. The largest documented webhooks are a few kilobytes."""

_LENGTH_DIGITS: Final = 20


class VonageSignature(BaseAuthentication):
    """Verifies the raw body; ``request.auth`` is then the VerifiedWebhook.

    ``request.user`` stays what the site's middleware made it, since that may look at it again.
    """

    def authenticate(self, request: Request) -> tuple[Any, VerifiedWebhook]:
        body = read_body(request._request)
        try:
            delivery = authenticate(request.headers.get("Authorization", ""), body)
        except ImproperlyConfigured as exc:
            raise Misconfigured from exc
        return getattr(request._request, "user", None), delivery

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def read_body(request: HttpRequest) -> bytes:
    """Return the raw body, whatever the site's own upload limits. Raises BodyTooLarge."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or len(length) > _LENGTH_DIGITS or int(length) > BODY_LIMIT:
        raise BodyTooLarge
    body = request._body if hasattr(request, "_body") else request.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge
    return bytes(body)


def authenticate(authorization: str, body: bytes) -> VerifiedWebhook:
    """Return the delivery, with the accounts that it may belong to. Raises Refused."""
    accounts = get_accounts()
    unverified = tuple(account.alias for account in accounts if not account.verify_webhooks)
    try:
        return _verified(_bearer(authorization), body, accounts)
    except Refused as refused:
        # What is meant for an account that verifies is not another account's, and must come again.
        if not unverified or any(account.verify_webhooks for account in refused.accounts):
            raise
        return VerifiedWebhook(body, unverified)


def _verified(token: str, body: bytes, accounts: Sequence[Account]) -> VerifiedWebhook:
    secrets = {secret for account in accounts for secret in account.signature_secrets}
    if not secrets:
        raise NoSecret(_meant(token, accounts))
    if not token:
        raise MissingToken
    claims, holders = _holders(token, secrets, accounts)
    if claims is None:
        raise _unverifiable(token, accounts)
    if not claims.matches(body):
        raise WrongBody(holders)
    stale = frozenset(account.alias for account in holders if not _is_fresh(claims, account))
    if len(stale) == len(holders):
        raise StaleToken(holders)
    aliases = tuple(account.alias for account in holders)
    return VerifiedWebhook(body, aliases, claims.application_id, stale)


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if authorization and scheme.lower() != "bearer":
        raise NotVonage
    return token.strip()


def _holders(
    token: str, secrets: set[str], accounts: Sequence[Account]
) -> tuple[Claims | None, list[Account]]:
    """Return the verified claims, and the accounts that hold the secret that verified them."""
    for secret in secrets:
        try:
            claims = verify(token, secret)
        except InvalidToken:
            continue
        return claims, [account for account in accounts if secret in account.signature_secrets]
    return None, []


def _unverifiable(token: str, accounts: Sequence[Account]) -> WrongSecret | NotVonage:
    """Tell a mistake of ours, which a retry may survive, from somebody else's token."""
    meant = _meant(token, accounts)
    return WrongSecret(meant) if meant else NotVonage()


def _meant(token: str, accounts: Sequence[Account]) -> list[Account]:
    """Return the accounts that a token which nothing verifies claims to be for."""
    try:
        return _named(read_unverified(token), accounts)
    except InvalidToken:
        return []


def _named(claims: Claims, accounts: Sequence[Account]) -> list[Account]:
    """Return the accounts that a token names, else those that share no identifier with it: their
    settings leave out what it would be compared with.
    """
    if not claims.api_key and not claims.application_id:
        return []
    named, possible = [], []
    for account in accounts:
        pairs = (
            (claims.api_key, account.api_key),
            (claims.application_id, account.application_id),
        )
        same = [theirs == ours for theirs, ours in pairs if theirs and ours]
        if any(same):
            named.append(account)
        elif not same:
            possible.append(account)
    return named or possible


def _is_fresh(claims: Claims, account: Account) -> bool:
    max_age = account.webhook_max_age
    return max_age is None or claims.is_fresh(max_age, time.time())
