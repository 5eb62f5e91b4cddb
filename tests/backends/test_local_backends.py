"""Local backends, choice of a backend, and invalid OPTIONS."""

import json
import threading
import uuid
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from django_vonage_messages import backends
from django_vonage_messages.backends import (
    Accepted,
    BaseBackend,
    NotSent,
    Outcome,
    OutgoingMessage,
    Rejected,
    Throttled,
    Unconfirmed,
    Unsendable,
    get_backend,
)
from django_vonage_messages.backends.api import ApiBackend
from django_vonage_messages.backends.console import ConsoleBackend
from django_vonage_messages.backends.dummy import DummyBackend
from django_vonage_messages.backends.locmem import LocMemBackend, outbox
from django_vonage_messages.conf import Account
from django_vonage_messages.protocol import outcomes
from tests.backends.conftest import BASIC, SAMPLE, sms

PATHS = {
    "django_vonage_messages.backends.console.ConsoleBackend": ConsoleBackend,
    "django_vonage_messages.backends.dummy.DummyBackend": DummyBackend,
    "django_vonage_messages.backends.locmem.LocMemBackend": LocMemBackend,
    "django_vonage_messages.backends.api.ApiBackend": ApiBackend,
}


class OwnBackend(BaseBackend):
    """A backend of a site."""

    option_names = frozenset({"channel"})

    def send(self, message: OutgoingMessage) -> Outcome:
        return Accepted(str(self.options["channel"]))


def account(backend: Any, **config: Any) -> Account:
    return Account("shop", {"BACKEND": backend, **config})


def own(**config: Any) -> Account:
    return account(f"{__name__}.OwnBackend", **config)


@pytest.mark.parametrize("backend", [ConsoleBackend, DummyBackend, LocMemBackend])
def test_local_backend_accepts_each_message_with_its_own_uuid(
    backend: type[BaseBackend], message: OutgoingMessage, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = [backend(Account("default", {})).send(message) for _ in range(2)]
    assert {outcome.reason for outcome in outcomes} == {""}
    first, second = (uuid.UUID(outcome.message_uuid) for outcome in outcomes)
    assert first != second
    shown = capsys.readouterr().out
    assert bool(shown) == (backend is ConsoleBackend)


def test_console_prints_the_body(
    message: OutgoingMessage, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = ConsoleBackend(Account("default", {}))
    backend.send(sms(text="Ünïcödé"))
    backend.send(message)
    first, second, rest = capsys.readouterr().out.split("-" * 79 + "\n")
    assert json.loads(first) == SAMPLE | {"text": "Ünïcödé"}
    assert "Ünïcödé" in first
    assert (json.loads(second), rest) == (SAMPLE, "")


def test_console_does_not_mix_messages_of_several_threads(
    message: OutgoingMessage, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = ConsoleBackend(Account("default", {}))
    threads = [threading.Thread(target=backend.send, args=(message,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown = capsys.readouterr().out.split("-" * 79 + "\n")
    assert [json.loads(part) for part in shown[:-1]] == [SAMPLE] * 10


def test_locmem_keeps_messages_in_order(message: OutgoingMessage) -> None:
    backend = LocMemBackend(Account("default", {}))
    second = sms(client_ref="second")
    for sent in (message, second):
        backend.send(sent)
    assert outbox == [message, second]
    assert (outbox[0].to, outbox[0].text, outbox[0].body) == (
        "447700900000",
        "Hello From Vonage!",
        SAMPLE,
    )


def test_repr_of_an_outgoing_message_shows_no_number_or_text(message: OutgoingMessage) -> None:
    assert "447700900000" not in repr(message)
    assert "447700900001" not in repr(message)
    assert "Hello" not in repr([message])
    assert message.reference in repr(message)


# Choice of a backend


@pytest.mark.parametrize("path", PATHS)
def test_backend_is_imported_by_its_path(path: str) -> None:
    assert type(get_backend(account(path, **BASIC))) is PATHS[path]


def test_default_backend_is_the_api_backend() -> None:
    assert isinstance(get_backend(Account("default", BASIC)), ApiBackend)


def test_site_may_use_its_own_backend(message: OutgoingMessage) -> None:
    assert get_backend(own(OPTIONS={"channel": "x"})).send(message) == Accepted("x")


@pytest.mark.parametrize(
    ("backend", "problem"),
    [
        ("nowhere.Backend", "cannot be imported: 'nowhere.Backend'."),
        ("nodots", "cannot be imported: 'nodots'."),
        ("django_vonage_messages.backends.api.NoBackend", "cannot be imported: "),
        ("django_vonage_messages.backends.api.BASE_URL", "is not a subclass of BaseBackend: "),
        ("django_vonage_messages.conf.Account", "is not a subclass of BaseBackend: "),
        ("", "must be the dotted path of a backend class."),
        (None, "must be the dotted path of a backend class."),
        (5, "must be a string, not int."),
        (ApiBackend, "is a callable that raised TypeError."),
    ],
)
def test_error_for_an_invalid_backend_names_alias_and_setting(backend: Any, problem: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        get_backend(account(backend, **BASIC))
    assert str(caught.value).startswith(f"VONAGE_MESSAGES['shop']['BACKEND'] {problem}")


def test_base_backend_does_not_implement_send(message: OutgoingMessage) -> None:
    with pytest.raises(NotImplementedError):
        BaseBackend(Account("default", {})).send(message)


def test_backends_package_exports_the_names_for_own_backends() -> None:
    assert set(backends.__all__) == {
        "Accepted", "BaseBackend", "MessageUpdate", "NotSent", "Outcome", "OutgoingMessage",
        "Rejected", "Throttled", "Unconfirmed", "Unsendable", "get_backend",
    }  # fmt: skip
    for exported in (Accepted, NotSent, Outcome, Rejected, Throttled, Unconfirmed, Unsendable):
        assert getattr(outcomes, exported.__name__) is exported


def test_local_backends_declare_that_they_send_nothing() -> None:
    silent = {path for path, backend in PATHS.items() if backend.sends_nothing}
    assert silent == PATHS.keys() - {"django_vonage_messages.backends.api.ApiBackend"}
    assert not BaseBackend.sends_nothing


def test_base_backend_has_no_checks() -> None:
    assert get_backend(own(OPTIONS={"channel": "x"})).check() == []


# OPTIONS


@pytest.mark.parametrize("path", PATHS)
def test_unknown_option_is_refused_by_name(path: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        get_backend(account(path, OPTIONS={"retries": "a-secret"}, **BASIC))
    error = str(caught.value)
    assert error.startswith("VONAGE_MESSAGES['shop']['OPTIONS'] has an unknown option 'retries'; ")
    exported = ", ".join(sorted(PATHS[path].option_names)) or "none"
    assert error.endswith(f"the options of {PATHS[path].__name__} are: {exported}.")
    assert "a-secret" not in error


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.nexmo.com",
        "http://127.0.0.1.evil.invalid",
        "http://localhost.invalid",
        "ftp://127.0.0.1",
        "api.nexmo.com",
        "https://",
        "https:///v0.1",
        "https://user:a-secret@api.nexmo.com",
        "https://api.nexmo.com?key=a-secret",
        "https://api.nexmo.com#a-secret",
        "https://api.nexmo.com\\@evil.invalid",
        "https://api.nexmo.com:port",
        "https://api.nexmo.com:99999",
        "https://api.nexmo.com:0",
        "https://[::1",
        "https://api nexmo.com",
        "https://api.nexmo.com\n",
        "",
        None,
        5,
        b"https://api.nexmo.com",
    ],
)
def test_invalid_base_url_is_refused(base_url: Any) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        ApiBackend(Account("shop", {"OPTIONS": {"base_url": base_url}, **BASIC}))
    assert str(caught.value).startswith("VONAGE_MESSAGES['shop']['OPTIONS'] has a base_url that ")
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.nexmo.com", "https://api.nexmo.com/v0.1/messages/"),
        ("https://messages-sandbox.nexmo.com/", "https://messages-sandbox.nexmo.com/v0.1/messages/"),
        ("HTTPS://API.nexmo.com:8443", "HTTPS://API.nexmo.com:8443/v0.1/messages/"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v0.1/messages/"),
        ("http://localhost:1/x", "http://localhost:1/x/v0.1/messages/"),
        ("http://[::1]:8000", "http://[::1]:8000/v0.1/messages/"),
    ],
)  # fmt: skip
def test_base_url_is_joined_with_the_path(base_url: str, url: str) -> None:
    backend = ApiBackend(Account("shop", {"OPTIONS": {"base_url": base_url}, **BASIC}))
    assert backend.url == url


@pytest.mark.parametrize(
    ("timeout", "pair"),
    [((3.05, 10), (3.05, 10.0)), ([1, 2], (1.0, 2.0)), (5, (5.0, 5.0)), (0.5, (0.5, 0.5)),
     ((300, 300), (300.0, 300.0))],
)  # fmt: skip
def test_timeout_is_one_number_or_two(timeout: Any, pair: tuple[float, float]) -> None:
    backend = ApiBackend(Account("shop", {"OPTIONS": {"timeout": timeout}, **BASIC}))
    assert backend.timeout == pair


def test_default_timeout_is_set() -> None:
    assert ApiBackend(Account("shop", BASIC)).timeout == (3.05, 10.0)


@pytest.mark.parametrize(
    "timeout",
    [None, "5", 0, -1, True, (1,), (1, 2, 3), (1, None), (1, 0), ("1", 2), (1, True), [], {},
     float("nan"), float("inf"), (1, float("inf")), 1e300, 10**400, (1, 301)],
)  # fmt: skip
def test_invalid_timeout_is_refused(timeout: Any) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        ApiBackend(Account("shop", {"OPTIONS": {"timeout": timeout}, **BASIC}))
    assert str(caught.value) == (
        "VONAGE_MESSAGES['shop']['OPTIONS'] has a timeout that is not two numbers of seconds, "
        "above 0 and up to 300."
    )
