"""Authorization header of an API request: Basic, or a Bearer JWT (RS256)."""

import base64
import hashlib
import os
import threading
import time
import uuid
from collections import OrderedDict
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.views.decorators.debug import sensitive_variables
from requests import PreparedRequest
from requests.auth import AuthBase

from django_vonage_messages.conf import Account

TOKEN_LIFETIME: Final = 900.0
"""Lifetime of a JWT in seconds: Vonage's default (developer.vonage.com, "Authentication")."""
RENEW_BEFORE: Final = 60.0
_MIN_KEY_BITS: Final = 2048  # bits (RFC 7518, section 3.3)
_CACHE_SIZE: Final = 64

_lock = threading.Lock()
_keys: OrderedDict[str, RSAPrivateKey] = OrderedDict()
_tokens: OrderedDict[tuple[str, str], tuple[str, float]] = OrderedDict()


class HeaderAuth(AuthBase):
    """Adds the Authorization header to a request."""

    # Without an auth object, requests uses credentials from a .netrc file.
    def __init__(self, header: str) -> None:
        self._header = header

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


@sensitive_variables()
def auth_for(account: Account) -> HeaderAuth:
    """Return the Authorization header (Basic or JWT), or raise ImproperlyConfigured."""
    if account.auth == "basic":
        pair = f"{account.api_key}:{account.api_secret}".encode()
        return HeaderAuth(f"Basic {base64.b64encode(pair).decode()}")
    return HeaderAuth(f"Bearer {bearer_token(account)}")


@sensitive_variables()
def bearer_auth(account: Account) -> HeaderAuth:
    """Return the Authorization header with a JWT, or raise ImproperlyConfigured."""
    # AUTH is ignored: to update a message, Vonage accepts only a JWT (Messages API v1, "Update a
    # Message").
    if not (account.application_id and account.has_private_key):
        account.error(
            "PRIVATE_KEY",
            "and APPLICATION_ID must be set to mark a message as read or to revoke it: Vonage "
            "accepts only a JWT for this, even if AUTH is 'basic'",
        )
    return HeaderAuth(f"Bearer {bearer_token(account)}")


@sensitive_variables()
def bearer_token(account: Account) -> str:
    """Return a JWT for the account's application, from a cache if possible."""
    pem = account.private_key
    fingerprint = hashlib.sha256(pem.encode()).hexdigest()
    cache_key = (account.application_id, fingerprint)
    now = time.time()
    with _lock:
        token, expires_at = _tokens.get(cache_key, ("", 0.0))
        if now < expires_at - RENEW_BEFORE and now > expires_at - TOKEN_LIFETIME - RENEW_BEFORE:
            return token
        key = _keys.get(fingerprint) or _load_key(account, pem)
        _remember(_keys, fingerprint, key)
        token = _new_token(account.application_id, key, now)
        _remember(_tokens, cache_key, (token, now + TOKEN_LIFETIME))
        return token


@sensitive_variables()
def _new_token(application_id: str, key: RSAPrivateKey, now: float) -> str:
    claims = {
        "application_id": application_id,
        "iat": int(now),
        "exp": int(now + TOKEN_LIFETIME),
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, key, algorithm="RS256")


@sensitive_variables()
def _load_key(account: Account, pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        account.error("PRIVATE_KEY", "is not a usable PEM private key, or has a password")
    if not isinstance(key, RSAPrivateKey):
        account.error("PRIVATE_KEY", "is not an RSA key, which the API requires (RS256)")
    if key.key_size < _MIN_KEY_BITS:
        account.error("PRIVATE_KEY", f"is an RSA key with fewer than {_MIN_KEY_BITS} bits")
    return key


def _remember(cache: OrderedDict[Any, Any], key: object, value: object) -> None:
    cache[key] = value
    cache.move_to_end(key)
    while len(cache) > _CACHE_SIZE:
        cache.popitem(last=False)


def _replace_lock() -> None:
    # A thread of the parent process could have locked it.
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_replace_lock)
