"""The settings page lists every key with its default and every check with its hint."""

import ast
import importlib
import json
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from django_vonage_messages import (
    backends,
    checks,
    database_checks,
    queue_message,
    send_message,
)
from django_vonage_messages.backends import BaseBackend, OutgoingMessage, api
from django_vonage_messages.conf import DEFAULTS, Account
from django_vonage_messages.exceptions import VonageMessagesError
from django_vonage_messages.models import Deployment
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.testing import capture_messages
from tests.connections_fake import FakeConnection
from tests.docs.blocks import blocks_of
from tests.docs.tables import page, rows_of

GOOD = {
    "API_KEY": "abcd1234",
    "API_SECRET": "an-api-secret-that-is-long",
    "SIGNATURE_SECRETS": ["a-signature-secret-that-is-long"],
    "SENDERS": {"sms": "447700900001"},
}
DUMMY = "django_vonage_messages.backends.dummy.DummyBackend"

MISTAKES: dict[str, dict[str, Any]] = {
    "E001": {"VONAGE_MESSAGES": {}},
    "E002": {"API_VERSION": "v2"},
    "E003": {"SIGNATURE_SECRETS": 1},
    "E004": {"VERIFY_WEBHOOKS": "no"},
    "E005": {"WEBHOOK_MAX_AGE": -1},
    "E006": {"REGION": "Britain"},
    "E007": {"SENDERS": {"pigeon": "1"}},
    "E008": {"OPTIONS": None},
    "E009": {"API_KEY": 1234},
    "E011": {"EXECUTOR": "celery"},
    "E012": {"DATABASE_WAIT": "long"},
    "E010": {"USE_TZ": False},
    "W001": {"VONAGE_MESSAGES": {"other": GOOD}},
    "W002": {"VERIFY_WEBHOOKS": False},
    "W003": {"SIGNATURE_SECRETS": []},
    "W004": {"SIGNATURE_SECRETS": ["short"]},
    "W005": {"BACKEND": DUMMY, "PRIVATE_KEY": "-----BEGIN"},
    "W006": {"SIGNATURE_SECRETS": [GOOD["API_SECRET"]]},
    "W007": {"BACKEND": DUMMY},
    "W008": {"API_SECRET": None},
    "W010": {"ROOT_URLCONF": "tests.docs.no_urls"},
    "E014": {"ALLOWED_RECIPIENTS": ["07700 900000"]},
    "W015": {"ALLOWED_RECIPIENTS": []},
    "W017": {"API_SECRET": " an-api-secret-that-is-long"},
    "W018": {"APPLICATION_ID": "My shop"},
    "W019": {"SENDERS": {}},
    "W020": {
        "API_VERSION": "v1",
        "APPLICATION_ID": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
        "PRIVATE_KEY": "-----BEGIN",
        "AUTH": "basic",
        "SENDERS": {"rcs": "Shop"},
    },
    "W014": {"VONAGE_MESSAGES": {"default": GOOD, "shop": GOOD}},
}

DATABASES = {
    "E013": FakeConnection("postgresql"),
    "W011": FakeConnection("sqlite"),
    "W012": FakeConnection("mysql", collation="latin1_swedish_ci"),
}


def test_every_key_is_listed_with_its_default() -> None:
    documented = {key: default for key, _type, default, _meaning in rows_of("settings", "Key")}
    assert list(documented) == list(DEFAULTS)
    for key, default in documented.items():
        assert ast.literal_eval(default) == DEFAULTS[key], key


def test_every_check_is_listed_and_provoked_here() -> None:
    modules = (checks, database_checks, api)
    source = "".join(Path(each.__file__).read_text(encoding="utf-8") for each in modules)
    existing = set(re.findall(r'"(?:vonage_messages\.)?([EW]\d{3})"', source))
    documented = [check_id for check_id, *_ in rows_of("settings", "Id")]
    assert documented == sorted(f"vonage_messages.{number}" for number in existing)
    assert {*MISTAKES, *DATABASES, "W013", "W016"} == existing


@pytest.mark.parametrize("number", MISTAKES)
def test_documented_hint_equals_the_hint_of_the_check(number: str) -> None:
    (documented,) = [
        hint
        for check_id, _wrong, hint in rows_of("settings", "Id")
        if check_id == f"vonage_messages.{number}"
    ]
    mistake = MISTAKES[number]
    is_key = mistake.keys() <= DEFAULTS.keys()
    wrong_settings = {"VONAGE_MESSAGES": {"default": GOOD | mistake}} if is_key else mistake
    with override_settings(**wrong_settings):
        found = run_checks(tags=["vonage_messages", "urls"], include_deployment_checks=True)
    hints = [problem.hint for problem in found if problem.id == f"vonage_messages.{number}"]
    assert hints == [documented]


@pytest.mark.parametrize("number", DATABASES)
def test_documented_database_hint_equals_the_hint_of_the_check(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_checks, "connections", {"default": DATABASES[number]})
    monkeypatch.setattr(database_checks, "_isolation_level", lambda alias: "serializable")
    (found,) = database_checks.check_database(databases=["default"])
    documented = {check_id: hint for check_id, _wrong, hint in rows_of("settings", "Id")}
    assert (found.id, found.hint) == (
        f"vonage_messages.{number}",
        documented[f"vonage_messages.{number}"],
    )


def test_documented_queue_hint_equals_the_hint_of_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_checks, "_count_overdue", lambda alias: 1)
    (found,) = database_checks.check_queue(databases=["default"])
    documented = {check_id: hint for check_id, _wrong, hint in rows_of("settings", "Id")}
    assert (found.id, found.hint) == ("vonage_messages.W013", documented["vonage_messages.W013"])


@pytest.mark.django_db
def test_documented_copy_hint_equals_the_hint_of_the_check() -> None:
    Deployment.objects.create(fingerprint="of another", host="web1")
    (found,) = database_checks.check_copy(databases=["default"])
    documented = {check_id: hint for check_id, _wrong, hint in rows_of("settings", "Id")}
    assert (found.id, found.hint) == ("vonage_messages.W016", documented["vonage_messages.W016"])


def test_every_backend_is_listed_with_its_options() -> None:
    documented = {
        path: set(re.findall(r"(\w+), default", options))
        for path, _what, options in rows_of("settings", "Class in django_vonage_messages.backends")
    }
    for module in pkgutil.iter_modules(backends.__path__):
        importlib.import_module(f"{backends.__name__}.{module.name}")
    existing = {
        f"{backend.__module__.removeprefix(backends.__name__)[1:]}.{backend.__name__}": backend
        for backend in BaseBackend.__subclasses__()
        if backend.__module__.startswith(backends.__name__)
    }
    assert documented == {path: set(backend.option_names) for path, backend in existing.items()}


def test_example_backend_sends_and_checks(tmp_path: Path) -> None:
    (example,) = [block for block in blocks_of(page("settings")) if "(BaseBackend)" in block.code]
    imported = set(re.findall(r"django_vonage_messages[\w.]*", example.code))
    assert imported == {"django_vonage_messages.backends"}
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(example.compiled(), namespace)

    def backend(**options: Any) -> BaseBackend:
        made: BaseBackend = namespace["SpoolBackend"](Account("shop", {"OPTIONS": options}))
        return made

    message = OutgoingMessage("ref", "sms", "447700900000", "ACME", "Hello", {"text": "Hello"})
    spool, nowhere = backend(directory=tmp_path), backend(directory=tmp_path / "nowhere")
    assert spool.send(message) == backends.Accepted("ref")
    assert json.loads((tmp_path / "ref.json").read_text()) == {"text": "Hello"}
    assert nowhere.send(message).reason == "not_sent"
    assert spool.check() == []
    (problem,) = nowhere.check()
    assert problem.id == "shop.E001"
    with pytest.raises(ImproperlyConfigured, match=r"\['OPTIONS'\] needs a 'directory'\."):
        backend()


OUTCOMES = {name: row for name, *row in rows_of("settings", "Outcome")}


def test_every_outcome_is_listed() -> None:
    exported = {getattr(backends, name) for name in backends.__all__}
    existing = {each for each in exported if _is_outcome(each)}
    assert set(OUTCOMES) == {each.__name__ for each in existing}


def _is_outcome(value: Any) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, backends.Outcome)
        and value is not backends.Outcome
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome_has_the_documented_effect(name: str) -> None:
    _meaning, raised, status = OUTCOMES[name]
    outcome = getattr(backends, name)()
    queued = queue_message("447700900000", "Hello")
    with capture_messages(outcome=outcome):
        try:
            send_message("447700900000", "Hello")
            caught = "nothing"
        except VonageMessagesError as exc:
            caught = type(exc).__name__
        deliver(queued.pk)
    queued.refresh_from_db()
    assert caught == raised
    assert queued.status == status.removesuffix(" again")
