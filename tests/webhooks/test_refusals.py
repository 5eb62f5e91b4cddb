"""Refused webhooks: 503 asks Vonage for a retry, 401 and 413 do not."""

import time
from base64 import b64encode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.http import HttpRequest

from django_vonage_messages.models import WebhookRefusal
from django_vonage_messages.webhooks.authentication import BODY_LIMIT
from tests.settings import SIGNATURE_SECRET
from tests.webhooks.reference_bodies import INBOUND
from tests.webhooks.tokens import bearer, token

pytestmark = pytest.mark.django_db
APPLICATION = "11111111-2222-4333-8444-555555555555"
OTHER_SECRET = "another secret, that nobody here has set"


@pytest.fixture(params=[False, True], ids=["", "DEBUG"], autouse=True)
def _debug(request, settings):
    settings.DEBUG = request.param


@pytest.fixture
def refused(client, stored, caplog):
    """POST a webhook that must be refused; return its status and reason."""

    def post(body, headers, **extra):
        response = client.post(
            "/webhooks/inbound-message",
            body,
            content_type="application/json",
            headers=headers,
            **extra,
        )
        assert stored() == (0, 0, 0)
        reason = response.json()["reason"]
        assert list(WebhookRefusal.objects.values_list("reason", "count")) == [(reason, 1)]
        errors = [record.name for record in caplog.records if record.levelname == "ERROR"]
        assert errors == ["django_vonage_messages.webhooks"]
        assert not [record for record in caplog.records if record.name == "django.request"]
        assert "eyJ" not in response.content.decode()
        assert ("WWW-Authenticate" in response.headers) == (response.status_code == 401)
        return response.status_code, reason

    return post


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "bearer "}])
def test_missing_token_is_refused(refused, headers):
    assert refused(INBOUND, headers) == (503, "missing_token")


def test_wrong_secret_with_our_api_key_is_refused_for_a_retry(refused):
    assert refused(INBOUND, bearer(INBOUND, OTHER_SECRET)) == (503, "wrong_secret")


@pytest.mark.parametrize("api_key", [None, "a-subaccount"])
def test_wrong_secret_with_our_application_is_refused_for_a_retry(refused, accounts, api_key):
    accounts(
        default={
            "API_KEY": "abcd1234",
            "APPLICATION_ID": APPLICATION,
            "SIGNATURE_SECRETS": [SIGNATURE_SECRET],
        }
    )
    headers = bearer(INBOUND, OTHER_SECRET, api_key=api_key, application_id=APPLICATION)
    assert refused(INBOUND, headers) == (503, "wrong_secret")


@pytest.mark.parametrize("config", [{}, {"APPLICATION_ID": APPLICATION}])
def test_wrong_secret_is_refused_for_a_retry_if_no_api_key_is_set(refused, accounts, config):
    accounts(default={"SIGNATURE_SECRETS": [SIGNATURE_SECRET], **config})
    assert refused(INBOUND, bearer(INBOUND, OTHER_SECRET)) == (503, "wrong_secret")


@pytest.mark.parametrize("seconds", [-120, 120], ids=["old", "ahead"])
def test_stale_token_is_refused(refused, accounts, seconds):
    accounts(default={"SIGNATURE_SECRETS": [SIGNATURE_SECRET], "WEBHOOK_MAX_AGE": 60})
    headers = bearer(INBOUND, iat=time.time() + seconds)
    assert refused(INBOUND, headers) == (503, "stale_token")


@pytest.mark.parametrize("iat", [None, "now", True, 10**400])
def test_token_without_a_valid_time_is_stale_if_max_age_is_set(refused, accounts, iat):
    accounts(default={"SIGNATURE_SECRETS": [SIGNATURE_SECRET], "WEBHOOK_MAX_AGE": 60})
    assert refused(INBOUND, bearer(INBOUND, iat=iat)) == (503, "stale_token")


@pytest.mark.parametrize("payload_hash", [None, "", "0" * 64, 7, ["a"]])
def test_missing_or_wrong_payload_hash_is_refused(refused, payload_hash):
    headers = bearer(INBOUND, payload_hash=payload_hash)
    assert refused(INBOUND, headers) == (503, "wrong_body")


def test_changed_body_is_refused(refused):
    assert refused(INBOUND.replace(b"\n", b""), bearer(INBOUND)) == (503, "wrong_body")


def test_chunked_body_without_a_length_is_refused(refused):
    """``runserver`` cannot decode chunked requests."""
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert refused(INBOUND, bearer(INBOUND), **chunked) == (503, "no_length")


@pytest.mark.parametrize("secrets", [[], [""], ["  "], ()])
def test_account_without_a_secret_refuses_webhooks(refused, accounts, secrets):
    accounts(default={"API_KEY": "abcd1234", "SIGNATURE_SECRETS": secrets})
    assert refused(INBOUND, bearer(INBOUND, "")) == (503, "no_secret")


@pytest.mark.parametrize(
    "config",
    [{"SIGNATURE_SECRETS": 7}, {"VERIFY_WEBHOOKS": "no"}, {"NO_SUCH_KEY": 1}],
)
def test_invalid_settings_refuse_webhooks(refused, accounts, config):
    accounts(default=config)
    assert refused(INBOUND, bearer(INBOUND)) == (503, "misconfigured")


@pytest.mark.parametrize("value", [None, {}, []])
def test_missing_settings_refuse_webhooks(refused, settings, value):
    settings.VONAGE_MESSAGES = value
    assert refused(INBOUND, bearer(INBOUND)) == (503, "misconfigured")


def _rs256(api_key: str) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode({"api_key": api_key}, key, algorithm="RS256")


BASIC = f"Basic {b64encode(b'user:password').decode()}"
FOREIGN = token(INBOUND, "x" * 32, api_key="efgh5678")


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(lambda: BASIC, id="Basic"),
        pytest.param(lambda: "Negotiate YII", id="Negotiate"),
        pytest.param(lambda: token(INBOUND), id="no-scheme"),
        pytest.param(lambda: f"Token {token(INBOUND)}", id="unknown-scheme"),
        pytest.param(lambda: f"Bearer Bearer {token(INBOUND)}", id="doubled-scheme"),
        pytest.param(lambda: ",".join([f"Bearer {token(INBOUND)}"] * 2), id="doubled"),
        pytest.param(lambda: ", ".join([f"Bearer {token(INBOUND)}"] * 2), id="doubled-space"),
        pytest.param(lambda: f"{BASIC},Bearer {token(INBOUND)}", id="Basic-and-Bearer"),
        pytest.param(lambda: f"Bearer {token(INBOUND)},{BASIC}", id="Bearer-and-Basic"),
    ],
)
def test_header_that_a_proxy_changed_is_refused_for_a_retry(refused, authorization):
    assert refused(INBOUND, {"Authorization": authorization()}) == (503, "wrong_header")


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512", "RS256"])
@pytest.mark.parametrize("claim", ["api_key", "application_id"])
def test_other_algorithm_with_our_key_is_refused_for_a_retry(refused, accounts, algorithm, claim):
    config = {"API_KEY": "abcd1234", "APPLICATION_ID": APPLICATION}
    accounts(default={**config, "SIGNATURE_SECRETS": [SIGNATURE_SECRET]})
    if algorithm == "RS256":
        signed = _rs256("abcd1234")
    else:
        ours = {"api_key": "abcd1234", "application_id": APPLICATION}[claim]
        signed = token(INBOUND, algorithm=algorithm, **{"api_key": None, claim: ours})
    assert refused(INBOUND, {"Authorization": f"Bearer {signed}"}) == (503, "wrong_algorithm")


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        ("", (503, "missing_token")),
        (BASIC, (503, "wrong_header")),
        (f"Bearer {FOREIGN}", (401, "not_vonage")),
        (f"Bearer {token(b'', OTHER_SECRET)}", (503, "wrong_secret")),
        (f"Bearer {token(b'', algorithm='HS512')}", (503, "wrong_algorithm")),
    ],
)
@pytest.mark.parametrize("size", [9, BODY_LIMIT + 1])
def test_token_is_verified_before_the_body_is_read(
    refused, monkeypatch, authorization, expected, size
):
    def read(*args):
        raise AssertionError("the body was read")

    monkeypatch.setattr(HttpRequest, "read", read)
    assert refused(b" " * size, {"Authorization": authorization}) == expected


@pytest.mark.parametrize("authorization", [BASIC, f"Bearer {token(INBOUND)},{BASIC}"])
def test_changed_header_is_stored_for_no_other_account(client, accounts, stored, authorization):
    verified = {"API_KEY": "abcd1234", "SIGNATURE_SECRETS": [SIGNATURE_SECRET]}
    accounts(default=verified, other={"API_KEY": "efgh5678", "VERIFY_WEBHOOKS": False})
    response = client.post(
        "/webhooks/inbound-message",
        INBOUND,
        content_type="application/json",
        headers={"Authorization": authorization},
    )
    names_verified_account = "Bearer" in authorization
    assert response.status_code == (503 if names_verified_account else 200)
    assert stored() == ((0, 0, 0) if names_verified_account else (0, 1, 0))


def test_oversized_body_is_stored_for_no_account(client, accounts, stored):
    accounts(default={"VERIFY_WEBHOOKS": False})
    body = b" " * (BODY_LIMIT + 1)
    response = client.post("/webhooks/inbound-message", body, content_type="application/json")
    assert response.status_code == 413
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(
            lambda: f"Bearer {token(INBOUND, 'x' * 32, api_key='efgh5678')}", id="other-api-key"
        ),
        pytest.param(lambda: f"Bearer {token(INBOUND, 'x' * 32, api_key=None)}", id="no-api-key"),
        pytest.param(
            lambda: f"Bearer {token(INBOUND, algorithm='HS512', api_key='efgh5678')}", id="HS512"
        ),
        pytest.param(lambda: f"Bearer {_rs256(api_key='efgh5678')}", id="RS256"),
        pytest.param(lambda: ",".join([f"Bearer {FOREIGN}"] * 2), id="doubled"),
        pytest.param(lambda: "Bearer not-a-token", id="malformed"),
        pytest.param(lambda: "Bearer a.b.c", id="three-letters"),
        pytest.param(lambda: f"Bearer {token(INBOUND)[:-4]}.{token(INBOUND)}", id="two-tokens"),
        pytest.param(lambda: f"Token {FOREIGN}", id="unknown-scheme"),
        pytest.param(lambda: FOREIGN, id="no-scheme"),
        pytest.param(lambda: "Bearer a.b.c " * 2000, id="many-words"),
        pytest.param(lambda: "\xe9\xff", id="latin-1"),
    ],
)
def test_token_of_another_issuer_is_refused_without_a_retry(refused, authorization):
    assert refused(INBOUND, {"Authorization": authorization()}) == (401, "not_vonage")


def test_body_over_the_limit_is_refused(refused):
    body = b" " * (BODY_LIMIT + 1)
    assert refused(body, bearer(body)) == (413, "body_too_large")


@pytest.mark.parametrize("length", [str(BODY_LIMIT + 1), "9" * 5000, "-1", "\xb2", "1e3", "many"])
def test_invalid_or_too_large_declared_length_is_refused(refused, length):
    declared = {"CONTENT_LENGTH": length}
    assert refused(INBOUND, bearer(INBOUND), **declared) == (413, "body_too_large")


def test_body_at_the_limit_is_accepted(post_webhook, stored):
    assert post_webhook("inbound-message", b" " * BODY_LIMIT).status_code == 200
    assert stored() == (1, 0, 0)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_authorization_scheme_is_case_insensitive(client, scheme):
    response = client.post(
        "/webhooks/inbound-message",
        INBOUND,
        content_type="application/json",
        headers={"Authorization": f"{scheme} {token(INBOUND)}"},
    )
    assert response.status_code == 200


@pytest.mark.parametrize("max_age", [None, 3600, 0.5e9])
def test_token_within_max_age_is_accepted(client, accounts, max_age):
    accounts(default={"SIGNATURE_SECRETS": [SIGNATURE_SECRET], "WEBHOOK_MAX_AGE": max_age})
    response = client.post(
        "/webhooks/inbound-message",
        INBOUND,
        content_type="application/json",
        headers=bearer(INBOUND, iat=time.time() - 60),
    )
    assert response.status_code == 200


def test_age_of_a_token_does_not_matter_without_max_age(client):
    response = client.post(
        "/webhooks/inbound-message",
        INBOUND,
        content_type="application/json",
        headers=bearer(INBOUND, iat=1, exp=2, nbf=time.time() + 9000),
    )
    assert response.status_code == 200
