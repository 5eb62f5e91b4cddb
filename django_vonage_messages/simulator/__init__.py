"""Simulator of the Vonage Messages API. It accepts messages and sends webhooks.

The simulator needs no Django settings. It validates requests with the rules of the API
reference, not with the rules of the app.
"""

from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.scenarios import number_for
from django_vonage_messages.simulator.simulator import Simulator

__all__ = ["Faults", "Simulator", "number_for"]
