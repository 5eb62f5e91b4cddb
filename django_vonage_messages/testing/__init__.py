"""For the tests of sites that use this package.

``outbox`` holds what the ``locmem`` backend was given, and ``updates`` what was asked of messages
later: that they are read, or revoked. ``capture_messages()`` makes every account
use that backend for a while::

    with capture_messages() as outbox:
        order.ship()
    assert outbox[0].to == "447700900000"

``simulate_status()`` and ``simulate_inbound()`` play Vonage's part: a signed webhook goes through
the site's own URLs. ``VonageMessagesTestMixin`` brings all of it to a Django TestCase; pytest has
the fixtures ``vonage_outbox``, ``simulate_status`` and ``simulate_inbound``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django_vonage_messages.backends.base import OutgoingMessage
from django_vonage_messages.backends.locmem import outbox, updates
from django_vonage_messages.testing.capture import capture_messages

if TYPE_CHECKING:
    from django_vonage_messages.testing.cases import VonageMessagesTestMixin
    from django_vonage_messages.testing.webhooks import simulate_inbound, simulate_status

__all__ = [
    "OutgoingMessage",
    "VonageMessagesTestMixin",
    "capture_messages",
    "outbox",
    "simulate_inbound",
    "simulate_status",
    "updates",
]

# These need models, and importing this module does not (PEP 562).
_MODULES = {
    "VonageMessagesTestMixin": "cases",
    "simulate_inbound": "webhooks",
    "simulate_status": "webhooks",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
