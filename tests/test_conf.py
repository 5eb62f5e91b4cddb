"""The VONAGE_MESSAGES setting: valid and invalid values of each key."""

import math
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory, override_settings
from django.utils.functional import SimpleLazyObject
from django.views.debug import ExceptionReporter

from django_vonage_messages.backends.credentials import bearer_token
from django_vonage_messages.conf import (
    DEFAULTS,
    Account,
    configured_accounts,
    get_account,
    get_accounts,
)

SECRET = "hunter2-hunter2-hunter2"
PEM = "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----"

READERS: dict[str, Callable[[Account], object]] = {
    "BACKEND": lambda account: account.backend,
    "API_VERSION": lambda account: account.api_version,
    "API_KEY": lambda account: account.api_key,
    "API_SECRET": lambda account: account.api_secret,
    "APPLICATION_ID": lambda account: account.application_id,
    "PRIVATE_KEY": lambda account: account.private_key,
    "AUTH": lambda account: account.auth,
    "SIGNATURE_SECRETS": lambda account: account.signature_secrets,
    "VERIFY_WEBHOOKS": lambda account: account.verify_webhooks,
    "WEBHOOK_MAX_AGE": lambda account: account.webhook_max_age,
    "SENDERS": lambda account: account.senders(),
    "REGION": lambda account: account.region,
    "ALLOWED_RECIPIENTS": lambda account: account.allowed_recipients,
    "REDIRECT_TO": lambda account: account.redirect_to,
    "EXECUTOR": lambda account: account.executor,
    "DATABASE_WAIT": lambda account: account.database_wait,
    "OPTIONS": lambda account: account.options,
}
GOOD: dict[str, Any] = {
    "BACKEND": "django_vonage_messages.backends.dummy.DummyBackend",
    "API_VERSION": "v0.1",
    "API_KEY": "abcd1234",
    "API_SECRET": "an-api-secret",
    "APPLICATION_ID": "an-application",
    "PRIVATE_KEY": PEM,
    "AUTH": "basic",
    "SIGNATURE_SECRETS": ("one", "two"),
    "VERIFY_WEBHOOKS": False,
    "WEBHOOK_MAX_AGE": 300.0,
    "SENDERS": {"sms": "447700900001"},
    "REGION": "GB",
    "ALLOWED_RECIPIENTS": ("447700900001", "107083064136738"),
    "REDIRECT_TO": {"sms": "447700900009"},
    "EXECUTOR": "worker",
    "DATABASE_WAIT": 2.5,
    "OPTIONS": {"timeout": 5},
}
READ_AS: dict[str, Any] = {
    "SENDERS": ("447700900001",),
    "EXECUTOR": "django_vonage_messages.services.delivery.built_in_executors.leave_to_worker",
}


def account(**config: Any) -> Account:
    return Account("shop", config)


def refusal(read: Callable[[], object]) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        read()
    return str(caught.value)


# The setting as a whole


def test_this_module_covers_every_key() -> None:
    assert set(READERS) == set(GOOD) == set(DEFAULTS)


@pytest.mark.parametrize("value", [None, {}, [], "default", 5, [("default", {})]])
def test_setting_must_be_a_dict_of_accounts(value: Any) -> None:
    with override_settings(VONAGE_MESSAGES=value):
        for read in (get_account, get_accounts, configured_accounts):
            assert refusal(read).startswith("VONAGE_MESSAGES must be a dict of accounts")


def test_missing_setting_is_an_error(settings: Any) -> None:
    del settings.VONAGE_MESSAGES
    assert refusal(get_account).startswith("VONAGE_MESSAGES must be a dict of accounts")


def test_error_for_an_unknown_alias_lists_the_aliases() -> None:
    with override_settings(VONAGE_MESSAGES={"default": {}, "shop": {}}):
        assert refusal(lambda: get_account("shpo")) == (
            "VONAGE_MESSAGES has no account 'shpo'. Its accounts are 'default', 'shop'."
        )


@pytest.mark.parametrize("config", [None, "x", [], 5, dict])
def test_account_must_be_a_dict(config: Any) -> None:
    assert refusal(lambda: Account("shop", config)) == "VONAGE_MESSAGES['shop'] must be a dict."


@pytest.mark.parametrize("alias", ["", None, 5, ("a",), "x" * 65])
def test_invalid_alias_is_refused(alias: Any) -> None:
    assert refusal(lambda: Account(alias, {})).startswith(
        f"VONAGE_MESSAGES has the alias {alias!r}"
    )


@pytest.mark.parametrize("alias", ["x", "x" * 64, "ünï", "with space"])
def test_any_short_text_is_a_valid_alias(alias: str) -> None:
    assert Account(alias, {}).alias == alias


@pytest.mark.parametrize(
    ("key", "ending"),
    [
        ("API_KYE", "Did you mean 'API_KEY'?"),
        ("api_key", "Did you mean 'API_KEY'?"),
        ("SIGNATURE_SECRET", "Did you mean 'SIGNATURE_SECRETS'?"),
        ("SENDER", "Did you mean 'SENDERS'?"),
        ("BASE_URL", None),
        ("XYZZY", f"Known keys: {', '.join(DEFAULTS)}."),
        (5, None),
    ],
)
def test_an_unknown_key_is_refused_by_name(key: Any, ending: str | None) -> None:
    error = refusal(lambda: account(**GOOD) and Account("shop", {key: SECRET}))
    assert error.startswith(f"VONAGE_MESSAGES['shop'] has an unknown key {key!r}. ")
    assert ending is None or error.endswith(ending)
    assert SECRET not in error


def test_any_mapping_is_accepted() -> None:
    config = MappingProxyType({"shop": MappingProxyType(GOOD)})
    with override_settings(VONAGE_MESSAGES=config):
        assert get_account("shop").api_key == "abcd1234"


def test_accounts_keep_the_order_of_the_setting() -> None:
    with override_settings(VONAGE_MESSAGES={"b": {}, "a": {}, "default": {}}):
        assert [value_read.alias for value_read in get_accounts()] == ["b", "a", "default"]


# Every key


@pytest.mark.parametrize("key", DEFAULTS)
def test_each_key_accepts_a_value_or_a_callable(key: str) -> None:
    for value in (GOOD[key], lambda: GOOD[key]):
        value_read = READERS[key](Account("shop", GOOD | {key: value}))
        expected = READ_AS.get(key, GOOD[key])
        assert value_read == expected


@pytest.mark.parametrize("key", DEFAULTS)
def test_error_for_a_failing_callable_omits_its_message(key: str) -> None:
    def vault() -> None:
        raise ConnectionError(SECRET)

    error = refusal(lambda: READERS[key](Account("shop", GOOD | {key: vault})))
    assert error == f"VONAGE_MESSAGES['shop'][{key!r}] is a callable that raised ConnectionError."


@pytest.mark.parametrize("key", DEFAULTS)
@pytest.mark.parametrize("value", [5, 5.5, [5], [None], {5: 5}, b"bytes", object(), "\udcff"])
def test_error_for_a_wrong_type_names_alias_and_key(key: str, value: Any) -> None:
    if key in {"WEBHOOK_MAX_AGE", "DATABASE_WAIT"} and isinstance(value, int | float):
        return
    if key == "OPTIONS" and isinstance(value, dict):
        return  # its keys belong to the backend
    error = refusal(lambda: READERS[key](Account("shop", GOOD | {key: value})))
    assert error.startswith(f"VONAGE_MESSAGES['shop'][{key!r}] ")
    assert error.endswith(".")


@pytest.mark.parametrize("key", DEFAULTS)
def test_errors_do_not_contain_the_value(key: str) -> None:
    for value in (SECRET, [SECRET, 5], {SECRET: 5, "sms": [SECRET, 5]}, SECRET.encode()):
        if key in ("BACKEND", "AUTH"):  # not secret, and quoted to help
            continue
        try:
            READERS[key](Account("shop", GOOD | {key: value}))
        except ImproperlyConfigured as exc:
            shown = "".join(traceback.format_exception_only(exc))
            assert SECRET not in shown or key == "SENDERS"  # the channel is quoted


def test_repr_shows_only_the_alias() -> None:
    assert repr(Account("shop", GOOD)) == "<Account 'shop'>"


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("BACKEND", "django_vonage_messages.backends.api.ApiBackend"),
        ("API_VERSION", "v0.1"),
        ("API_KEY", ""),
        ("API_SECRET", ""),
        ("APPLICATION_ID", ""),
        ("PRIVATE_KEY", ""),
        ("SIGNATURE_SECRETS", ()),
        ("VERIFY_WEBHOOKS", True),
        ("WEBHOOK_MAX_AGE", None),
        ("SENDERS", ()),
        ("REGION", None),
        ("OPTIONS", {}),
    ],
)
def test_missing_keys_have_defaults(key: str, default: object) -> None:
    assert READERS[key](account()) == default


def test_settings_are_read_on_every_access() -> None:
    value_read = get_account()
    before = value_read.senders()
    with override_settings(VONAGE_MESSAGES={"default": {"SENDERS": {"sms": "SHOP"}}}):
        assert get_account().senders() == ("SHOP",)
        assert get_account().api_key == ""
    assert get_account().senders() == before == ("447700900001",)


def test_callable_is_called_on_every_access() -> None:
    secrets: Iterator[list[str]] = iter([["old"], ["new", "old"]])
    shop = account(SIGNATURE_SECRETS=lambda: next(secrets))
    assert [shop.signature_secrets for _ in range(2)] == [("old",), ("new", "old")]


def test_lazy_value_is_evaluated() -> None:
    assert account(API_KEY=SimpleLazyObject(lambda: "abcd1234")).api_key == "abcd1234"


def test_white_space_around_a_value_is_removed() -> None:
    value_read = account(API_KEY=" abcd1234\n", SIGNATURE_SECRETS=[" one ", "", "  "])
    assert (value_read.api_key, value_read.signature_secrets) == ("abcd1234", ("one",))


# Single keys


@pytest.mark.parametrize("version", ["v2", "0.1", "v0.2", ""])
def test_unknown_api_version_is_refused(version: str) -> None:
    error = refusal(lambda: account(API_VERSION=version).api_version)
    assert error == "VONAGE_MESSAGES['shop']['API_VERSION'] must be one of v0.1, v1."


@pytest.mark.parametrize("value", ["True", 1, 0, None, "", []])
def test_verify_webhooks_must_be_a_bool(value: Any) -> None:
    error = refusal(lambda: account(VERIFY_WEBHOOKS=value).verify_webhooks)
    assert error == "VONAGE_MESSAGES['shop']['VERIFY_WEBHOOKS'] must be True or False."


@pytest.mark.parametrize("value", [0, -1, True, False, "300", math.nan, math.inf, []])
def test_webhook_max_age_must_be_a_positive_number(value: Any) -> None:
    error = refusal(lambda: account(WEBHOOK_MAX_AGE=value).webhook_max_age)
    assert error == (
        "VONAGE_MESSAGES['shop']['WEBHOOK_MAX_AGE'] must be a positive number of seconds, or None."
    )


@pytest.mark.parametrize(("region", "read"), [("GB", "GB"), ("de", "DE"), ("", None), (None, None)])
def test_region_is_normalised(region: str | None, read: str | None) -> None:
    assert account(REGION=region).region == read


@pytest.mark.parametrize("region", ["GBR", "G", "44", "ZZ", "UK", "éé", "United Kingdom", "001"])
def test_unknown_region_is_refused(region: str) -> None:
    error = refusal(lambda: account(REGION=region).region)
    assert error.startswith("VONAGE_MESSAGES['shop']['REGION'] must be None or a two-letter")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (SECRET, (SECRET,)),
        ([SECRET, "b"], (SECRET, "b")),
        ((SECRET,), (SECRET,)),
        ([lambda: SECRET, "b"], (SECRET, "b")),
        ([], ()),
        ("", ()),
    ],
)
def test_signature_secrets_may_be_a_string_or_a_list(value: Any, read: tuple[str, ...]) -> None:
    assert account(SIGNATURE_SECRETS=value).signature_secrets == read


def test_a_private_key_may_be_a_path(tmp_path: Path) -> None:
    path = tmp_path / "private.key"
    path.write_text(PEM)
    for value in (path, str(path), lambda: path, PEM, PEM.replace("\n", "\\n")):
        assert account(PRIVATE_KEY=value).private_key == PEM
        assert account(PRIVATE_KEY=value).has_private_key
    assert not account().has_private_key


def test_private_key_path_may_start_with_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "private.key").write_text(PEM)
    assert account(PRIVATE_KEY="~/private.key").private_key == PEM


def test_private_key_callable_is_called_once() -> None:
    calls = []

    def vault() -> str:
        calls.append(1)
        return PEM

    assert account(PRIVATE_KEY=vault).private_key == PEM
    assert len(calls) == 1


# AUTH

BASIC = {"API_KEY": "abcd1234", "API_SECRET": "an-api-secret"}
JWT = {"APPLICATION_ID": "an-application", "PRIVATE_KEY": PEM}


@pytest.mark.parametrize(
    ("config", "method"),
    [
        (BASIC, "basic"),
        (JWT, "jwt"),
        (BASIC | {"APPLICATION_ID": "an-application"}, "basic"),
        (JWT | {"API_KEY": "abcd1234"}, "jwt"),
        (BASIC | {"AUTH": "basic"}, "basic"),
        (BASIC | JWT | {"AUTH": "basic"}, "basic"),
        (BASIC | JWT | {"AUTH": "jwt"}, "jwt"),
        (BASIC | JWT | {"AUTH": lambda: "jwt"}, "jwt"),
        ({key: (lambda value=value: value) for key, value in JWT.items()}, "jwt"),
    ],
)
def test_auth_is_the_complete_or_the_chosen_method(config: dict[str, Any], method: str) -> None:
    assert account(**config).auth == method


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (BASIC | JWT, "must be 'jwt' or 'basic', because the credentials for both are set."),
        ({}, "has no credentials: set APPLICATION_ID and PRIVATE_KEY, or API_KEY and API_SECRET."),
        ({"API_KEY": "a", "APPLICATION_ID": "b"}, "has no credentials: "),
        ({"API_SECRET": "a", "PRIVATE_KEY": PEM}, "has no credentials: "),
        (BASIC | {"API_SECRET": "  "}, "has no credentials: "),
        (JWT | {"AUTH": "basic"}, "is 'basic', which needs API_KEY and API_SECRET."),
        (BASIC | {"AUTH": "jwt"}, "is 'jwt', which needs APPLICATION_ID and PRIVATE_KEY."),
        ({"AUTH": "basic", "API_KEY": "a"}, "is 'basic', which needs API_KEY and API_SECRET."),
        (BASIC | {"AUTH": "JWT"}, "must be 'jwt' or 'basic'."),
        (BASIC | {"AUTH": "none"}, "must be 'jwt' or 'basic'."),
    ],
)
def test_ambiguous_or_incomplete_auth_is_refused(config: dict[str, Any], problem: str) -> None:
    error = refusal(lambda: account(**config).auth)
    key = "" if problem.startswith("has no credentials") else "['AUTH']"
    assert error.startswith(f"VONAGE_MESSAGES['shop']{key} {problem}")


MARK = "4" + "2"  # the error page quotes this file


def secret_settings(break_it: str) -> dict[str, Any]:
    account = {
        "API_KEY": "abcd1234",
        "API_SECRET": f"apisecret{MARK}",
        "SIGNATURE_SECRETS": [f"signaturesecret{MARK}"],
        "PRIVATE_KEY": f"-----BEGIN PRIVATE KEY-----pem{MARK}-----END PRIVATE KEY-----",
        "APPLICATION_ID": "aaaa",
        "AUTH": "jwt",
    }
    return {"default": account | ({"API_KYE": "x"} if break_it == "unknown key" else {})}


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("break_it", ["unknown alias", "unknown key", "bad key"])
def test_error_page_shows_no_secret(debug: bool, break_it: str) -> None:
    with override_settings(VONAGE_MESSAGES=secret_settings(break_it), DEBUG=debug):
        try:
            bearer_token(get_account("nobody" if break_it == "unknown alias" else "default"))
        except ImproperlyConfigured:
            request = RequestFactory().get("/")
            page = ExceptionReporter(request, *sys.exc_info()).get_traceback_html()
    assert "ImproperlyConfigured" in page
    assert f"apisecret{MARK}" not in page
    assert f"signaturesecret{MARK}" not in page
    # With DEBUG, Django shows every local variable, including the key.
    assert debug or f"pem{MARK}" not in page
