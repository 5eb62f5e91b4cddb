"""Features that only newer Django versions have."""

from importlib.util import find_spec
from typing import Final

HAS_TASKS: Final = find_spec("django.tasks") is not None
"""Whether ``django.tasks`` exists (Django 6.0 and newer)."""
