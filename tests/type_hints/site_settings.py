"""Settings of a site that type-checks its code with django-stubs."""

SECRET_KEY = "typing"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_vonage_messages",
    "clinic",
]
