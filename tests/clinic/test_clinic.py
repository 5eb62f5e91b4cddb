"""The clinic's own tests, run as a site runs them."""

import os
import subprocess
import sys

import pytest

from tests.docs.blocks import ROOT
from tests.docs.running import is_installed

SETTINGS = "tests.clinic.settings"
PYTEST_FILE = "tests/clinic/appointments/site_with_pytest.py"


# The tests of the clinic use the database of DATABASE_URL.
@pytest.mark.django_db
def test_clinic_passes_with_test_cases_of_django() -> None:
    output = run("django", "test", "tests.clinic.appointments", "--noinput")
    assert "Ran 13 tests" in output
    assert "\nOK\n" in output


@pytest.mark.django_db
def test_clinic_passes_with_pytest() -> None:
    plugin = () if is_installed() else ("-p", "django_vonage_messages.pytest_plugin")
    assert "5 passed" in run("pytest", "-q", "--noconftest", "-o", "addopts=", *plugin, PYTEST_FILE)


def run(*command: str) -> str:
    """Run a Python module with the clinic's settings, with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", *command],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": SETTINGS},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output
