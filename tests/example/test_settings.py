"""Settings of the example site, read from the environment."""

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from example_project import settings as settings_module
from example_project import vonage

ReadSettings = Callable[..., dict[str, Any]]


@pytest.fixture
def read_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReadSettings:
    """Run the settings file in its own project, with only these variables."""
    folder = tmp_path / "example_project"
    folder.mkdir()
    path = shutil.copy(str(settings_module.__file__), folder)

    def read(**variables: str) -> dict[str, Any]:
        environ = settings_module.env.ENVIRON
        for name in list(environ):
            if name.startswith("VONAGE_") or name in {"DATABASE_URL", "DEBUG", "SECRET_KEY"}:
                monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(path)

    return read


def _account(settings: dict[str, Any]) -> dict[str, Any]:
    account: dict[str, Any] = settings["VONAGE_MESSAGES"]["default"]
    return account


def test_defaults_are_sqlite_and_the_console(read_settings: ReadSettings) -> None:
    settings = read_settings()
    database = settings["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["OPTIONS"] == {"transaction_mode": "IMMEDIATE", "timeout": 20}
    assert database["NAME"].name == "db.sqlite3"
    assert _account(settings)["BACKEND"] == vonage.CONSOLE
    assert _account(settings)["SENDERS"] == vonage.CONSOLE_SENDERS
    assert _account(settings)["SIGNATURE_SECRETS"] == []


@pytest.mark.parametrize("name", ["API_KEY", "API_SECRET", "APPLICATION_ID", "PRIVATE_KEY"])
def test_any_credential_selects_the_api(read_settings: ReadSettings, name: str) -> None:
    account = _account(read_settings(**{f"VONAGE_{name}": "given"}))
    assert account["BACKEND"] == vonage.API
    assert account[name] == "given"
    assert account["SENDERS"] == {"sms": vonage.SENDER}


def test_account_is_read_from_the_environment(read_settings: ReadSettings) -> None:
    account = _account(
        read_settings(
            VONAGE_API_KEY="key",
            VONAGE_API_SECRET="secret",
            VONAGE_APPLICATION_ID="application",
            VONAGE_PRIVATE_KEY="private.key",
            VONAGE_AUTH="jwt",
            VONAGE_SIGNATURE_SECRETS="new,old",
            VONAGE_SIGNATURE_SECRET="older",
            VONAGE_SMS_SENDER="447700900002",
            VONAGE_WHATSAPP_SENDER="447700900003",
            VONAGE_MMS_SENDER="12345",
            VONAGE_VIBER_SENDER="654321",
            VONAGE_MESSENGER_SENDER="0123456789",
            VONAGE_REGION="GB",
            VONAGE_BASE_URL="http://127.0.0.1:8090",
        )
    )
    assert account == {
        "BACKEND": vonage.API,
        "API_KEY": "key",
        "API_SECRET": "secret",
        "APPLICATION_ID": "application",
        "PRIVATE_KEY": "private.key",
        "AUTH": "jwt",
        "SIGNATURE_SECRETS": ["new", "old", "older"],
        "SENDERS": {
            "sms": "447700900002",
            "mms": "12345",
            "whatsapp": "447700900003",
            "viber": "654321",
            "messenger": "0123456789",
        },
        "REGION": "GB",
        "OPTIONS": {"base_url": "http://127.0.0.1:8090"},
    }


def test_base_url_alone_does_not_select_the_api(read_settings: ReadSettings) -> None:
    account = _account(read_settings(VONAGE_BASE_URL="http://127.0.0.1:8090"))
    assert account["BACKEND"] == vonage.CONSOLE
    assert "OPTIONS" not in account


def test_database_url_selects_the_database(read_settings: ReadSettings) -> None:
    database = read_settings(DATABASE_URL="postgres://shop@127.0.0.1:5432/shop")["DATABASES"]
    assert database["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert database["default"]["NAME"] == "shop"
    assert "transaction_mode" not in database["default"].get("OPTIONS", {})


def test_secret_key_is_required_without_debug(read_settings: ReadSettings) -> None:
    assert read_settings()["DEBUG"] is True
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        read_settings(DEBUG="false")
    settings = read_settings(DEBUG="false", SECRET_KEY=r"\$token", ALLOWED_HOSTS="shop.example")
    assert settings["SECRET_KEY"] == "$token"
    assert settings["ALLOWED_HOSTS"] == ["shop.example"]


def test_env_file_is_read_and_the_environment_outranks_it(
    read_settings: ReadSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("VONAGE_REGION=FR\nVONAGE_SMS_SENDER=33639980000\n")
    monkeypatch.setenv("VONAGE_SMS_SENDER", "")  # so that it is restored after the test
    monkeypatch.setenv("VONAGE_REGION", "")
    account = _account(read_settings(VONAGE_REGION="GB"))
    assert account["REGION"] == "GB"
    assert account["SENDERS"]["sms"] == "33639980000"
