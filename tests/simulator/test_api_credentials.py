"""Authentication of requests, with Basic or a JWT."""

import base64
import http.client
import json
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from django_vonage_messages.simulator import Simulator
from tests.simulator.conftest import Post, send, sms


def claims(simulator: Simulator, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    all_claims = {
        "application_id": simulator.application_id,
        "iat": now,
        "exp": now + 900,
    } | changes
    all_claims.setdefault("jti", str(uuid.uuid4()))
    return {key: value for key, value in all_claims.items() if value is not None}


def bearer(simulator: Simulator, key: str = "", **changes: Any) -> dict[str, str]:
    token = jwt.encode(claims(simulator, **changes), key or simulator.private_key, "RS256")
    return {"Authorization": f"Bearer {token}"}


def new_key() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def basic(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def assert_unauthorized(response: requests.Response) -> None:
    assert response.status_code == 401
    assert response.json()["title"] == "Unauthorized"


@pytest.mark.parametrize("changes", [{}, {"exp": None}, {"iat": time.time()}])
def test_a_jwt_is_accepted(post: Post, simulator: Simulator, changes: dict[str, Any]) -> None:
    assert post(auth=None, headers=bearer(simulator, **changes)).status_code == 202
    assert simulator.accepted[0].scheme == "bearer"


def test_jwt_may_be_reused_until_it_expires(post: Post, simulator: Simulator) -> None:
    headers = bearer(simulator)
    assert [post(auth=None, headers=headers).status_code for _ in range(2)] == [202, 202]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"jti": ""}, id="jti empty"),
        pytest.param({"jti": None}, id="jti missing"),
        pytest.param({"application_id": None}, id="application_id missing"),
        pytest.param({"application_id": str(uuid.uuid4())}, id="application_id unknown"),
        pytest.param({"iat": None}, id="iat missing"),
        pytest.param({"iat": True}, id="iat not a number"),
        pytest.param({"iat": "1700000000"}, id="iat a string"),
        pytest.param({"iat": time.time() + 3600}, id="iat in an hour"),
        pytest.param({"exp": time.time() - 1}, id="exp a second ago"),
        pytest.param({"exp": "later"}, id="exp not a number"),
        pytest.param({"exp": time.time() + 2 * 24 * 3600}, id="exp in two days"),
        pytest.param(
            {"exp": None, "iat": time.time() - 16 * 60}, id="iat 16 minutes ago without exp"
        ),
        pytest.param({"nbf": time.time() + 3600}, id="nbf in an hour"),
    ],
)
def test_a_wrong_claim_is_refused(
    post: Post, simulator: Simulator, changes: dict[str, Any]
) -> None:
    all_claims = {"jti": str(uuid.uuid4())} | changes
    headers = bearer(simulator, **all_claims)
    if changes.get("jti", "") is None:
        token = jwt.encode(
            {key: value for key, value in claims(simulator).items() if key != "jti"},
            simulator.private_key,
            "RS256",
        )
        headers = {"Authorization": f"Bearer {token}"}
    assert_unauthorized(post(auth=None, headers=headers))


def test_a_jwt_of_another_key_is_refused(post: Post, simulator: Simulator) -> None:
    assert_unauthorized(post(auth=None, headers=bearer(simulator, key=new_key()[0])))


def test_a_jwt_of_another_algorithm_is_refused(post: Post, simulator: Simulator) -> None:
    for algorithm, key in (("none", None), ("HS256", "k" * 32), ("RS512", simulator.private_key)):
        token = jwt.encode(claims(simulator), key, algorithm)  # type: ignore[arg-type]
        assert_unauthorized(post(auth=None, headers={"Authorization": f"Bearer {token}"}))


def test_simulator_accepts_a_given_public_key() -> None:
    private, public = new_key()
    with Simulator(application_id="an-application", public_key=public) as simulator:
        assert simulator.private_key == ""
        assert "PRIVATE_KEY" not in simulator.settings()
        response = send(simulator, auth=None, headers=bearer(simulator, key=private))
    assert response.status_code == 202


def test_account_without_an_application_refuses_jwts() -> None:
    with Simulator(application_id="") as simulator:
        assert "APPLICATION_ID" not in simulator.settings()
        assert_unauthorized(send(simulator, auth=None, headers=bearer(simulator)))


def test_wrong_basic_credentials_are_refused(post: Post, simulator: Simulator) -> None:
    key, secret = simulator.api_key, simulator.api_secret
    for text in ("", ":", key, f"{key}:", f":{secret}", f"{key}:{secret}x", f"{secret}:{key}"):
        assert_unauthorized(post(auth=None, headers=basic(text)))
    assert post(auth=None, headers=basic(f"{key}:{secret}")).status_code == 202


@pytest.mark.parametrize("value", ["", "Basic", "Basic ü", "Bearer", "Bearer a.b.c", "Digest x"])
def test_a_malformed_header_is_refused(post: Post, value: str) -> None:
    assert_unauthorized(post(auth=None, headers={"Authorization": value.encode("latin-1")}))


def test_missing_header_and_two_methods_in_one_header_are_refused(
    post: Post, simulator: Simulator
) -> None:
    assert_unauthorized(post(auth=None))
    right = basic(f"{simulator.api_key}:{simulator.api_secret}")["Authorization"]
    token = bearer(simulator)["Authorization"]
    assert_unauthorized(post(auth=None, headers={"Authorization": f"{right}, {token}"}))


def test_two_valid_headers_are_refused(simulator: Simulator) -> None:
    right = basic(f"{simulator.api_key}:{simulator.api_secret}")["Authorization"]
    connection = http.client.HTTPConnection(urlsplit(simulator.base_url).netloc, timeout=5)
    body = json.dumps(sms()).encode()
    connection.putrequest("POST", "/v0.1/messages/")
    for name, value in (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Authorization", right),
        ("Authorization", bearer(simulator)["Authorization"]),
    ):
        connection.putheader(name, value)
    connection.endheaders(body)
    with connection.getresponse() as response:
        assert response.status == 401
    connection.close()


def test_generated_credentials_differ_between_simulators() -> None:
    first, second = Simulator(), Simulator()
    for name in ("api_key", "api_secret", "application_id", "signature_secret"):
        assert getattr(first, name) != getattr(second, name)
    assert first.api_secret not in repr(first.credentials)
