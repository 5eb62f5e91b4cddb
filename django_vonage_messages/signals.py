"""Signals for status changes and inbound messages.

Each signal is sent inside the transaction that records the change, so a receiver's database work
is committed together with the change. If a receiver raises an exception, the database work of all
receivers is rolled back, but not the change. All receivers run again later. Connect a receiver with
``sender=Message`` or without a ``sender``.

``message_status_changed``
    Sent for each change of ``Message.status``. Arguments: ``message``, ``event`` (the
    StatusEvent that caused the change) and ``previous_status``.

``message_received``
    Sent for each inbound message. Argument: ``message``.
"""

from django.dispatch import Signal

message_status_changed = Signal()
message_received = Signal()
