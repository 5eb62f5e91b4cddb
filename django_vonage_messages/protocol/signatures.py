"""Tokens in the Authorization header of signed webhooks.

Source: developer.vonage.com, "Signed webhooks".
"""

import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.algorithms import HMACAlgorithm


class InvalidToken(ValueError):
    """The token is malformed, not HS256, or not signed with the secret."""


class _VonageHMAC(HMACAlgorithm):
    def check_key_length(self, _key: bytes) -> str | None:
        # No warning about a short secret, because Vonage chooses the secret.
        return None


_UNREADABLE = (jwt.PyJWTError, ValueError, RecursionError)
_jws = jwt.PyJWS(algorithms=[])
_jws.register_algorithm("HS256", _VonageHMAC(HMACAlgorithm.SHA256))


@dataclass(frozen=True)
class Claims:
    """Claims of a webhook token. Missing and invalid claims are None."""

    api_key: str | None
    application_id: str | None
    payload_hash: str | None
    issued_at: float | None
    algorithm: str | None = None

    def matches(self, body: bytes) -> bool:
        """Return whether the token's ``payload_hash`` is the hash of ``body``."""
        if self.payload_hash is None:
            return False
        return hmac.compare_digest(
            self.payload_hash.encode(errors="replace"), payload_hash(body).encode()
        )

    def is_fresh(self, max_age: float, now: float) -> bool:
        """Return whether ``now`` and ``issued_at`` differ by at most ``max_age`` seconds."""
        return self.issued_at is not None and abs(now - self.issued_at) <= max_age


def payload_hash(body: bytes) -> str:
    """Return the SHA-256 of the raw body as 64 lowercase hex digits."""
    return hashlib.sha256(body).hexdigest()


def sign(
    body: bytes,
    secret: str,
    *,
    api_key: str,
    application_id: str | None = None,
    issued_at: float | None = None,
) -> str:
    """Return a signed token for a webhook with this body.

    ``issued_at`` is a Unix time in seconds. The default is the current time.
    """
    claims: dict[str, Any] = {
        "iat": int(time.time() if issued_at is None else issued_at),
        "jti": str(uuid.uuid4()),
        "iss": "Vonage",
        "payload_hash": payload_hash(body),
        "api_key": api_key,
    }
    if application_id:
        claims["application_id"] = application_id
    return _jws.encode(json.dumps(claims).encode(), secret, algorithm="HS256")


def verify(token: str, secret: str) -> Claims:
    """Verify the signature of a token and return its claims. Raises InvalidToken."""
    # The time ``iat`` is not checked here: see Claims.is_fresh().
    if not secret:  # older PyJWT accepts an empty secret
        raise InvalidToken("no secret")
    try:
        decoded = _jws.decode_complete(token, secret, algorithms=["HS256"])
    except _UNREADABLE as exc:
        raise InvalidToken(type(exc).__name__) from exc
    return _claims(decoded)


def read_unverified(token: str) -> Claims:
    """Return the claims of a token of any algorithm, without verification. Raises InvalidToken.

    The claims can be forged. Never accept a webhook because of them.
    """
    try:
        decoded = _jws.decode_complete(token, options={"verify_signature": False})
    except _UNREADABLE as exc:
        raise InvalidToken(type(exc).__name__) from exc
    return _claims(decoded)


def _claims(decoded: dict[str, Any]) -> Claims:
    try:
        data = json.loads(decoded["payload"])
    except (ValueError, RecursionError) as exc:
        raise InvalidToken("claims are not JSON") from exc
    if not isinstance(data, dict):
        raise InvalidToken("claims are not an object")
    return Claims(
        api_key=_text(data.get("api_key")),
        application_id=_text(data.get("application_id")),
        payload_hash=_text(data.get("payload_hash")),
        issued_at=_number(data.get("iat")),
        algorithm=_text(decoded["header"].get("alg")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e12 else None
