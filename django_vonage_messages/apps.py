from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VonageMessagesConfig(AppConfig):
    name = "django_vonage_messages"
    label = "vonage_messages"
    verbose_name = _("Vonage messages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_vonage_messages import checks, database_checks  # noqa: F401 -- registers the checks
