"""The signals that an app developer connects to.

Both are sent inside the transaction that records the fact, so a receiver's database work is
committed with it or not at all. Connect with ``sender=Message`` or no sender.

``message_status_changed``
    Sent on each change of ``Message.status``. Arguments: ``message``, ``event`` (the StatusEvent
    that changed it) and ``previous_status``.

``message_received``
    Sent once for each inbound message. Argument: ``message``.
"""

from django.dispatch import Signal

message_status_changed = Signal()
message_received = Signal()
