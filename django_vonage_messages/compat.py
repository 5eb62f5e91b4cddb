"""What newer versions of Django have, for those that run on them."""

from importlib.util import find_spec
from typing import Final

HAS_TASKS: Final = find_spec("django.tasks") is not None
"""``django.tasks`` came with Django 6.0."""
