"""Admin page of the appointments."""

from django.contrib import admin

from tests.clinic.appointments.models import Appointment

admin.site.register(Appointment)
