"""Webhook tokens, valid and invalid, built without a JWT library."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from tests.settings import SIGNATURE_SECRET

_DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


def token(
    body: bytes, secret: str = SIGNATURE_SECRET, *, algorithm: str = "HS256", **claims: Any
) -> str:
    """Return a token for ``body``, without the claims that are None."""
    all_claims = {
        "iat": int(time.time()),
        "jti": "a-token-of-the-tests",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": "abcd1234",
        **claims,
    }
    signed = ".".join(
        _encoded(json.dumps(segment).encode())
        for segment in (
            {"typ": "JWT", "alg": algorithm},
            {name: value for name, value in all_claims.items() if value is not None},
        )
    )
    digest = _DIGESTS.get(algorithm)
    signature = hmac.digest(secret.encode(), signed.encode(), digest) if digest else b""
    return f"{signed}.{_encoded(signature)}"


def bearer(body: bytes, secret: str = SIGNATURE_SECRET, **claims: Any) -> dict[str, str]:
    """Return the headers of a request with such a token."""
    return {"Authorization": f"Bearer {token(body, secret, **claims)}"}


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
