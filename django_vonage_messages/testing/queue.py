"""``deliver_queued()`` for tests."""

from contextlib import nullcontext
from datetime import datetime

from django_vonage_messages.models import Message, Source, Status, StatusEvent
from django_vonage_messages.services.db.transactions import fix_time, primary
from django_vonage_messages.services.operations.due import deliver_due
from django_vonage_messages.testing.receivers import raise_receiver_errors as receiver_errors_raised


def deliver_queued(
    *, now: datetime | None = None, raise_receiver_errors: bool = True
) -> list[Message]:
    """Send the queued messages that are due, and return them in the order of sending.

    ``now`` is the time of the queue while this function runs, as in ``fix_time()``. With a time in
    the future, a test sends messages that are scheduled for this time. By default, the time is not
    changed.

    The messages are sent in the calling thread, also in a TestCase. Messages that a transaction or
    a receiver has sent are queued too. ``simulate_status()`` explains ``raise_receiver_errors``.
    """
    events = primary(StatusEvent).filter(source=Source.LOCAL, status=Status.SENDING)
    last = events.order_by("pk").values_list("pk", flat=True).last() or 0
    with (
        receiver_errors_raised(raise_receiver_errors),
        nullcontext() if now is None else fix_time(now),
    ):
        while deliver_due():
            pass
        started = events.filter(pk__gt=last).order_by("pk").values_list("message_id", flat=True)
        rows = primary(Message).in_bulk(list(started))
        return [rows[pk] for pk in started]
