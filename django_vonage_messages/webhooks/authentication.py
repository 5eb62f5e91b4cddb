"""Authentication of webhooks: verify the signature and find the account."""

import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIRequest
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
    NoLength,
    NoSecret,
    NotFromVonage,
    SmsApiFormat,
    StaleToken,
    WebhookRefused,
    WrongAlgorithm,
    WrongBody,
    WrongHeader,
    WrongSecret,
)

BODY_LIMIT: Final = 1024 * 1024
"""Maximum number of bytes. The largest documented webhooks have a few kilobytes."""

_LENGTH_DIGITS: Final = 20
_SMS_API_FIELDS: Final = frozenset({"msisdn", "messageId"})

_PROXY_SCHEMES: Final = frozenset({"basic", "digest", "negotiate", "ntlm"})
"""Schemes of the headers that a proxy with a password or a login sends in place of Vonage's."""

_HEADER_WORDS: Final = 6
"""Words of an Authorization header that can be a token. A doubled header has four words."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class VonageSignature(BaseAuthentication):
    """Authentication class that sets ``request.auth`` to a VerifiedWebhook."""

    def authenticate(self, request: Request) -> tuple[Any, VerifiedWebhook]:
        http_request = request._request
        authorization = request.headers.get("Authorization", "")
        try:
            webhook = authenticate(authorization, partial(read_body, http_request))
        except ImproperlyConfigured as exc:
            raise Misconfigured from exc
        except MissingToken as exc:
            if _is_sms_api_form(http_request):
                raise SmsApiFormat from exc
            raise
        # Do not change request.user: the site's middleware can use it after the view.
        return getattr(http_request, "user", None), webhook

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def read_body(request: HttpRequest) -> bytes:
    """Return the raw body.

    Raise BodyTooLarge if it has more than BODY_LIMIT bytes, or NoLength if its end is unknown.
    """
    length = request.headers.get("Content-Length") or ""
    if length and not _is_allowed(length):
        raise BodyTooLarge
    # request.body would apply the site's DATA_UPLOAD_MAX_MEMORY_SIZE.
    body = getattr(request, "_body", b"") or _read_to_end(_stream(request, length))
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge
    return bytes(body)


def has_sms_api_format(query: str) -> bool:
    """Return whether a query, or a form, has the field names of an SMS in the SMS API."""
    return {field.partition("=")[0] for field in query.split("&")} >= _SMS_API_FIELDS


def authenticate(authorization: str, read: Callable[[], bytes]) -> VerifiedWebhook:
    """Return the webhook with the accounts that it can belong to, or raise WebhookRefused.

    ``read`` returns the body. It is not called if the token alone refuses the webhook.
    """
    accounts = get_accounts()
    try:
        claims, holders = _verify_token(authorization, accounts)
    except WebhookRefused as refused:
        aliases = _without_verification(accounts, refused)
        return VerifiedWebhook(read(), aliases)
    body = read()
    try:
        return _verify_body(body, claims, holders)
    except WebhookRefused as refused:
        return VerifiedWebhook(body, _without_verification(accounts, refused))


def _is_allowed(length: str) -> bool:
    return length.isdecimal() and len(length) <= _LENGTH_DIGITS and int(length) <= BODY_LIMIT


def _stream(request: HttpRequest, length: str) -> _Readable:
    if length or not isinstance(request, WSGIRequest):
        return request
    # Without a length, Django reads nothing. A server that decodes chunked requests sets this key:
    # https://gist.github.com/mitsuhiko/5721547, and gunicorn since 19.8.
    if request.environ.get("wsgi.input_terminated"):
        stream: _Readable = request.environ["wsgi.input"]
        return stream
    if "Transfer-Encoding" in request.headers:
        raise NoLength
    return request


def _read_to_end(stream: _Readable) -> bytes:
    """Return the bytes of the stream, and at most one byte more than BODY_LIMIT."""
    body = b""
    while len(body) <= BODY_LIMIT and (piece := stream.read(BODY_LIMIT + 1 - len(body))):
        body += piece
    return body


def _verify_token(
    authorization: str, accounts: Sequence[Account]
) -> tuple[Claims, Sequence[Account]]:
    """Return the claims of the token, and the accounts that have its secret."""
    secrets = {secret for account in accounts for secret in account.signature_secrets}
    if not secrets:
        raise NoSecret(_claimed_accounts(authorization, accounts))
    token = _bearer_token(authorization, accounts)
    for secret in secrets:
        try:
            claims = verify(token, secret)
        except InvalidToken:
            continue
        return claims, [account for account in accounts if secret in account.signature_secrets]
    raise _signature_refusal(token, accounts)


def _verify_body(body: bytes, claims: Claims, holders: Sequence[Account]) -> VerifiedWebhook:
    if not claims.matches(body):
        raise WrongBody(holders)
    stale = frozenset(account.alias for account in holders if not _is_fresh(claims, account))
    if len(stale) == len(holders):
        raise StaleToken(holders)
    aliases = tuple(account.alias for account in holders)
    return VerifiedWebhook(body, aliases, claims.application_id, stale)


def _without_verification(accounts: Sequence[Account], refused: WebhookRefused) -> tuple[str, ...]:
    """Return the accounts that accept the refused webhook, or raise the refusal."""
    unverified = tuple(account.alias for account in accounts if not account.verify_webhooks)
    # If the token names an account that verifies webhooks, no other account may store it.
    if not unverified or any(account.verify_webhooks for account in refused.accounts):
        raise refused
    return unverified


def _bearer_token(authorization: str, accounts: Sequence[Account]) -> str:
    scheme, *words = _words(authorization) or [""]
    if not scheme or (scheme.lower() == "bearer" and not words):
        raise MissingToken
    if scheme.lower() == "bearer" and len(words) == 1:
        return words[0]
    claimed = _claimed_accounts(authorization, accounts)
    if claimed or scheme.lower() in _PROXY_SCHEMES:
        raise WrongHeader(claimed)
    raise NotFromVonage


def _words(authorization: str) -> list[str]:
    # Servers join the values of a repeated header with commas.
    return [word for word in re.split(r"[\s,]+", authorization) if word]


def _signature_refusal(token: str, accounts: Sequence[Account]) -> WebhookRefused:
    claimed = _claimed_accounts(token, accounts)
    if not claimed:
        return NotFromVonage()
    is_hs256 = read_unverified(token).algorithm == "HS256"
    return WrongSecret(claimed) if is_hs256 else WrongAlgorithm(claimed)


def _claimed_accounts(authorization: str, accounts: Sequence[Account]) -> list[Account]:
    """Return the accounts that the tokens in the header name."""
    claimed = []
    for word in _words(authorization)[:_HEADER_WORDS]:
        try:
            claimed += _matching_accounts(read_unverified(word), accounts)
        except InvalidToken:
            continue
    return claimed


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


def _is_sms_api_form(request: HttpRequest) -> bool:
    """Return whether the request is a form in the format of the SMS API, which is not signed."""
    if request.content_type != "application/x-www-form-urlencoded":
        return False
    try:
        return has_sms_api_format(read_body(request).decode("latin-1"))
    except (WebhookRefused, OSError):
        return False


def _is_fresh(claims: Claims, account: Account) -> bool:
    max_age = account.webhook_max_age
    return max_age is None or claims.is_fresh(max_age, time.time())
