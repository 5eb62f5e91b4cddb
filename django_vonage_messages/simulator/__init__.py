"""Simulator of the Vonage Messages API. It accepts messages, calls webhooks and plays customers.

The simulator needs no Django settings. It validates requests by the API reference, not with
the app's rules. It imports only two functions of the app: ``mask()`` hides phone numbers in logs,
and ``sign()`` signs webhooks.
"""

from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.scenarios import number_for
from django_vonage_messages.simulator.simulator import Simulator

__all__ = ["Faults", "Simulator", "number_for"]
