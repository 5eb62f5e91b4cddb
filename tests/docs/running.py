"""Run the Python blocks of a page by their kind."""

import os
import subprocess
import sys
import unittest
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.checks import run_checks
from django.db.utils import ConnectionHandler
from django.test import override_settings
from django.test.utils import isolate_apps
from django.urls import reverse

from django_vonage_messages.simulator import Simulator
from tests.accounts import v1_account
from tests.docs.blocks import ROOT, Block, blocks_of

ENVIRONMENT = {
    "VONAGE_API_KEY": "abcd1234",
    "VONAGE_API_SECRET": "the-api-secret-of-the-account",
    "VONAGE_SIGNATURE_SECRET": "the-signature-secret-of-the-account",
    "VONAGE_SMS_SENDER": "447700900001",
}
SENDS_NOT_TO_CUSTOMERS = {"vonage_messages.W007", "vonage_messages.W015"}
SITE_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]


def run_page(page: Path, namespace: dict[str, Any], place: Path) -> None:
    """Run every Python block of a page, in order and in one namespace."""
    namespace["__name__"] = page.stem
    for block in blocks_of(page):
        if block.language == "python":
            run_block(block, namespace, place)


def run_block(block: Block, namespace: dict[str, Any], place: Path) -> None:
    match block.name:
        case "settings.py":
            run_settings(block, place)
        case "settings_staging.py":
            run_settings(block, place, is_staging=True)
        case "urls.py":
            run_urls(block)
        case "models.py":
            run_models(block)
        case "tests.py":
            run_tests(block, namespace)
        case "test_messages.py":
            run_pytest(block, place)
        case "v1":
            with v1_account():
                exec(block.compiled(), namespace)
        case "celery.py" | "tasks.py" | "executors.py":
            block.compiled()  # tests/integration/test_celery.py runs it
        case "" | "shell":
            exec(block.compiled(), namespace)
        case _:
            raise AssertionError(f"{block}: nothing runs a block that is called {block.name!r}.")


def run_settings(block: Block, place: Path, *, is_staging: bool = False) -> None:
    """Run a snippet as part of a settings module, and check the settings.

    With ``is_staging``, the deployment checks must report only that customers get no messages.
    """
    (place / "private.key").write_text(Simulator().private_key, encoding="utf-8")
    module: dict[str, Any] = {"BASE_DIR": place, "INSTALLED_APPS": list(SITE_APPS)}
    with mock.patch.dict(os.environ, ENVIRONMENT):
        exec(block.compiled(), module)
        page_settings = {name: value for name, value in module.items() if name.isupper()}
        assert set(page_settings.pop("INSTALLED_APPS")) <= set(settings.INSTALLED_APPS), block
        page_settings.pop("BASE_DIR")
        _connect(page_settings.pop("DATABASES", {}))
        deployed = "VONAGE_MESSAGES" in page_settings
        with override_settings(**page_settings):
            found = run_checks(tags=["vonage_messages"], include_deployment_checks=deployed)
        ids = {each.id for each in found}
        assert ids <= SENDS_NOT_TO_CUSTOMERS, block
        assert bool(ids) == is_staging, block


def run_urls(block: Block) -> None:
    """Run a snippet as the end of a URLconf, and check that it contains the webhooks."""
    urls: Any = ModuleType("urls")
    urls.urlpatterns = []
    exec(block.compiled(), urls.__dict__)
    for name in ("message-status", "inbound-message"):
        assert reverse(f"vonage_messages:{name}", urlconf=urls) == f"/webhooks/{name}", block


def run_models(block: Block) -> None:
    """Define the models of a snippet, and check them."""
    with isolate_apps("example_project.orders") as apps:
        exec(block.compiled(), {"__name__": "example_project.orders.models"})
        models = apps.get_models()
    assert models, block
    assert [problem for model in models for problem in model.check()] == [], block


def run_tests(block: Block, namespace: dict[str, Any]) -> None:
    """Run the test cases of a block; there must be at least one, and all must pass."""
    page_before = dict(namespace)
    exec(block.compiled(), namespace)
    cases = [
        value
        for name, value in namespace.items()
        if value is not page_before.get(name) and _is_test_case(value, namespace["__name__"])
    ]
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, cases))
    result = unittest.TestResult()
    suite.run(result)
    problems = [text for _test, text in (*result.errors, *result.failures, *result.skipped)]
    assert not problems, "\n".join(problems)
    assert result.testsRun > 0, f"{block} defines no test."


def run_pytest(block: Block, place: Path) -> None:
    """Run a snippet as a pytest module, in its own process and database."""
    module = place / block.name
    module.write_text(block.code, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    environment.pop("DATABASE_URL", None)
    plugin = () if is_installed() else ("-p", "django_vonage_messages.pytest_plugin")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, str(module)],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


def is_installed() -> bool:
    """Return whether pytest loads the fixtures from the installed package."""
    plugins = entry_points(group="pytest11")
    return "django_vonage_messages.pytest_plugin" in plugins.names


def _is_test_case(value: object, module: str) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, unittest.TestCase)
        and value.__module__ == module
    )


def _connect(databases: dict[str, Any]) -> None:
    """Open and close each database that a snippet configures."""
    handler = ConnectionHandler(databases)
    for alias in databases:
        with handler[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    handler.close_all()
