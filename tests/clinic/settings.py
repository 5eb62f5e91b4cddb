"""Settings of the clinic: an account for live messages, as a site has it in production."""

import os

from tests.settings import DATABASES, MIDDLEWARE, SECRET_KEY, TEMPLATES, USE_TZ

__all__ = ["DATABASES", "MIDDLEWARE", "SECRET_KEY", "TEMPLATES", "USE_TZ"]

DATABASES = {"default": DATABASES["default"]}
if not DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # The tests that start the clinic's tests have a database of their own.
    name = f"test_clinic_{os.getpid()}"
    DATABASES["default"]["TEST"] = {**DATABASES["default"].get("TEST", {}), "NAME": name}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django_vonage_messages",
    "tests.clinic.appointments",
]
ROOT_URLCONF = "tests.clinic.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

VONAGE_MESSAGES = {
    "default": {
        "API_KEY": "abcd1234",
        "API_SECRET": "an-api-secret-of-nobody",
        "SIGNATURE_SECRETS": ["a signature secret of the clinic, long enough"],
        "SENDERS": {"sms": "447700900001", "whatsapp": "447700900001"},
    }
}
