"""Webhook tokens made by hand, the wrong ones too, so that no library's idea of a token helps."""

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
    """Return a token for ``body``; a claim that is None is left out."""
    given = {
        "iat": int(time.time()),
        "jti": "a-token-of-the-tests",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": "abcd1234",
        **claims,
    }
    signed = ".".join(
        _encoded(json.dumps(part).encode())
        for part in (
            {"typ": "JWT", "alg": algorithm},
            {name: value for name, value in given.items() if value is not None},
        )
    )
    digest = _DIGESTS.get(algorithm)
    signature = hmac.digest(secret.encode(), signed.encode(), digest) if digest else b""
    return f"{signed}.{_encoded(signature)}"


def bearer(body: bytes, secret: str = SIGNATURE_SECRET, **claims: Any) -> dict[str, str]:
    """Return the headers of a request that carries such a token."""
    return {"Authorization": f"Bearer {token(body, secret, **claims)}"}


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
