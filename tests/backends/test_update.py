"""Updates of messages by each backend."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.core.exceptions import ImproperlyConfigured

from django_vonage_messages.backends import BaseBackend, MessageUpdate
from django_vonage_messages.backends.api import ApiBackend
from django_vonage_messages.backends.connections import shared_session
from django_vonage_messages.backends.console import ConsoleBackend
from django_vonage_messages.backends.dummy import DummyBackend
from django_vonage_messages.backends.locmem import LocMemBackend, updates
from django_vonage_messages.conf import Account
from django_vonage_messages.protocol.v1.update_requests import MARK_READ, REVOKE
from tests.backends.conftest import BASIC, MakeBackend
from tests.backends.server import Play, Server, answer, drip, hang, hang_up
from tests.backends.test_api_outcomes import ERROR, THROTTLED, free_port

UUID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
EU = f"https://api-eu.vonage.com/v1/messages/{UUID}"
UPDATE = MessageUpdate(UUID, MARK_READ, EU)
DONE = answer(202, b"")

Config = dict[str, Any]


@pytest.fixture
def config(pem: str) -> Config:
    """Credentials for Basic and for JWT; sends use Basic."""
    return {**BASIC, "AUTH": "basic", "APPLICATION_ID": "an-application", "PRIVATE_KEY": pem}


def test_update_is_one_patch_with_a_token_although_sends_use_basic(
    server: Server, make_backend: MakeBackend, config: Config, rsa_key: RSAPrivateKey
) -> None:
    server.script.append(DONE)
    assert make_backend(config).update(UPDATE).is_accepted
    (request,) = server.received
    assert (request.method, request.target) == ("PATCH", f"/v1/messages/{UUID}")
    assert request.json == {"status": "read"}
    assert request.values("Content-Type") == ["application/json"]
    assert request.values("Host") == [f"127.0.0.1:{server.port}"]
    (header,) = request.values("Authorization")
    scheme, _, token = header.partition(" ")
    claims = jwt.decode(token, rsa_key.public_key(), algorithms=["RS256"])
    assert (scheme, claims["application_id"]) == ("Bearer", "an-application")


def test_update_is_sent_to_the_region_of_the_message(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = []

    def send(request: requests.PreparedRequest, **kwargs: object) -> None:
        prepared.append((request.method, request.url))
        raise requests.ConnectionError

    monkeypatch.setattr(shared_session(), "send", send)
    backend = ApiBackend(Account("default", config))
    backend.update(UPDATE)
    evil = f"https://api-eu.vonage.com.evil.example/v1/messages/{UUID}"
    backend.update(MessageUpdate(UUID, MARK_READ, evil))
    backend.update(MessageUpdate(UUID, MARK_READ))
    home = f"https://api.nexmo.com/v1/messages/{UUID}"
    assert prepared == [("PATCH", EU), ("PATCH", home), ("PATCH", home)]


@pytest.mark.parametrize(
    ("options", "hosts"),
    [
        ({}, ["api-eu.vonage.com", "api.nexmo.com"]),
        ({"regional_url": None}, ["api-eu.vonage.com", "api.nexmo.com"]),
        (
            {"regional_url": "https://api-us.vonage.com/"},
            ["api-eu.vonage.com", "api-us.vonage.com"],
        ),
        ({"base_url": "https://api-ap.nexmo.com"}, ["api-eu.vonage.com", "api-ap.nexmo.com"]),
        (
            {"base_url": "https://a.example/x", "regional_url": "https://b.example/y"},
            ["b.example", "b.example"],
        ),
        (
            {"base_url": "http://127.0.0.1:9", "regional_url": "https://api-us.vonage.com"},
            ["127.0.0.1:9", "127.0.0.1:9"],
        ),
    ],
)
def test_update_without_a_region_is_sent_to_the_regional_url(
    config: Config, monkeypatch: pytest.MonkeyPatch, options: Config, hosts: list[str]
) -> None:
    prepared = []

    def send(request: requests.PreparedRequest, **kwargs: object) -> None:
        prepared.append(urlsplit(str(request.url)).netloc)
        raise requests.ConnectionError

    monkeypatch.setattr(shared_session(), "send", send)
    backend = ApiBackend(Account("default", config | {"OPTIONS": options}))
    backend.update(UPDATE)
    backend.update(MessageUpdate(UUID, REVOKE))
    assert prepared == hosts


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (5, "has a regional_url that is not a string"),
        ("api-eu.vonage.com", "has a regional_url that is not https://host"),
        ("http://api-eu.vonage.com", "has a regional_url that is not https"),
        ("https://api-eu.vonage.com/v1/messages", "has a regional_url with the path of the API"),
        ("https://me:hunter2@api-eu.vonage.com", "has a regional_url that is not https://host"),
    ],
)
def test_invalid_regional_url_is_refused(config: Config, url: object, problem: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        ApiBackend(Account("default", config | {"OPTIONS": {"regional_url": url}}))
    assert problem in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("missing", ["APPLICATION_ID", "PRIVATE_KEY"])
def test_error_for_a_missing_application_names_the_settings(
    server: Server, make_backend: MakeBackend, config: Config, missing: str
) -> None:
    backend = make_backend({**config, missing: None})
    for call in (backend.ensure_can_update, lambda: backend.update(UPDATE)):
        with pytest.raises(ImproperlyConfigured) as caught:
            call()
        error = str(caught.value)
        assert error.startswith("VONAGE_MESSAGES['default']['PRIVATE_KEY'] and APPLICATION_ID must")
        assert "an-api-secret" not in error
    assert server.received == []


def test_invalid_key_is_refused_before_any_request(
    make_backend: MakeBackend, config: Config
) -> None:
    make_backend(config).ensure_can_update()
    with pytest.raises(ImproperlyConfigured, match="is not a usable PEM private key"):
        make_backend({**config, "PRIVATE_KEY": "-----BEGIN nothing"}).ensure_can_update()


@pytest.mark.parametrize(
    ("play", "reason", "title"),
    [
        (answer(404, {"title": "Not Found"}), "rejected", "Not Found"),
        (answer(422, ERROR), "rejected", ERROR["title"]),
        (answer(401, b""), "rejected", "HTTP 401"),
        (answer(429, THROTTLED, ("Retry-After: 7",)), "throttled", ERROR["title"]),
        (answer(200, b""), "unconfirmed", "HTTP 200"),
        (answer(204, b""), "unconfirmed", "HTTP 204"),
        (answer(500, ERROR), "unconfirmed", ERROR["title"]),
        (answer(307, b"", (f"Location: {EU}",)), "unconfirmed", "HTTP 307"),
        (hang, "unconfirmed", "The connection was lost before Vonage answered"),
        (hang_up, "unconfirmed", "The connection was lost before Vonage answered"),
        (
            drip(b"HTTP/1.1 202 X\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000, 0.1),
            "unconfirmed",
            "The connection was lost before Vonage answered",
        ),
    ],
)
def test_response_to_an_update_is_interpreted(
    server: Server,
    make_backend: MakeBackend,
    config: Config,
    play: Play,
    reason: str,
    title: str,
) -> None:
    server.script.append(play)
    outcome = make_backend(config).update(UPDATE)
    assert (outcome.reason, outcome.error.title) == (reason, title)
    assert outcome.retry_after == (7.0 if reason == "throttled" else None)
    assert len(server.received) == 1


def test_refused_connection_is_not_sent(make_backend: MakeBackend, config: Config) -> None:
    backend = make_backend(config, base_url=f"http://127.0.0.1:{free_port()}")
    assert backend.update(UPDATE).reason == "not_sent"


def test_netrc_does_not_replace_the_token(
    server: Server,
    make_backend: MakeBackend,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    make_backend(config).update(UPDATE)
    assert server.received[0].values("Authorization")[0].startswith("Bearer ")


# Local backends


@pytest.mark.parametrize("backend", [ConsoleBackend, DummyBackend, LocMemBackend])
def test_each_local_backend_accepts_updates(
    backend: type[BaseBackend], capsys: pytest.CaptureFixture[str]
) -> None:
    made = backend(Account("default", {}))
    made.ensure_can_update()
    assert made.supports_update
    assert made.update(UPDATE).is_accepted
    assert updates == ([UPDATE] if backend is LocMemBackend else [])
    shown = capsys.readouterr().out
    if backend is not ConsoleBackend:
        assert shown == ""
        return
    first, _, rest = shown.partition("\n")
    assert first == f"Message {UUID}:"
    assert json.loads(rest.partition("-" * 79)[0]) == {"status": "read"}


def test_base_backend_does_not_implement_update() -> None:
    backend = BaseBackend(Account("default", {}))
    assert not backend.supports_update
    with pytest.raises(NotImplementedError):
        backend.update(UPDATE)


def test_repr_of_an_update_does_not_show_the_url() -> None:
    assert "vonage.com" not in repr(UPDATE)
