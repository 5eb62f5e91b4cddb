"""App of the appointments."""

from importlib import import_module

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "tests.clinic.appointments"

    def ready(self) -> None:
        import_module("tests.clinic.appointments.receivers")
