"""Appointments and their reminders."""
