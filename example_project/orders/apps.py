from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "example_project.orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from example_project.orders import receivers  # noqa: F401 -- connects them
