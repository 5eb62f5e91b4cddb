"""Credentials of one account, and authentication by the Authorization header."""

import base64
import binascii
import hmac
import math
import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from django_vonage_messages.simulator.responses import ApiError, unauthorized

Scheme = Literal["basic", "bearer"]
# Default time from ``iat`` to ``exp``. (Source: developer.vonage.com, "Authentication".)
LIFETIME: Final = 15 * 60
LONGEST_LIFETIME: Final = 24 * 60 * 60
CLOCK_SKEW: Final = 60


@dataclass(frozen=True, repr=False)
class Credentials:
    """Credentials of a simulated account. Missing credentials are generated."""

    api_key: str = field(default_factory=lambda: secrets.token_hex(4))
    api_secret: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    application_id: str = field(default_factory=lambda: str(uuid.uuid4()))  # "": no application
    signature_secret: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    given_public_key: str = ""  # PEM text

    @property
    def public_key(self) -> str:
        """Public key that verifies JWTs of the site, as PEM text."""
        return self.given_public_key or public_key_of(_generated_key())

    @property
    def private_key(self) -> str:
        """Private key that signs JWTs of the site, as PEM text."""
        # If the public key was given, only the site has the private key.
        return "" if self.given_public_key else _generated_key()

    def authenticate(self, headers: Sequence[str]) -> Scheme:
        """Check the Authorization header, and return the scheme.

        Raises ApiError if the header is missing, repeated or invalid.
        """
        if len(headers) != 1:
            raise _unauthorized("Send exactly one Authorization header: Basic or Bearer.")
        scheme, _, value = headers[0].partition(" ")
        match scheme.lower():
            case "basic":
                self._check_basic(value.strip())
                return "basic"
            case "bearer":
                self._check_token(value.strip())
                return "bearer"
        raise _unauthorized("The Authorization scheme must be Basic or Bearer.")

    def _check_basic(self, value: str) -> None:
        try:
            given = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise _unauthorized("The Basic credentials are not base64.") from None
        if not hmac.compare_digest(given, f"{self.api_key}:{self.api_secret}".encode()):
            raise _unauthorized("The API key or secret is wrong.")

    def _check_token(self, token: str) -> None:
        if not self.application_id:
            raise _unauthorized("This account has no application, so it accepts no JWT.")
        options: Any = {"verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(token, self.public_key, algorithms=["RS256"], options=options)
        except jwt.PyJWTError as exc:
            raise _unauthorized(f"The JWT is invalid ({type(exc).__name__}).") from None
        if claims.get("application_id") != self.application_id:
            raise _unauthorized("The JWT's application_id is missing or wrong.")
        if not isinstance(claims.get("jti"), str) or not claims["jti"]:
            raise _unauthorized("The JWT has no jti.")
        _check_times(claims, time.time())


def _check_times(claims: dict[str, Any], now: float) -> None:
    issued_at = _seconds(claims.get("iat"))
    if issued_at is None or issued_at > now + CLOCK_SKEW:
        raise _unauthorized("The JWT's iat is missing, not a number, or in the future.")
    expires_at = _seconds(claims.get("exp", issued_at + LIFETIME))
    if expires_at is None or expires_at - issued_at > LONGEST_LIFETIME:
        raise _unauthorized("The JWT's exp is not a number, or more than 24 hours after its iat.")
    if expires_at <= now:
        raise _unauthorized("The JWT has expired.")


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def _unauthorized(detail: str) -> ApiError:
    return ApiError(unauthorized(detail))


def public_key_of(private_key: str) -> str:
    """Return the public key of a private key, both as PEM text."""
    # load_pem_private_key() raises ValueError, or TypeError for a key with a password.
    key = load_pem_private_key(private_key.encode(), password=None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@cache
def _generated_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
