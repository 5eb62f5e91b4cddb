"""Pytest fixtures, in this project and in others."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import django_vonage_messages
from django_vonage_messages import exceptions, send_message
from django_vonage_messages.backends import Rejected
from django_vonage_messages.pytest_plugin import (  # noqa: F401 -- fixtures, where not installed
    simulate_inbound,
    simulate_status,
    vonage_outbox,
    vonage_outcomes,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGIN = "django_vonage_messages.pytest_plugin"
SITE_TEST = """
import pytest

from django_vonage_messages import send_message


@pytest.mark.django_db
def test_site(vonage_outbox, simulate_status, simulate_inbound):
    message = send_message("447700900000", "Hello")
    assert [sent.text for sent in vonage_outbox] == ["Hello"]
    assert simulate_status(message, "delivered").status == "delivered"
    assert simulate_inbound("447700900000", "Thanks").text == "Thanks"
"""
OUTCOMES_TEST = """
import pytest
from django.conf import settings as django_settings

from django_vonage_messages import exceptions, send_message, testing
from django_vonage_messages.backends import NotSent
from tests.settings import VONAGE_MESSAGES


@pytest.mark.django_db
def test_forced_outcomes(vonage_outcomes):
    vonage_outcomes += [NotSent(), NotSent()]
    with pytest.raises(exceptions.ConnectionFailed):
        send_message("447700900000", "Hello")
    assert len(testing.outbox) == 1


def test_no_outcome_is_left():
    assert testing.outcomes == []


def test_own_settings(settings, vonage_outbox):
    account = settings.VONAGE_MESSAGES["default"]
    settings.VONAGE_MESSAGES = {"default": account | {"API_KEY": "another1"}}


def test_all_settings_are_restored():
    assert django_settings.VONAGE_MESSAGES is VONAGE_MESSAGES
"""
NO_SITE_TEST = """
import sys


def test_nothing_is_loaded():
    assert "django_vonage_messages.pytest_plugin" in sys.modules
    assert not {"django", "rest_framework", "requests"} & set(sys.modules)
"""


@pytest.mark.django_db
def test_fixtures_send_and_simulate(vonage_outbox, simulate_status, simulate_inbound):  # noqa: F811 -- the fixtures
    message = send_message("447700900000", "Hello")
    assert [sent.text for sent in vonage_outbox] == ["Hello"]
    assert simulate_status(message, "delivered").status == "delivered"
    assert simulate_inbound("447700900000", "Thanks").text == "Thanks"


@pytest.mark.django_db
def test_a_test_forces_outcomes(vonage_outcomes, vonage_outbox):  # noqa: F811 -- the fixtures
    assert vonage_outcomes == []
    vonage_outcomes.append(Rejected("Invalid recipient"))
    with pytest.raises(exceptions.MessageRejected, match="Invalid recipient"):
        send_message("447700900000", "Hello")
    assert len(vonage_outbox) == 1


def run_pytest(place: Path, test: str, *options: str) -> str:
    """Run one test file in its own project, with warnings as errors."""
    (place / "test_site.py").write_text(test)
    path = os.pathsep.join([str(Path(django_vonage_messages.__file__).parent.parent), str(ROOT)])
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")}
    plugins = ["-p", PLUGIN, "-p", "no:cacheprovider"]
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", *plugins, *options]
    done = subprocess.run(
        [*command, "--rootdir", str(place), "test_site.py"],
        cwd=place,
        env=environment | {"PYTHONPATH": path, "DATABASE_URL": "sqlite://:memory:"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_site_has_the_fixtures(tmp_path):
    assert "1 passed" in run_pytest(tmp_path, SITE_TEST, "--ds", "tests.settings")


def test_outcomes_and_settings_are_reset_after_each_test(tmp_path):
    assert "4 passed" in run_pytest(tmp_path, OUTCOMES_TEST, "--ds", "tests.settings")


def test_plugin_loads_nothing_in_a_project_without_django(tmp_path):
    done = run_pytest(tmp_path, NO_SITE_TEST, "-p", "no:django", "-p", "no:hypothesispytest")
    assert "1 passed" in done


def test_plugin_is_registered_as_an_entry_point():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {PLUGIN: PLUGIN}
