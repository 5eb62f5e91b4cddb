"""Settings of a site that are known to break webhook views."""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE

_MODULE = "tests.webhooks.hostile_site"

DATABASES = {alias: {**config, "ATOMIC_REQUESTS": True} for alias, config in DATABASES.items()}
INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework"]
MIDDLEWARE = [
    f"{_MODULE}.ReadPost",
    *MIDDLEWARE,
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    f"{_MODULE}.SeeUser",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        f"{_MODULE}.Throttle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "1/day", "user": "1/day"},
    "DEFAULT_PARSER_CLASSES": [f"{_MODULE}.Parser"],
    "DEFAULT_RENDERER_CLASSES": [f"{_MODULE}.Renderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": f"{_MODULE}.Negotiation",
    "DEFAULT_VERSIONING_CLASS": f"{_MODULE}.Versioning",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": f"{_MODULE}.handle_exception",
    "URL_FORMAT_OVERRIDE": "message_uuid",
}
