"""Settings of the site that is killed; its processes get the rest from their environment."""

import json
import os

import environ

SECRET_KEY = "tests"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": environ.Env.db_url_config(os.environ["CRASH_DATABASE_URL"])
    | json.loads(os.environ.get("CRASH_DATABASE_SETTINGS", "{}"))
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_vonage_messages",
    "tests.crash.effects",
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tests.crash.urls"
VONAGE_MESSAGES = {"default": json.loads(os.environ.get("CRASH_ACCOUNT", "{}"))}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(process)d %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"django_vonage_messages": {"handlers": ["stderr"], "level": "INFO"}},
}
