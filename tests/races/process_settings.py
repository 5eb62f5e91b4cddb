"""Settings of a process that uses the database of the test that started it."""

import json
import os

from tests.settings import *  # noqa: F403 -- settings, as the suite's own
from tests.settings import INSTALLED_APPS

DATABASES = {"default": json.loads(os.environ["RACES_DATABASE"])}
VONAGE_MESSAGES = json.loads(os.environ["RACES_ACCOUNTS"])
INSTALLED_APPS = [*INSTALLED_APPS, *os.environ.get("RACES_APPS", "").split()]
ALLOWED_HOSTS = ["testserver"]
