"""Authorization headers, Basic or RS256 JWT, and private keys."""

import base64
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.exceptions import ImproperlyConfigured

from django_vonage_messages.backends import OutgoingMessage, credentials
from django_vonage_messages.backends.credentials import auth_for, bearer_token
from django_vonage_messages.conf import Account
from tests.backends.conftest import BASIC, MakeBackend
from tests.backends.server import Server

DAY = 24 * 60 * 60
PEM, PKCS8, PKCS1 = Encoding.PEM, PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL
PASSWORD = b"a-password-of-a-key"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that moves the clock of the tokens."""
    now = [time.time()]
    monkeypatch.setattr(credentials, "time", SimpleNamespace(time=lambda: now[0]))

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return a list of the PEMs that are loaded."""
    found: list[bytes] = []
    load = credentials.load_pem_private_key

    def counting(pem: bytes, password: None) -> Any:
        found.append(pem)
        return load(pem, password)

    monkeypatch.setattr(credentials, "load_pem_private_key", counting)
    return found


def app(key: Any, application_id: str = "an-application") -> Account:
    return Account("shop", {"APPLICATION_ID": application_id, "PRIVATE_KEY": key})


def claims(token: str, key: RSAPrivateKey) -> dict[str, Any]:
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT"}
    found: dict[str, Any] = jwt.decode(
        token,
        key.public_key(),
        algorithms=["RS256"],
        options={"verify_exp": False, "verify_iat": False},
    )
    return found


# The token


def test_sent_token_has_the_expected_claims(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    pem: str,
    rsa_key: RSAPrivateKey,
) -> None:
    make_backend({"APPLICATION_ID": "an-application", "PRIVATE_KEY": pem}).send(message)
    (header,) = server.received[0].values("Authorization")
    found = claims(header.removeprefix("Bearer "), rsa_key)
    assert found["application_id"] == "an-application"
    assert abs(found["iat"] - time.time()) < 5
    assert 30 <= found["exp"] - found["iat"] <= DAY
    assert found["jti"]
    assert found.keys() == {"application_id", "iat", "exp", "jti"}


def test_token_is_renewed_before_it_expires(
    pem: str, rsa_key: RSAPrivateKey, clock: Callable[[float], None], loaded: list[bytes]
) -> None:
    tokens = [bearer_token(app(pem))]
    for step in (0, 1, 800, 100, 10, 1000):  # 0, 1, 801, 901, 911 and 1911 seconds on
        clock(step)
        tokens.append(bearer_token(app(pem)))
    assert [a == b for a, b in pairwise(tokens)] == [True, True, True, False, True, False]
    made = [claims(token, rsa_key) for token in dict.fromkeys(tokens)]
    assert len({found["jti"] for found in made}) == len(made) == 3
    assert len(loaded) == 1


def test_no_token_is_used_in_its_last_minute(
    pem: str, rsa_key: RSAPrivateKey, clock: Callable[[float], None]
) -> None:
    seconds_left, now = [], time.time()
    for step in range(100):
        found = claims(bearer_token(app(pem)), rsa_key)
        seconds_left.append(found["exp"] - (now + 17 * step))
        clock(17)
    assert min(seconds_left) > 55
    assert max(seconds_left) <= DAY


def test_token_is_renewed_after_the_clock_is_set_back(
    pem: str, rsa_key: RSAPrivateKey, clock: Callable[[float], None]
) -> None:
    first = bearer_token(app(pem))
    clock(-3600)
    second = bearer_token(app(pem))
    assert claims(second, rsa_key)["iat"] < claims(first, rsa_key)["iat"] - 3000


def test_each_application_and_each_key_has_its_own_token(pem: str, rsa_key: RSAPrivateKey) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other_pem = other.private_bytes(PEM, PKCS8, NoEncryption()).decode()
    assert claims(bearer_token(app(pem, "one")), rsa_key)["application_id"] == "one"
    assert claims(bearer_token(app(pem, "two")), rsa_key)["application_id"] == "two"
    rotated = bearer_token(app(other_pem, "one"))
    assert claims(rotated, other)["application_id"] == "one"


def test_token_cache_is_limited(pem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_CACHE_SIZE", 3)
    for number in range(5):
        bearer_token(app(pem, f"app-{number}"))
    assert [application_id for application_id, _ in credentials._tokens] == [
        "app-2",
        "app-3",
        "app-4",
    ]


# Forms of the key


def test_every_form_of_a_key_is_accepted(pem: str, rsa_key: RSAPrivateKey, tmp_path: Path) -> None:
    path = tmp_path / "private.key"
    path.write_text(pem)
    pkcs1 = rsa_key.private_bytes(PEM, PKCS1, NoEncryption()).decode()
    assert pkcs1.startswith("-----BEGIN RSA PRIVATE KEY-----")
    forms: list[Any] = [
        pem,
        pem.strip(),
        f"\n  {pem}\n",
        pem.replace("\n", "\\n"),
        pem.replace("\n", "\r\n"),
        pem.replace("\n", " "),
        pem.replace("\n", "\\r\\n"),
        pkcs1,
        pkcs1.replace("\n", "\\n"),
        path,
        str(path),
        lambda: pem,
        lambda: path,
    ]
    for form in forms:
        assert claims(bearer_token(app(form)), rsa_key)


@pytest.mark.parametrize("line_end", ["\\n", "\\r\\n"])
def test_key_file_with_escaped_line_ends_is_accepted(
    pem: str, rsa_key: RSAPrivateKey, tmp_path: Path, line_end: str
) -> None:
    path = tmp_path / "private.key"
    path.write_text(pem.replace("\n", line_end))
    assert claims(bearer_token(app(path)), rsa_key)
    assert claims(bearer_token(app(str(path))), rsa_key)


def test_replaced_key_file_is_read_again(pem: str, rsa_key: RSAPrivateKey, tmp_path: Path) -> None:
    path = tmp_path / "private.key"
    path.write_text(pem)
    first = bearer_token(app(path))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(other.private_bytes(PEM, PKCS8, NoEncryption()))
    second = bearer_token(app(path))
    assert claims(first, rsa_key)
    assert claims(second, other)


# Invalid keys


def wrong_keys(rsa_key: RSAPrivateKey, pem: str) -> dict[str, Any]:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    keys = {
        "EC": ec.generate_private_key(ec.SECP256R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.generate(),
        "DSA": dsa.generate_private_key(1024),
        "small": small,
    }
    found: dict[str, Any] = {
        name: key.private_bytes(PEM, PKCS8, NoEncryption()).decode() for name, key in keys.items()
    }
    locked = BestAvailableEncryption(PASSWORD)
    public = rsa_key.public_key().public_bytes(PEM, PublicFormat.SubjectPublicKeyInfo)
    return found | {
        "encrypted": rsa_key.private_bytes(PEM, PKCS8, locked).decode(),
        "encrypted PKCS#1": rsa_key.private_bytes(PEM, PKCS1, locked).decode(),
        "public": public.decode(),
        "cut": pem[: len(pem) // 2],
        "empty": "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
        "nonsense": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
        "not base64": "-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----",
        "no PEM": "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQ",
        "very long": "MIIE" * 2000,
        "missing file": "/nowhere/private.key",
        "a directory": "/",
        "no home": "~nobody-has-this-name/private.key",
        "NUL": "private\x00key",
        "a lone surrogate": pem.replace("M", "\udcff", 1),
        "bytes": pem.encode(),
        "a number": 5,
    }


def test_error_for_an_invalid_key_names_alias_and_setting(rsa_key: RSAPrivateKey, pem: str) -> None:
    for name, key in wrong_keys(rsa_key, pem).items():
        with pytest.raises(ImproperlyConfigured) as caught:
            auth_for(app(key))
        error = str(caught.value)
        assert error.startswith("VONAGE_MESSAGES['shop']['PRIVATE_KEY'] "), name
        assert error.endswith("."), name
        assert not secrets_in(error, key), name
        assert not secrets_in(str(caught.value.__context__), key), name


def secrets_in(text: str, key: Any) -> list[str]:
    """Return the parts of a key, 8 characters each, that occur in a text."""
    whole = key.decode() if isinstance(key, bytes) else str(key)
    inside = [line for line in whole.splitlines() if "-----" not in line]
    parts = [line[i : i + 8] for line in inside for i in range(0, len(line) - 8, 8)]
    return [part for part in [*parts, PASSWORD.decode()] if part in text]


def test_file_without_a_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret-name.pem"
    for content in (b"", b"nothing", b"\xff\xfe\x00", b"-----BEGIN PRIVATE KEY-----"):
        path.write_bytes(content)
        with pytest.raises(ImproperlyConfigured) as caught:
            auth_for(app(path))
        assert str(caught.value).startswith("VONAGE_MESSAGES['shop']['PRIVATE_KEY'] ")


def test_invalid_key_is_refused_by_the_constructor_of_the_backend(
    make_backend: MakeBackend,
) -> None:
    with pytest.raises(ImproperlyConfigured, match="'PRIVATE_KEY'"):
        make_backend({"APPLICATION_ID": "app", "PRIVATE_KEY": "-----BEGIN nothing"})


# Basic


def test_basic_header_contains_key_and_secret() -> None:
    header = auth_for(Account("default", BASIC))._header
    assert base64.b64decode(header.removeprefix("Basic ")) == b"abcd1234:an-api-secret"


def test_auth_chooses_between_two_complete_methods(pem: str) -> None:
    both = BASIC | {"APPLICATION_ID": "app", "PRIVATE_KEY": pem}
    assert auth_for(Account("default", both | {"AUTH": "jwt"}))._header.startswith("Bearer ")
    assert auth_for(Account("default", both | {"AUTH": "basic"}))._header.startswith("Basic ")
    with pytest.raises(ImproperlyConfigured, match=r"\['default'\]\['AUTH'\] must be"):
        auth_for(Account("default", both))


def test_no_secret_is_in_a_repr(make_backend: MakeBackend, pem: str) -> None:
    jwt_config = {"APPLICATION_ID": "app", "PRIVATE_KEY": pem}
    for config in (BASIC, jwt_config):
        backend = make_backend(config)
        shown = repr([backend, backend.account, vars(backend)])
        assert "an-api-secret" not in shown
        assert pem[100:120] not in shown
        assert "eyJ" not in shown
