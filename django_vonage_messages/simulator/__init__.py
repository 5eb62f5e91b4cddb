"""Simulator of the Vonage Messages API: accepts messages, calls webhooks, plays the customer.

It needs no Django settings. Its rules are written from the API reference, independently of the app.
The app and the simulator share only the masking of addresses and the signing of webhooks.
"""

from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.scenarios import number_for
from django_vonage_messages.simulator.simulator import Simulator

__all__ = ["Faults", "Simulator", "number_for"]
