"""Signals for status changes and inbound messages.

Each signal is sent in the transaction that records the change. The database work of a receiver is
committed together with the change. If a receiver raises an exception, the database work of all
receivers is rolled back, but the change is committed. All receivers run again later. Connect a
receiver with ``sender=Message`` or without a ``sender``.

``message_status_changed``
    Sent for each change of ``Message.status``. The arguments are ``message``, ``event`` and
    ``previous_status``. ``event`` is the StatusEvent that caused the change.

``message_received``
    Sent for each inbound message. The argument is ``message``.
"""

from django.dispatch import Signal

message_status_changed = Signal()
message_received = Signal()
# Only for django_vonage_messages.testing: sent for each exception of a receiver, which is stored.
receiver_failed = Signal()
