"""Signals for status changes and inbound messages.

Each signal is sent inside the transaction that records the change, so a receiver's database work
commits or rolls back with the change. Connect a receiver with ``sender=Message`` or no sender.

``message_status_changed``
    Sent once for each change of ``Message.status``. Arguments: ``message``, ``event`` (the
    StatusEvent that caused the change) and ``previous_status``.

``message_received``
    Sent once for each inbound message. Argument: ``message``.
"""

from django.dispatch import Signal

message_status_changed = Signal()
message_received = Signal()
