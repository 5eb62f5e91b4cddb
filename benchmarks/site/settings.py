"""Settings of the measured site: the middleware of startproject, and one account.

DATABASE_URL is the database server (default: SQLite). The scripts set the other variables for the
processes that they start:

BENCHMARK_DATABASE     name of the temporary database
BENCHMARK_ACCOUNT      JSON that replaces keys of the account
BENCHMARK_WITHOUT_APP  "1": a site without django_vonage_messages
"""

import json
import os

import environ

HAS_APP = os.environ.get("BENCHMARK_WITHOUT_APP") != "1"
SIGNATURE_SECRET = "a signature secret for benchmarks, long enough"

SECRET_KEY = "benchmarks"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
STATIC_URL = "static/"
ROOT_URLCONF = "benchmarks.site.urls"
WSGI_APPLICATION = "benchmarks.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {"default": environ.Env().db("DATABASE_URL", default="sqlite:///unused.sqlite3")}
DATABASES["default"]["CONN_MAX_AGE"] = None
if "BENCHMARK_DATABASE" in os.environ:
    DATABASES["default"]["NAME"] = os.environ["BENCHMARK_DATABASE"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # The options that docs/install.md recommends.
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "benchmarks.site",
]
if HAS_APP:
    INSTALLED_APPS.append("django_vonage_messages")
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
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

VONAGE_MESSAGES = {
    "default": {
        "BACKEND": "django_vonage_messages.backends.locmem.LocMemBackend",
        "API_VERSION": "v1",
        "API_KEY": "abcd1234",
        "SIGNATURE_SECRETS": [SIGNATURE_SECRET],
        "SENDERS": {"sms": "447700900001", "whatsapp": "447700900001"},
        **json.loads(os.environ.get("BENCHMARK_ACCOUNT", "{}")),
    }
}
