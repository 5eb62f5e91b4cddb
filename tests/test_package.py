"""Imports, public names and metadata of the package."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import django_vonage_messages
from django_vonage_messages.services.sending import send

PACKAGE = Path(django_vonage_messages.__file__).resolve().parent
ROOT = PACKAGE.parent


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process without Django settings, with warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "module",
    ["", ".content", ".signals", ".exceptions", ".testing", ".conf", ".backends", ".backends.api"],
)
def test_importing_needs_no_settings(module: str) -> None:
    done = python(
        f"import django_vonage_messages{module} as module\n"
        "assert module.__name__ in repr(module)\n"
        "dir(module)\n"
        "from django.conf import settings\n"
        "assert not settings.configured\n"
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_package_loads_neither_django_nor_requests() -> None:
    done = python(
        "import sys, django_vonage_messages\n"
        "print(django_vonage_messages.__version__)\n"
        "assert not {'django', 'requests', 'rest_framework'} & set(sys.modules)\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == django_vonage_messages.__version__


def test_exceptions_and_contents_are_usable_without_settings() -> None:
    done = python(
        "from django_vonage_messages.content import Text\n"
        "from django_vonage_messages.exceptions import InvalidMessage, MessageRejected\n"
        "print(Text('Hello'), MessageRejected('No.'), InvalidMessage({'to': ['Wrong.']}))\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Text(<5 characters>) No. Nothing was sent. to: Wrong.\n"


def test_importing_send_message_without_settings_raises_improperly_configured() -> None:
    done = python("from django_vonage_messages import send_message")
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert "settings are not configured" in done.stderr


def test_public_names_can_be_imported() -> None:
    from django_vonage_messages import (
        exceptions,
        models,
        send_message,
        signals,
        testing,
    )

    assert send_message is send.send_message is django_vonage_messages.send_message
    assert issubclass(exceptions.InvalidMessage, exceptions.VonageMessagesError)
    assert all(hasattr(models, name) for name in ("Conversation", "Message", "StatusEvent"))
    assert signals.message_received
    assert testing.capture_messages


def test_dir_lists_each_name_once() -> None:
    names = django_vonage_messages.__dir__()
    assert names == sorted(set(names))
    assert {"send_message", "__version__", "__all__"} <= set(names)
    assert all(hasattr(django_vonage_messages, name) for name in names)


def test_every_exported_name_exists() -> None:
    assert set(django_vonage_messages.__all__) == {
        "__version__",
        "cancel_message",
        "cancel_messages",
        "deliver_due",
        "mark_message_read",
        "queue_message",
        "reschedule_message",
        "resend_message",
        "revoke_message",
        "send_message",
        "settle_message",
    }
    assert all(hasattr(django_vonage_messages, name) for name in django_vonage_messages.__all__)


@pytest.mark.parametrize("name", ["queue_mesage", "sendmessage", "_private"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"'django_vonage_messages' has no attribute '{name}'"):
        getattr(django_vonage_messages, name)
    with pytest.raises(ImportError, match=name):
        exec(f"from django_vonage_messages import {name}")


def test_version_equals_that_of_the_distribution() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+([a-z]+\d+)?", django_vonage_messages.__version__)
    try:
        installed = version("django-vonage-messages")
    except PackageNotFoundError:
        pytest.skip("The package is not installed, only on the path.")
    assert installed == django_vonage_messages.__version__


def test_loggers_are_named_after_the_package() -> None:
    used = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"getLogger\(([^)]*)\)", path.read_text())
    }
    assert '"django_vonage_messages"' in used
    assert all(re.fullmatch(r'"django_vonage_messages(\.[a-z]+)?"', name) for name in used)


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").is_file()
