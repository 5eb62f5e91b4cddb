"""The settings page names every key with its default, and every check with its hint."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from django_vonage_messages import backends, checks
from django_vonage_messages.backends import BaseBackend
from django_vonage_messages.conf import DEFAULTS
from tests.connections_fake import FakeConnection
from tests.docs.tables import rows_of

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
    "E008": {"API_SECRET": None},
    "E009": {"API_KEY": 1234},
    "E011": {"EXECUTOR": "celery"},
    "E010": {"USE_TZ": False},
    "W001": {"VONAGE_MESSAGES": {"other": GOOD}},
    "W002": {"VERIFY_WEBHOOKS": False},
    "W003": {"SIGNATURE_SECRETS": []},
    "W004": {"SIGNATURE_SECRETS": ["short"]},
    "W005": {"BACKEND": DUMMY, "PRIVATE_KEY": "-----BEGIN"},
    "W006": {"SIGNATURE_SECRETS": [GOOD["API_SECRET"]]},
    "W007": {"BACKEND": DUMMY},
    "W010": {"ROOT_URLCONF": "tests.docs.no_urls"},
    "W014": {"VONAGE_MESSAGES": {"default": GOOD, "shop": GOOD}},
}

DATABASES = {
    "W011": FakeConnection("sqlite"),
    "W012": FakeConnection("mysql", collation="latin1_swedish_ci"),
}


def test_every_key_is_named_with_its_default() -> None:
    documented = {key: default for key, _type, default, _meaning in rows_of("settings", "Key")}
    assert list(documented) == list(DEFAULTS)
    for key, default in documented.items():
        assert ast.literal_eval(default) == DEFAULTS[key], key


def test_every_check_is_named_and_provoked_here() -> None:
    source = Path(checks.__file__).read_text(encoding="utf-8")
    existing = set(re.findall(r'"(?:vonage_messages\.)?([EW]\d{3})"', source))
    documented = [check_id for check_id, *_ in rows_of("settings", "Id")]
    assert documented == sorted(f"vonage_messages.{number}" for number in existing)
    assert {*MISTAKES, *DATABASES, "W013"} == existing


@pytest.mark.parametrize("number", MISTAKES)
def test_every_hint_is_given_in_its_words(number: str) -> None:
    (documented,) = [
        hint
        for check_id, _wrong, hint in rows_of("settings", "Id")
        if check_id == f"vonage_messages.{number}"
    ]
    mistake = MISTAKES[number]
    is_key = mistake.keys() <= DEFAULTS.keys()
    said = {"VONAGE_MESSAGES": {"default": GOOD | mistake}} if is_key else mistake
    with override_settings(**said):
        found = run_checks(tags=["vonage_messages", "urls"], include_deployment_checks=True)
    hints = [problem.hint for problem in found if problem.id == f"vonage_messages.{number}"]
    assert hints == [documented]


@pytest.mark.parametrize("number", DATABASES)
def test_every_hint_about_a_database_is_given_in_its_words(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "connections", {"default": DATABASES[number]})
    (found,) = checks.check_database(databases=["default"])
    documented = {check_id: hint for check_id, _wrong, hint in rows_of("settings", "Id")}
    assert (found.id, found.hint) == (
        f"vonage_messages.{number}",
        documented[f"vonage_messages.{number}"],
    )


def test_the_hint_about_the_queue_is_given_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_count_overdue", lambda alias: 1)
    (found,) = checks.check_queue(databases=["default"])
    documented = {check_id: hint for check_id, _wrong, hint in rows_of("settings", "Id")}
    assert (found.id, found.hint) == ("vonage_messages.W013", documented["vonage_messages.W013"])


def test_every_backend_is_named_with_its_options() -> None:
    documented = {
        path: set(re.findall(r"(\w+), default", options))
        for path, _what, options in rows_of("settings", "In django_vonage_messages.backends")
    }
    for module in pkgutil.iter_modules(backends.__path__):
        importlib.import_module(f"{backends.__name__}.{module.name}")
    existing = {
        f"{known.__module__.removeprefix(backends.__name__)[1:]}.{known.__name__}": known
        for known in BaseBackend.__subclasses__()
        if known.__module__.startswith(backends.__name__)
    }
    assert documented == {path: set(known.option_names) for path, known in existing.items()}
