"""System checks: each misconfiguration has an id, a hint and a message."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import checks as django_checks
from django.core.checks import CheckMessage
from django.core.checks import Tags as DjangoTags
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import override_settings
from django.urls import path
from django.utils import timezone

from django_vonage_messages import checks, database_checks
from django_vonage_messages.backends import (
    Accepted,
    BaseBackend,
    Outcome,
    OutgoingMessage,
    api,
)
from django_vonage_messages.models import Deployment, Message, Worker
from django_vonage_messages.services.sending.queue import queue_message
from django_vonage_messages.services.sending.schedule import cancel_message
from django_vonage_messages.webhooks.authentication import authenticate
from tests.connections_fake import FakeConnection

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a signature secret, long enough"
GOOD: dict[str, Any] = {
    "BACKEND": "django_vonage_messages.backends.locmem.LocMemBackend",
    "API_KEY": "abcd1234",
    "SIGNATURE_SECRETS": [SECRET],
    "SENDERS": {"sms": "447700900001"},
}
API = GOOD | {
    "BACKEND": "django_vonage_messages.backends.api.ApiBackend",
    "API_SECRET": "an-api-secret",
}

APPLICATION = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
JWT = {"AUTH": "jwt", "APPLICATION_ID": APPLICATION, "PRIVATE_KEY": "/nowhere/private.key"}

urlpatterns = [path("admin/", lambda request: None)]  # a site without the webhook URLs


def run(*, deploy: bool = False, **changes: Any) -> list[CheckMessage]:
    """Run the checks on one account."""
    return run_on({"default": changes.pop("config", GOOD) | changes}, deploy=deploy)


def run_on(accounts: Any, *, deploy: bool = False) -> list[CheckMessage]:
    with override_settings(VONAGE_MESSAGES=accounts):
        # Database checks have tests of their own.
        found = django_checks.run_checks(include_deployment_checks=deploy, databases=[])
    return [message for message in found if message.id.startswith("vonage_messages.")]


def ids(messages: list[CheckMessage]) -> list[str]:
    for message in messages:
        assert message.hint
        assert isinstance(message.msg, str)
    return [message.id.removeprefix("vonage_messages.") for message in messages]


@pytest.mark.parametrize("config", [GOOD, API])
def test_valid_configuration_has_no_messages(config: dict[str, Any]) -> None:
    assert run(config=config) == []
    shop = config | {"SENDERS": {"sms": "447700900002"}}
    assert run_on({"default": config, "shop": shop}) == []
    with override_settings(VONAGE_MESSAGES={"default": config, "shop": shop}):
        call_command("check", tag=["vonage_messages"])


@pytest.mark.parametrize(
    ("changes", "check_id", "problem"),
    [
        ({"API_KYE": "x"}, "E001", "unknown key 'API_KYE'. Did you mean 'API_KEY'?"),
        ({"API_VERSION": "v2"}, "E002", "['API_VERSION'] must be one of"),
        ({"SIGNATURE_SECRETS": 5}, "E003", "['SIGNATURE_SECRETS'] must be a string or a list"),
        ({"SIGNATURE_SECRETS": [5]}, "E003", "['SIGNATURE_SECRETS'] must be a string, not int"),
        ({"VERIFY_WEBHOOKS": "no"}, "E004", "['VERIFY_WEBHOOKS'] must be True or False."),
        ({"WEBHOOK_MAX_AGE": "1 h"}, "E005", "['WEBHOOK_MAX_AGE'] must be a positive number"),
        ({"ALLOWED_RECIPIENTS": 5}, "E014", "must be a string or a list of strings"),
        ({"ALLOWED_RECIPIENTS": ["07700900000"]}, "E014", "has an invalid phone number"),
        ({"ALLOWED_RECIPIENTS": [None]}, "E014", "must not be or contain None"),
        ({"REDIRECT_TO": ""}, "E014", "['REDIRECT_TO'] has an invalid address for SMS"),
        (
            {"REDIRECT_TO": {"pigeon": "1"}},
            "E014",
            "['REDIRECT_TO'] has an unknown channel 'pigeon'",
        ),
        (
            {"REDIRECT_TO": {"447700900123": "1"}},
            "E014",
            "['REDIRECT_TO'] has an unknown channel '4477••••••23'",
        ),
        (
            {"REDIRECT_TO": {"viber": "447700900009", "viber_service": "447700900008"}},
            "E014",
            "['REDIRECT_TO'] has the channel 'viber' twice",
        ),
        ({"REDIRECT_TO": {"sms": "12"}}, "E014", "['REDIRECT_TO'] has an invalid address for SMS"),
        ({"DATABASE_WAIT": -1}, "E012", "['DATABASE_WAIT'] must be a number of seconds, 0 or more"),
        ({"EXECUTOR": "celery"}, "E011", "['EXECUTOR'] must be one of 'inline', 'worker', 'task'"),
        ({"EXECUTOR": "no.such.module"}, "E011", "['EXECUTOR'] cannot be imported"),
        ({"REGION": "UK"}, "E006", "['REGION'] must be None or a two-letter country code"),
        ({"SENDERS": {"fax": "1"}}, "E007", "['SENDERS'] has an unknown channel 'fax'"),
        ({"SENDERS": {"sms": "07700900001"}}, "E007", "['SENDERS']['sms']: The number begins"),
        ({"SENDERS": {"whatsapp": "x" * 20}}, "E007", "['SENDERS']['whatsapp']: "),
        (
            {"SENDERS": {"mms": 12345}},
            "E007",
            "['SENDERS']['mms'] must be a string or a list of strings, not int.",
        ),
        ({"BACKEND": "nowhere.Backend"}, "E008", "['BACKEND'] cannot be imported"),
        ({"BACKEND": "datetime.date"}, "E008", "['BACKEND'] is not a subclass of BaseBackend"),
        ({"OPTIONS": {"timeout": 5}}, "E008", "['OPTIONS'] has an unknown option 'timeout'"),
        ({"OPTIONS": None}, "E008", "['OPTIONS'] must be a dict"),
        ({"API_KEY": 5}, "E009", "['API_KEY'] must be a string, not int."),
        ({"API_KEY": "abcd1234:secret"}, "E009", "['API_KEY'] must not contain a colon"),
        ({"APPLICATION_ID": b"x"}, "E009", "['APPLICATION_ID'] must be a string, not bytes."),
        ({"PRIVATE_KEY": lambda: 1 / 0}, "E009", "['PRIVATE_KEY'] is a callable that raised"),
    ],
)
def test_invalid_account_is_an_error(changes: dict[str, Any], check_id: str, problem: str) -> None:
    (message,) = run(**changes)
    assert ids([message]) == [check_id]
    assert message.level == django_checks.ERROR
    assert message.msg.startswith("VONAGE_MESSAGES['default']")
    assert problem in message.msg
    with (
        override_settings(VONAGE_MESSAGES={"default": GOOD | changes}),
        pytest.raises(CommandError, match=f"vonage_messages.{check_id}"),
    ):
        call_command("check", tag=["vonage_messages"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"AUTH": "digest"}, "['AUTH'] must be 'jwt' or 'basic'."),
        ({"APPLICATION_ID": "app", "PRIVATE_KEY": "x"}, "['AUTH'] must be 'jwt' or 'basic'"),
        (JWT | {"PRIVATE_KEY": "/dev/null/private.key"}, "['PRIVATE_KEY'] is neither PEM text nor"),
        (JWT | {"PRIVATE_KEY": "MIIEvQIBADAN" * 150}, "['PRIVATE_KEY'] is neither PEM text nor"),
        (JWT | {"PRIVATE_KEY": "-----BEGIN"}, "['PRIVATE_KEY'] is not a usable PEM private key"),
        ({"OPTIONS": {"retries": 3}}, "['OPTIONS'] has an unknown option 'retries'"),
        ({"OPTIONS": {"timeout": "5"}}, "['OPTIONS'] has a timeout that is not two numbers"),
        ({"OPTIONS": {"base_url": "http://api.nexmo.com"}}, "['OPTIONS'] has a base_url that"),
    ],
)
def test_invalid_credentials_of_the_api_backend_are_an_error(
    changes: dict[str, Any], problem: str
) -> None:
    (message,) = run(config=API, **changes)
    assert ids([message]) == ["E008"]
    assert problem in message.msg


@pytest.mark.parametrize("value", [None, {}, "default", []])
def test_setting_without_accounts_is_an_error(value: Any) -> None:
    (message,) = run_on(value, deploy=True)
    assert ids([message]) == ["E001"]
    assert message.msg.startswith("VONAGE_MESSAGES must be a dict of accounts")


def test_missing_setting_is_an_error(settings: Any) -> None:
    del settings.VONAGE_MESSAGES
    assert ids(checks.check_settings()) == ["E001"]


def test_every_problem_of_every_account_is_reported_once() -> None:
    bad = GOOD | {"API_VERSION": "v2", "REGION": "XX", "BACKEND": "x.y", "API_KEY": 5}
    messages = run_on({"default": bad, "shop": GOOD | {"TYPO": 1}, "no": [], "": {}, "fine": GOOD})
    # The region also affects SENDERS, which must not report it a second time.
    assert ids(messages) == ["E002", "E006", "E009", "E008", "E001", "E001", "E001"]
    assert len({message.msg for message in messages}) == len(messages)


def test_messages_contain_no_secret() -> None:
    problems_found = json.dumps(
        [
            [message.msg, message.hint]
            for changes in (
                {"API_SECRET": "hunter2-hunter2", "AUTH": "jwt"},
                {"APPLICATION_ID": "app", "PRIVATE_KEY": "hunter2-hunter2", "AUTH": "jwt"},
                {"SIGNATURE_SECRETS": ["hunter2-hunter2", 5]},
                {"SIGNATURE_SECRETS": ["hunter2"], "API_SECRET": "hunter2"},
                {"SENDERS": {"sms": "hunter2-hunter2"}},
                {"OPTIONS": {"base_url": "https://me:hunter2@api.nexmo.com"}},
                {"API_KEY": "abcd1234:hunter2"},
                {"API_SECRET": " hunter2"},
                {"APPLICATION_ID": "hunter2"},
                {"REGION": "hunter2"},
            )
            for message in run(config=API, **changes)
        ]
    )
    assert len(json.loads(problems_found)) >= 10
    assert "hunter2" not in problems_found


# Missing secrets


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"API_SECRET": ""}, "['default'] has no credentials"),
        ({"API_KEY": None}, "['default'] has no credentials"),
        ({"API_KEY": None, "API_SECRET": None}, "['default'] has no credentials"),
        ({"API_SECRET": lambda: None}, "['default'] has no credentials"),
        ({"AUTH": "jwt"}, "['AUTH'] is 'jwt', which needs APPLICATION_ID and PRIVATE_KEY."),
        (JWT | {"APPLICATION_ID": ""}, "['AUTH'] is 'jwt', which needs APPLICATION_ID"),
        (JWT | {"PRIVATE_KEY": None}, "['AUTH'] is 'jwt', which needs APPLICATION_ID"),
        (JWT, "['PRIVATE_KEY'] is neither PEM text nor the path of a readable file"),
        (JWT | {"PRIVATE_KEY": Path("/nowhere/private.key")}, "['PRIVATE_KEY'] is neither PEM"),
    ],
)
def test_missing_credentials_are_an_error_only_in_a_deployment(
    changes: dict[str, Any], problem: str
) -> None:
    (warning,) = run(config=API, **changes)
    assert ids([warning]) == ["W008"]
    assert warning.level == django_checks.WARNING
    assert problem in warning.msg
    assert warning.hint.endswith("django_vonage_messages.backends.console.ConsoleBackend.")
    with override_settings(VONAGE_MESSAGES={"default": API | changes}):
        call_command("check", tag=["vonage_messages"])
        with pytest.raises(CommandError, match=r"vonage_messages\.E008"):
            call_command("check", tag=["vonage_messages"], deploy=True)


@pytest.mark.parametrize("value", [None, "", (), [], [None], ["", None], [SECRET, None]])
def test_missing_signature_secrets_are_an_error_only_in_a_deployment(value: Any) -> None:
    (warning,) = run(config=API, SIGNATURE_SECRETS=value)
    assert ids([warning]) == ["W003"]
    assert warning.level == django_checks.WARNING
    assert "SIGNATURE_SECRETS" in warning.msg
    with override_settings(VONAGE_MESSAGES={"default": API | {"SIGNATURE_SECRETS": value}}):
        call_command("check", tag=["vonage_messages"])
        with pytest.raises(CommandError, match=r"vonage_messages\.E003"):
            call_command("check", tag=["vonage_messages"], deploy=True)


def test_secret_that_is_none_stops_the_webhooks_of_all_accounts() -> None:
    shop = API | {"SENDERS": {"sms": "447700900002"}, "SIGNATURE_SECRETS": [None]}
    accounts = {"default": API, "shop": shop}
    (warning,) = run_on(accounts)
    assert warning.id == "vonage_messages.W003"
    assert "['shop']['SIGNATURE_SECRETS'] must not be or contain None." in warning.msg
    assert "each webhook, for any account, with 503" in warning.msg
    with override_settings(VONAGE_MESSAGES=accounts), pytest.raises(ImproperlyConfigured):
        authenticate("Bearer x", lambda: b"{}")


def test_account_without_secrets_is_also_checked_for_invalid_values() -> None:
    empty = {"SENDERS": {"sms": "447700900001"}}
    assert ids(run_on({"default": empty})) == ["W003", "W008"]
    assert sorted(ids(run_on({"default": empty}, deploy=True))) == ["E003", "E008", "W003", "W008"]
    assert ids(run_on({"default": empty | {"REGION": "UK"}})) == ["E006", "W003", "W008"]
    assert ids(run_on({"default": empty | {"VERIFY_WEBHOOKS": "no"}})) == ["E004", "W008"]


def test_backend_without_credentials_runs_no_own_checks() -> None:
    """Its ``__init__`` raised, so there is no instance."""
    assert ids(run(config=API, API_SECRET="", SIGNATURE_SECRETS=["short"])) == ["W008", "W004"]


def test_other_backends_need_no_credentials() -> None:
    assert run(API_KEY="", deploy=False) == []
    assert ids(run(API_KEY="", deploy=True)) == ["W007"]


# Warnings


def test_missing_default_account_is_a_warning() -> None:
    (message,) = run_on({"shop": GOOD})
    assert ids([message]) == ["W001"]


def test_unverified_webhooks_are_a_warning() -> None:
    (message,) = run(VERIFY_WEBHOOKS=False)
    assert ids([message]) == ["W002"]
    assert ids(run(VERIFY_WEBHOOKS=False, SIGNATURE_SECRETS=[])) == ["W002"]


def test_short_signature_secret_is_a_warning() -> None:
    assert ids(run(SIGNATURE_SECRETS=["x" * 15])) == ["W004"]
    assert ids(run(SIGNATURE_SECRETS=[SECRET, "x" * 15, "y"])) == ["W004"]
    assert run(SIGNATURE_SECRETS=["x" * 16]) == []


@pytest.mark.parametrize(
    ("changes", "alone", "missing"),
    [
        ({"PRIVATE_KEY": "/nowhere/private.key"}, "PRIVATE_KEY", "APPLICATION_ID"),
        ({"API_KEY": "", "API_SECRET": "x" * 8}, "API_SECRET", "API_KEY"),
    ],
)
def test_incomplete_pair_of_credentials_is_a_warning(
    changes: dict[str, Any], alone: str, missing: str
) -> None:
    (message,) = run(**changes)
    assert ids([message]) == ["W005"]
    assert message.msg == f"VONAGE_MESSAGES['default'] has {alone} but no {missing}."


def test_application_id_without_a_key_is_no_incomplete_pair() -> None:
    """API_KEY and APPLICATION_ID also match webhooks to accounts."""
    assert run(config=API, APPLICATION_ID=APPLICATION) == []


def test_api_secret_as_signature_secret_is_a_warning() -> None:
    both = "the same secret of both kinds"
    assert ids(run(API_SECRET=both, SIGNATURE_SECRETS=[SECRET, both])) == ["W006"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("API_KEY", "abcd1234\n"),
        ("API_SECRET", lambda: " an-api-secret"),
        ("API_SECRET", "\ufeffan-api-secret"),
        ("APPLICATION_ID", f"{APPLICATION}\t"),
        ("SIGNATURE_SECRETS", f"{SECRET} "),
        ("SIGNATURE_SECRETS", ["another signature secret", lambda: f"{SECRET}\u200b"]),
    ],
)
def test_white_space_around_a_credential_is_a_warning(key: str, value: Any) -> None:
    (message,) = run(config=API, **{key: value})
    assert ids([message]) == ["W017"]
    assert f"['default']['{key}'] has white space" in message.msg


def test_application_id_that_is_no_uuid_is_a_warning() -> None:
    assert ids(run(config=API, APPLICATION_ID="My application")) == ["W018"]
    assert run(config=API, APPLICATION_ID=APPLICATION.upper()) == []


@pytest.mark.parametrize("senders", [{}, {"sms": ""}, {"sms": [], "viber": ()}])
def test_account_without_senders_is_a_warning(senders: dict[str, Any]) -> None:
    assert ids(run(SENDERS=senders)) == ["W019"]
    accounts = {"default": GOOD, "shop": GOOD | {"SENDERS": senders}}
    assert run_on(accounts) == []  # W014 recommends this
    accounts["shop"]["SIGNATURE_SECRETS"] = ["another secret, long enough"]
    assert ids(run_on(accounts)) == ["W019"]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.nexmo.com/v1/messages",
        "https://api-eu.vonage.com/v0.1/messages/",
        "https://messages-sandbox.nexmo.com/v1",
        "https://gateway.example/vonage/v1/messages",
    ],
)
def test_base_url_with_the_path_of_the_api_is_an_error(url: str) -> None:
    (message,) = run(config=API, OPTIONS={"base_url": url})
    assert ids([message]) == ["E008"]
    assert "has a base_url with the path of the API. Remove the path" in message.msg
    assert run(config=API, OPTIONS={"base_url": "https://gateway.example/vonage"}) == []


def test_rcs_account_without_the_host_of_a_region_is_a_warning() -> None:
    rcs = API | {
        "AUTH": "basic",
        "APPLICATION_ID": APPLICATION,
        "PRIVATE_KEY": "-----BEGIN",
        "API_VERSION": "v1",
        "SENDERS": {"rcs": "Shop"},
    }
    assert ids(run(config=rcs)) == ["W020"]
    assert ids(run(config=rcs, OPTIONS={"regional_url": "https://api.nexmo.com"})) == ["W020"]
    assert run(config=rcs, OPTIONS={"regional_url": "https://api-eu.vonage.com"}) == []
    assert run(config=rcs, OPTIONS={"base_url": "https://api-eu.vonage.com"}) == []
    assert run(config=rcs, OPTIONS={"base_url": "http://127.0.0.1:8090"}) == []
    assert run(config=rcs, SENDERS={"sms": "447700900001"}) == []
    assert run(config=rcs, API_VERSION="v0.1") == []
    assert run(config=rcs, PRIVATE_KEY=None) == []


@pytest.mark.parametrize("name", ["console.Console", "dummy.Dummy", "locmem.LocMem"])
def test_deployment_with_a_local_backend_is_a_warning(name: str) -> None:
    backend = f"django_vonage_messages.backends.{name}Backend"
    shop = GOOD | {"BACKEND": backend, "SENDERS": {"sms": "447700900002"}}
    accounts = {"default": API, "shop": shop}
    assert run_on(accounts) == []
    (message,) = run_on(accounts, deploy=True)
    assert ids([message]) == ["W007"]
    assert message.msg == f"VONAGE_MESSAGES['shop'] sends nothing: its BACKEND is {backend}."


NO_KEY = {"AUTH": "jwt", "SENDERS": {"sms": "447700900002"}}


def test_deployment_check_skips_accounts_with_errors() -> None:
    accounts = {"default": API, "a": [], "b": API | NO_KEY, "c": GOOD | {"BACKEND": "x"}}
    assert ids(run_on(accounts, deploy=True)) == ["E001", "W008", "E008", "E008"]


class OwnBackend(BaseBackend):
    """A backend of a site, with its own check."""

    def send(self, message: OutgoingMessage) -> Outcome:
        return Accepted(message.reference)

    def check(self) -> list[CheckMessage]:
        problem = f"The gateway knows no account {self.account.alias!r}."
        return [django_checks.Error(problem, hint="Ask the operator.", id="shop.E001")]


class SilentBackend(OwnBackend):
    sends_nothing = True


OWN, SILENT = ({"BACKEND": f"{__name__}.{name}Backend"} for name in ("Own", "Silent"))


def test_deployment_with_an_own_backend_that_sends_nothing_is_a_warning() -> None:
    assert run(**OWN, deploy=True) == []
    (message,) = run(**SILENT, deploy=True)
    assert ids([message]) == ["W007"]
    assert f"its BACKEND is {__name__}.SilentBackend" in message.msg


def of_backends(accounts: dict[str, Any]) -> list[str]:
    with override_settings(VONAGE_MESSAGES=accounts):
        found = django_checks.run_checks(tags=["vonage_messages"])
    return [message.msg for message in found if message.id == "shop.E001"]


def test_backend_checks_each_of_its_accounts() -> None:
    shop = GOOD | OWN | {"SENDERS": {"sms": "447700900002"}}
    assert of_backends({"default": GOOD | OWN, "shop": shop, "other": GOOD}) == [
        "The gateway knows no account 'default'.",
        "The gateway knows no account 'shop'.",
    ]
    with (
        override_settings(VONAGE_MESSAGES={"default": GOOD | OWN}),
        pytest.raises(CommandError, match=r"shop\.E001"),
    ):
        call_command("check", "--tag", "vonage_messages")


@pytest.mark.parametrize("mistake", [{"REGION": "XX"}, {"OPTIONS": {"url": "x"}}, {"TYPO": 1}])
def test_a_backend_does_not_check_an_account_that_has_an_error(mistake: dict[str, Any]) -> None:
    assert of_backends({"default": GOOD | OWN | mistake}) == []


BOTH = {"sms": ["447700900001", "MyShop"], "whatsapp": "447700900001", "viber": "Shop"}
APP = {"APPLICATION_ID": APPLICATION}
OTHER_APP = {"APPLICATION_ID": APPLICATION.replace("a", "e")}


def shared(first: dict[str, Any], second: dict[str, Any]) -> list[CheckMessage]:
    """Run the checks on two accounts, by default with the same senders."""
    same = GOOD | {"SENDERS": BOTH}
    return run_on({"default": same | first, "shop": same | second})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        (APP, APP),
        (APP, {}),
        ({"SIGNATURE_SECRETS": ["another secret, long enough", SECRET]}, {}),
        ({"API_VERSION": "v1", "API_KEY": "another1"}, {}),
    ],
)
def test_ambiguous_sender_of_two_accounts_is_a_warning(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    (message,) = shared(first, second)
    assert ids([message]) == ["W014"]
    assert message.msg == (
        "VONAGE_MESSAGES['shop'] and ['default'] share SENDERS on sms, whatsapp, viber. "
        "Inbound messages to these senders are stored under 'default'."
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (APP, OTHER_APP),
        ({}, APP),
        ({"SIGNATURE_SECRETS": ["another secret, long enough"]}, {}),
        ({"SENDERS": {"sms": ["MyShop", "447700900002"]}}, {}),
        ({"SENDERS": {"mms": "447700900001"}}, {}),
    ],
)
def test_unambiguous_sender_of_two_accounts_is_no_warning(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    """Customers cannot write to a name, so two accounts may send under one."""
    assert shared(first, second) == []


@pytest.mark.parametrize("application", [APP, OTHER_APP])
def test_shared_sender_of_unverified_accounts_is_a_warning(application: dict[str, Any]) -> None:
    """The application of an unverified webhook is not used."""
    unsigned = {"VERIFY_WEBHOOKS": False, "SIGNATURE_SECRETS": []}
    assert sorted(ids(shared(unsigned | APP, unsigned | application))) == ["W002", "W002", "W014"]
    assert ids(shared(unsigned, {})) == ["W002"]


def test_warning_names_the_first_of_several_accounts_with_a_sender() -> None:
    accounts = dict.fromkeys(("default", "b", "c"), GOOD) | {"broken": GOOD | {"REGION": "XX"}}
    problems_found = [message.msg for message in run_on(accounts) if message.id.endswith("W014")]
    assert [problem.partition(" share ")[0] for problem in problems_found] == [
        "VONAGE_MESSAGES['b'] and ['default']",
        "VONAGE_MESSAGES['c'] and ['default']",
    ]


def test_missing_webhook_urls_are_a_warning() -> None:
    with override_settings(ROOT_URLCONF=__name__):
        (message,) = run()
        assert ids([message]) == ["W010"]
        found = django_checks.run_checks(tags=[DjangoTags.urls])
        assert "vonage_messages.W010" in [message.id for message in found]
    assert run() == []


def test_site_without_urls_has_no_warning(settings: Any) -> None:
    """The project contains only workers."""
    settings.ROOT_URLCONF = None
    assert checks.check_urls() == []
    del settings.ROOT_URLCONF
    assert checks.check_urls() == []


def test_use_tz_false_is_an_error() -> None:
    with override_settings(USE_TZ=False):
        (message,) = run()
    assert ids([message]) == ["E010"]
    assert message.level == django_checks.ERROR


@pytest.mark.parametrize(
    ("database", "found"),
    [
        (FakeConnection("sqlite"), ["W011"]),
        (FakeConnection("sqlite", transaction_mode="DEFERRED"), ["W011"]),
        (FakeConnection("sqlite", transaction_mode="immediate"), []),
        (FakeConnection("sqlite", transaction_mode="EXCLUSIVE"), []),
        (FakeConnection("sqlite", in_memory=True), []),
        (FakeConnection("mysql", collation="utf8mb3_general_ci"), ["W012"]),
        (FakeConnection("mysql", collation="utf8mb4_unicode_520_ci"), []),
    ],
)
def test_database_settings_are_checked(
    monkeypatch: pytest.MonkeyPatch, database: FakeConnection, found: list[str]
) -> None:
    monkeypatch.setattr(database_checks, "connections", {"default": database})
    for databases in (["default"], ["other", "default"]):
        assert ids(database_checks.check_database(databases=databases)) == found
    for databases in ([], None, ["other"]):
        assert database_checks.check_database(databases=databases) == []


def test_only_the_write_database_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = {"default": FakeConnection("sqlite"), "other": FakeConnection("sqlite", in_memory=True)}
    monkeypatch.setattr(database_checks, "connections", both)
    monkeypatch.setattr(database_checks, "write_database", lambda: "other")
    assert database_checks.check_database(databases=["default", "other"]) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="The check is for PostgreSQL.")
@pytest.mark.parametrize(
    ("level", "found"),
    [("SERIALIZABLE", ["E013"]), ("REPEATABLE READ", ["E013"]), ("READ COMMITTED", [])],
)
def test_stricter_isolation_levels_are_refused(level: str, found: list[str]) -> None:
    # As Django sets isolation_level of OPTIONS; psycopg's levels have underscores.
    connection.ensure_connection()
    psycopg_level = type(connection.isolation_level)[level.replace(" ", "_")]
    connection.connection.isolation_level = psycopg_level
    try:
        messages = database_checks.check_database(databases=["default"])
    finally:
        connection.close()
    assert ids(messages) == found
    assert all(level.lower() in message.msg for message in messages)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB and MySQL have character sets.")
def test_character_set_of_the_real_table_is_checked() -> None:
    def convert(character_set: str) -> None:
        with connection.cursor() as cursor:
            table = Message._meta.db_table
            cursor.execute(f"ALTER TABLE {table} DEFAULT CHARACTER SET {character_set}")

    def found() -> list[str]:
        messages = django_checks.run_checks(tags=["database"], databases=["default"])
        return [message.id for message in messages if "vonage" in message.id]

    assert found() == []
    convert("latin1")
    try:
        assert found() == ["vonage_messages.W012"]
    finally:
        convert("utf8mb4")


def queue_warnings(*databases: str, deploy: bool = True) -> list[str]:
    found = django_checks.run_checks(
        tags=["database"], include_deployment_checks=deploy, databases=databases
    )
    return [message.id for message in found if message.id == "vonage_messages.W013"]


@pytest.mark.django_db(databases=["default", "other"])
def test_overdue_messages_without_a_worker_are_a_warning() -> None:
    message = queue_message("447700900000", "Hello")
    assert queue_warnings("default") == []
    Message.objects.update(due_at=timezone.now() - timedelta(minutes=3))
    assert queue_warnings("default") == ["vonage_messages.W013"]
    assert queue_warnings("default", deploy=False) == []
    assert queue_warnings("other") == []
    assert database_checks.check_queue(databases=None) == []
    (found,) = database_checks.check_queue(databases=["default"])
    assert ids([found]) == ["W013"]
    assert "(1)" in found.msg

    worker = Worker.objects.create(name="w")
    assert queue_warnings("default") == []
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert queue_warnings("default") == ["vonage_messages.W013"]
    worker.delete()
    cancel_message(message)
    assert queue_warnings("default") == []


@pytest.mark.django_db(databases=["default", "other"])
def test_copy_of_another_database_is_a_warning() -> None:
    assert database_checks.check_copy(databases=["default"]) == []
    seen_at = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    Deployment.objects.create(fingerprint="of another", host="web1", seen_at=seen_at)

    (found,) = database_checks.check_copy(databases=["default"])

    assert ids([found]) == ["W016"]
    assert "(host web1, 2026-11-27 09:30 UTC)" in found.msg
    assert database_checks.check_copy(databases=["other"]) == []
    assert database_checks.check_copy(databases=None) == []


@pytest.mark.parametrize(
    "changes", [{"ALLOWED_RECIPIENTS": []}, {"REDIRECT_TO": {}}, {"REDIRECT_TO": "447700900009"}]
)
def test_limited_recipients_are_a_warning_for_production(changes: dict[str, Any]) -> None:
    assert ids(run(**changes)) == []
    assert ids(run(**changes, deploy=True)) == ["W007", "W015"]


@pytest.mark.django_db(transaction=True)
def test_check_ignores_missing_tables() -> None:
    def rename_table(execute: Any, sql: str, *arguments: Any) -> Any:
        for model in (Message, Deployment):
            sql = sql.replace(model._meta.db_table, "not_migrated_yet")
        return execute(sql, *arguments)

    with connection.execute_wrapper(rename_table):
        with pytest.raises(DatabaseError):
            Message.objects.exists()
        assert database_checks.check_queue(databases=["default"]) == []
        assert database_checks.check_copy(databases=["default"]) == []
    assert Worker.objects.count() == 0  # the connection is still usable


@pytest.mark.parametrize("debug", [True, False])
def test_debug_does_not_change_the_checks(debug: bool) -> None:
    with override_settings(DEBUG=debug):
        assert ids(run(REGION="XX", VERIFY_WEBHOOKS=False)) == ["E006"]
        assert ids(run(VERIFY_WEBHOOKS=False)) == ["W002"]
        assert ids(run(deploy=True)) == ["W007"]
        assert run() == []


def test_each_check_id_is_tested() -> None:
    source = "".join(Path(each.__file__).read_text() for each in (checks, database_checks, api))
    tests = Path(__file__).read_text()
    for check_id in set(re.findall(r'"(?:vonage_messages\.)?([EW]\d{3})"', source)):
        assert f'"{check_id}"' in tests


# Through manage.py, in a separate process

SITE = """
    import django, sys
    from django.conf import settings
    from django.core.management import execute_from_command_line

    settings.configure(
        SECRET_KEY="x",
        USE_TZ=True,
        INSTALLED_APPS=INSTALLED,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        VONAGE_MESSAGES={"default": {"API_KEY": "abcd1234", "API_SECRET": "hunter2",
                                     "SIGNATURE_SECRETS": "a signature secret, long enough",
                                     "SENDERS": {"sms": "447700900001"}}},
    )
    execute_from_command_line(["manage.py", "check"])
"""
CONTENT_TYPES, AUTH = "django.contrib.contenttypes", "django.contrib.auth"


@pytest.fixture
def check_site() -> Callable[..., subprocess.CompletedProcess[str]]:
    def check(*installed: str) -> subprocess.CompletedProcess[str]:
        code = SITE.replace("INSTALLED,", f"{list(installed)!r},").replace("\n    ", "\n")
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return check


def test_site_needs_neither_admin_nor_rest_framework_in_installed_apps(
    check_site: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = check_site(CONTENT_TYPES, AUTH, "django_vonage_messages")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("missing", "problem"),
    [
        (CONTENT_TYPES, "django.contrib.contenttypes.models.ContentType doesn't declare"),
        (AUTH, "app 'auth' isn't installed"),
    ],
)
def test_missing_required_app_is_named(
    check_site: Callable[..., subprocess.CompletedProcess[str]], missing: str, problem: str
) -> None:
    installed = [app for app in (CONTENT_TYPES, AUTH) if app != missing]
    done = check_site(*installed, "django_vonage_messages")
    assert done.returncode != 0
    assert problem in done.stderr
