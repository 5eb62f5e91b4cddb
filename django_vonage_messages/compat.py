"""Features that differ between Django versions."""

import sys
from importlib.util import find_spec
from typing import Final

HAS_TASKS: Final = find_spec("django.tasks") is not None
"""Whether ``django.tasks`` exists (Django 6.0 and newer)."""


def is_test_run() -> bool:
    """Return whether Django runs tests."""
    # setup_test_environment() sets saved_data in Django 5.2 to 6.1. mail.outbox is no evidence: a
    # site whose mail backend is locmem has it too.
    utils = sys.modules.get("django.test.utils")
    return hasattr(getattr(utils, "_TestState", None), "saved_data")
