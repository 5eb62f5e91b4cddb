"""A Vonage that runs on your laptop: it takes messages, calls webhooks, and plays the customer.

It judges requests by its own reading of the API reference and shares none of the code that this
package sends with. It needs no Django settings.
"""

from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.scenarios import number_for
from django_vonage_messages.simulator.simulator import Simulator

__all__ = ["Faults", "Simulator", "number_for"]
