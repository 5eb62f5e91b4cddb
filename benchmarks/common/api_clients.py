"""Two clients of the stand-in for Vonage: an account of this package, and a bare POST."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import HTTPAdapter

APPLICATION_ID = "11111111-2222-4333-8444-555555555555"
SENDER = "447700900001"
TEXT = "Your order is on its way."


def new_private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def api_account(address: str, private_key: str) -> dict[str, Any]:
    """Return the keys of an account in VONAGE_MESSAGES that sends to ``host:port``."""
    return {
        "BACKEND": "django_vonage_messages.backends.api.ApiBackend",
        "APPLICATION_ID": APPLICATION_ID,
        "PRIVATE_KEY": private_key,
        "OPTIONS": {"base_url": f"https://{address}"},
    }


def bare_post(address: str, private_key: str, *, connections: int = 1) -> Callable[[], None]:
    """Return a function that sends one message. All calls use one HTTP session and token.

    Up to ``connections`` threads can call it at the same time.
    """
    session = requests.Session()
    session.mount("https://", HTTPAdapter(pool_maxsize=connections))
    now = int(time.time())
    claims = {"application_id": APPLICATION_ID, "iat": now, "exp": now + 900, "jti": "bare"}
    headers = {"Authorization": f"Bearer {jwt.encode(claims, private_key, algorithm='RS256')}"}
    body = {
        "message_type": "text",
        "channel": "sms",
        "text": TEXT,
        "to": "447700900000",
        "from": SENDER,
        "client_ref": "0" * 32,
    }

    def post() -> None:
        url = f"https://{address}/v1/messages"
        response = session.post(url, json=body, headers=headers, timeout=10)
        assert response.status_code == 202
        assert response.json()["message_uuid"]

    return post
