"""Settings of the test suite: SQLite, or the database of DATABASE_URL."""

import os
import tempfile
from copy import deepcopy
from pathlib import Path

import environ

env = environ.Env()

SECRET_KEY = "tests"
USE_TZ = True
DATABASES = {
    "default": env.db(
        "DATABASE_URL", default=f"sqlite:///{tempfile.gettempdir()}/vonage-messages-unused.sqlite3"
    )
}
if DATABASES["default"]["ENGINE"].endswith("mysql"):
    DATABASES["default"]["OPTIONS"] = {"charset": "utf8mb4", "sql_mode": "TRADITIONAL"}
    DATABASES["default"]["TEST"] = {"CHARSET": "utf8mb4"}
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # The tests do not switch off the machine, so they need not wait for its disk.
    DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}
# A second database of the same kind, for the tests of sites that route this package elsewhere.
_name = DATABASES["default"]["NAME"]
DATABASES["other"] = deepcopy(DATABASES["default"]) | {"NAME": f"{_name}_other"}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Files, so that threads have connections of their own, as they have on a server.
    for _alias, _database in DATABASES.items():
        _test = Path(tempfile.gettempdir()) / f"test-{os.getpid()}-{_alias}.sqlite3"
        _database["TEST"] = {"NAME": str(_test)}
        _database["OPTIONS"] = {"init_command": "PRAGMA synchronous=OFF"}
if os.environ.get("TEST_DEFAULT_AUTO_FIELD"):
    DEFAULT_AUTO_FIELD = os.environ["TEST_DEFAULT_AUTO_FIELD"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_vonage_messages",
    "example_project.orders",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "tests.urls"
STATIC_URL = "static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
BASE_DIR = Path(__file__).resolve().parent.parent

SIGNATURE_SECRET = "a signature secret of the tests, long enough"
VONAGE_MESSAGES = {
    "default": {
        "BACKEND": "django_vonage_messages.backends.locmem.LocMemBackend",
        "API_KEY": "abcd1234",
        "SIGNATURE_SECRETS": [SIGNATURE_SECRET],
        "SENDERS": {
            "sms": "447700900001",
            "mms": "12345",
            "whatsapp": "447700900001",
            "viber": "654321",
            "messenger": "107083064136738",
        },
    }
}
