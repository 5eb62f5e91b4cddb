"""Simulator of the Vonage Messages API. It accepts messages, calls webhooks and plays customers.

The simulator needs no Django settings. The rules are written from the API reference. The simulator
uses only two functions of the app: ``mask()`` for addresses, and ``sign()`` for webhooks.
"""

from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.scenarios import number_for
from django_vonage_messages.simulator.simulator import Simulator

__all__ = ["Faults", "Simulator", "number_for"]
