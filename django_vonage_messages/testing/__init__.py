"""Test tools for sites that use this package.

``capture_messages()`` puts messages into the list ``outbox`` instead of sending them. Revocations
and read receipts are put into the list ``updates`` of this module::

    with capture_messages() as outbox:
        order.ship()
    assert outbox[0].to == "447700900000"

By default, every message is accepted. To choose other outcomes, pass ``outcome`` to
``capture_messages()``. You can also append outcomes from ``django_vonage_messages.backends`` to
the list ``outcomes`` of this module, in the order of the messages.

``simulate_status()`` and ``simulate_inbound()`` send a signed webhook to the site's own URLs.
``simulate_statuses()`` sends all statuses that the simulator sends for the recipient's number.
``deliver_queued()`` sends the messages that are due, and ``fix_time()`` changes the time of the
queue. In a Django TestCase, use ``VonageMessagesTestMixin``. In pytest, use the fixtures
``vonage_outbox``, ``vonage_outcomes``, ``deliver_queued``, ``simulate_status``,
``simulate_statuses`` and ``simulate_inbound``.

Exceptions of signal receivers are raised in the test, and are in the list ``receiver_errors``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django_vonage_messages.backends.base import OutgoingMessage, allow_http
from django_vonage_messages.backends.locmem import outbox, outcomes, updates
from django_vonage_messages.testing.capture import capture_messages
from django_vonage_messages.testing.receivers import receiver_errors

if TYPE_CHECKING:
    from django_vonage_messages.services.db.transactions import fix_time
    from django_vonage_messages.testing.cases import VonageMessagesTestMixin
    from django_vonage_messages.testing.queue import deliver_queued
    from django_vonage_messages.testing.simulate import (
        simulate_inbound,
        simulate_status,
        simulate_statuses,
    )

__all__ = [
    "OutgoingMessage",
    "VonageMessagesTestMixin",
    "allow_http",
    "capture_messages",
    "deliver_queued",
    "fix_time",
    "outbox",
    "outcomes",
    "receiver_errors",
    "simulate_inbound",
    "simulate_status",
    "simulate_statuses",
    "updates",
]

_SIMULATE = f"{__name__}.simulate"
_NEED_DJANGO = {
    "VonageMessagesTestMixin": f"{__name__}.cases",
    "deliver_queued": f"{__name__}.queue",
    "fix_time": "django_vonage_messages.services.db.transactions",
    "simulate_inbound": _SIMULATE,
    "simulate_status": _SIMULATE,
    "simulate_statuses": _SIMULATE,
}


def __getattr__(name: str) -> Any:
    # Models can be imported only after django.setup(): import these names when they are used.
    if name in _NEED_DJANGO:
        return getattr(import_module(_NEED_DJANGO[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
