"""A simulated Vonage on this machine: it accepts messages, calls webhooks, and plays the customer.

It validates requests by its own reading of the API reference, and shares no code with the app but
the masking of addresses and the signature of webhooks. It needs no Django settings.
"""

from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.scenarios import number_for
from django_vonage_messages.simulator.simulator import Simulator

__all__ = ["Faults", "Simulator", "number_for"]
