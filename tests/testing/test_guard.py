"""A test run without the testing kit contacts no host but the local one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from django_vonage_messages import mark_message_read, send_message
from django_vonage_messages.backends import BaseBackend, api, get_backend
from django_vonage_messages.backends.api import ApiBackend
from django_vonage_messages.backends.locmem import LocMemBackend, TestRunBackend
from django_vonage_messages.conf import Account, get_account
from django_vonage_messages.simulator import Simulator
from django_vonage_messages.testing import allow_http, outbox, simulate_inbound, updates

LIVE: dict[str, Any] = {
    "API_VERSION": "v1",
    "API_KEY": "abcd1234",
    "API_SECRET": "an-api-secret",
    "SENDERS": {"sms": "447700900001", "whatsapp": "447700900001"},
    "OPTIONS": {"timeout": 5},
}
LIVE_SITE = """
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_vonage_messages"],
    VONAGE_MESSAGES={"default": {"API_KEY": "abcd1234", "API_SECRET": "an-api-secret"}},
    EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
)
django.setup()

from django.core import mail
from django.test.utils import setup_test_environment

from django_vonage_messages.backends import get_backend
from django_vonage_messages.conf import get_account

mail.send_mail("Hello", "Hello", "a@example.com", ["b@example.com"])
assert mail.outbox
print(type(get_backend(get_account())).__name__)
setup_test_environment()
print(type(get_backend(get_account())).__name__)
"""


class GatewayBackend(BaseBackend):
    """A backend of a site that calls a host."""

    option_names = frozenset({"url"})

    @classmethod
    def for_test_run(cls, account: Account) -> BaseBackend:
        return TestRunBackend(account)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("A test tried to contact Vonage.")

    monkeypatch.setattr(api, "shared_session", refuse)


@pytest.fixture
def live_settings(db: None) -> Iterator[None]:
    with override_settings(VONAGE_MESSAGES={"default": LIVE}):
        yield


@pytest.mark.usefixtures("live_settings")
def test_message_is_put_into_outbox() -> None:
    assert send_message("447700900000", "Hello").status == "accepted"
    assert [sent.text for sent in outbox] == ["Hello"]


@pytest.mark.usefixtures("live_settings")
def test_read_receipt_is_put_into_updates() -> None:
    message = simulate_inbound("447700900000", "Hello", channel="whatsapp")
    mark_message_read(message)
    assert [update.message_uuid for update in updates] == [message.message_uuid]


@pytest.mark.django_db
def test_test_run_needs_no_credentials() -> None:
    with override_settings(VONAGE_MESSAGES={"default": {"SENDERS": {"sms": "SHOP"}}}):
        assert send_message("447700900000", "Hello").status == "accepted"


@pytest.mark.parametrize("host", ["https://api-eu.vonage.com", "https://127.0.0.1.example.com"])
def test_other_hosts_are_guarded(host: str) -> None:
    accounts = {"default": {**LIVE, "OPTIONS": {"base_url": host}}}
    with override_settings(VONAGE_MESSAGES=accounts):
        assert isinstance(get_backend(get_account()), LocMemBackend)


@pytest.mark.django_db
def test_backend_of_site_is_guarded_whatever_its_options() -> None:
    path = f"{__name__}.{GatewayBackend.__name__}"
    account = {**LIVE, "BACKEND": path, "OPTIONS": {"url": "https://gateway.example.com"}}
    with override_settings(VONAGE_MESSAGES={"default": account}):
        send_message("447700900000", "Hello")
    assert [sent.text for sent in outbox] == ["Hello"]


def test_simulator_is_used_as_configured() -> None:
    with (
        Simulator() as simulator,
        override_settings(VONAGE_MESSAGES={"default": simulator.settings()}),
    ):
        assert type(get_backend(get_account())) is ApiBackend


@pytest.mark.usefixtures("live_settings")
def test_allow_http_switches_guard_off() -> None:
    with allow_http():
        assert type(get_backend(get_account())) is ApiBackend
    assert isinstance(get_backend(get_account()), LocMemBackend)


def test_live_site_is_not_guarded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIVE_SITE],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["ApiBackend", "TestRunBackend"], done.stderr
