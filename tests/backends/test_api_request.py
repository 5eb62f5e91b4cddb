"""HTTP requests of the api backend."""

import base64
import json
import traceback
from typing import Any

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from django_vonage_messages.backends import OutgoingMessage
from django_vonage_messages.backends.api import ApiBackend
from django_vonage_messages.backends.base import get_backend, get_configured_backend
from django_vonage_messages.backends.connections import shared_session
from django_vonage_messages.conf import Account, get_account
from tests.backends.conftest import BASIC, SAMPLE, MakeBackend, sms
from tests.backends.server import UUID, Server
from tests.spec import spec_file


def test_default_url_is_that_of_the_reference(
    message: OutgoingMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = []

    def send(request: requests.PreparedRequest, **kwargs: object) -> None:
        prepared.append((request.method, request.url))
        raise requests.ConnectionError

    monkeypatch.setattr(shared_session(), "send", send)
    ApiBackend(Account("default", BASIC)).send(message)
    assert prepared == [("POST", "https://api.nexmo.com/v0.1/messages/")]


@pytest.mark.parametrize("base_url", ["{}", "{}/", "{}//"])
def test_a_base_url_may_end_with_slashes(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, base_url: str
) -> None:
    make_backend(base_url=base_url.format(server.url)).send(message)
    assert server.received[0].target == "/v0.1/messages/"


def test_a_base_url_may_have_a_path(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    make_backend(base_url=f"{server.url}/sandbox/").send(message)
    assert server.received[0].target == "/sandbox/v0.1/messages/"


def test_request_has_the_expected_body_and_headers(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    outcome = make_backend().send(message)

    assert (outcome.reason, outcome.message_uuid) == ("", UUID)
    (request,) = server.received
    assert (request.method, request.target) == ("POST", "/v0.1/messages/")
    assert request.json == SAMPLE
    assert request.values("Content-Type") == ["application/json"]
    assert request.values("Accept") == ["application/json"]
    assert request.values("User-Agent")[0].startswith("django-vonage-messages")
    assert request.values("Host") == [f"127.0.0.1:{server.port}"]
    assert request.values("Cookie") == []
    assert request.values("Authorization") == [
        "Basic " + base64.b64encode(b"abcd1234:an-api-secret").decode()
    ]


def test_sample_equals_the_reference() -> None:
    reference = spec_file("messages-api-v0-reference.txt").read_text()
    start = reference.index("{", reference.index("Ejemplo Solicitar"))
    assert json.JSONDecoder().raw_decode(reference[start:])[0] == SAMPLE


@pytest.mark.parametrize("text", ["Ünïcödé 🙂", "line\nline\r\n\ttab", '"\\', "\ufffd", "a" * 1000])
def test_any_text_arrives_unchanged(server: Server, make_backend: MakeBackend, text: str) -> None:
    body = {"message": {"content": {"type": "text", "text": text}}}
    assert make_backend().send(sms(**body)).is_accepted
    assert server.received[0].json["message"] == body["message"]


def test_credentials_may_contain_any_character(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    make_backend({"API_KEY": "abcd1234", "API_SECRET": "pässwörd:\n€"}).send(message)
    (header,) = server.received[0].values("Authorization")
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "abcd1234:pässwörd:\n€"


def test_body_that_is_not_json_is_not_sent(server: Server, make_backend: MakeBackend) -> None:
    assert make_backend().send(sms(price=float("nan"))).reason == "not_sent"
    assert server.received == []


PASSWORD = "hunter2"


@pytest.mark.parametrize(
    "base_url",
    [
        f"https://me:{PASSWORD}@api.nexmo.com",
        f"http://me:{PASSWORD}@gateway.example",
        f"https://me:{PASSWORD}@[broken",
        [f"https://me:{PASSWORD}@api.nexmo.com"],
    ],
)
def test_password_in_base_url_is_in_no_error_and_in_no_local_variable(base_url: Any) -> None:
    config = {"account": BASIC | {"OPTIONS": {"base_url": base_url}}}
    with override_settings(VONAGE_MESSAGES=config):
        for create in (get_configured_backend, get_backend):
            try:
                create(get_account("account"))
            except ImproperlyConfigured as exc:
                trace = traceback.TracebackException.from_exception(exc, capture_locals=True)
                frames = [frame for frame in trace.stack if "/tests/" not in frame.filename]
                text = f"{exc!r} {exc.__cause__!r} {exc.__context__!r}"
                assert PASSWORD not in text + str([frame.locals for frame in frames])
