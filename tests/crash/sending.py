"""Messages of the site: message n, in one of the ways to send."""

import time

from django.db import Error, close_old_connections, transaction

from django_vonage_messages import exceptions, queue_message, send_message
from django_vonage_messages.models import Message
from django_vonage_messages.simulator import number_for
from tests.crash.effects.models import Order
from tests.crash.ways import ALONE, QUEUED, WITHOUT_A_KEY, text_of, way_of

_UNUSUAL = (
    number_for("rejected", 1300),
    number_for("undeliverable", 1260),
    number_for("no_outcome"),
    number_for("no_status"),
)
CUSTOMERS = 20


def send(n: int) -> bool:
    """Send message n; after a database error, call again with the same key.

    Return False after a database error without a key: the caller does not know the result.
    """
    while True:
        try:
            _send(n)
        except Error:
            close_old_connections()
            if way_of(n) in WITHOUT_A_KEY:
                return False
            time.sleep(0.05)
        else:
            return True


def _send(n: int) -> None:
    way = way_of(n)
    if way == "after a rollback":
        _send_and_roll_back(n)
    try:
        if way in ALONE:
            _one(n)
        else:
            with transaction.atomic():
                _order(n)
                _one(n)
    except exceptions.VonageMessagesError:
        pass  # the row contains the failure


def _one(n: int) -> Message:
    call = queue_message if way_of(n) in QUEUED else send_message
    ref = f"order-{n}" if n % 3 else ""
    key = "" if way_of(n) in WITHOUT_A_KEY else f"message {n}"
    return call(recipient_of(n), text_of(n), client_ref=ref, idempotency_key=key)


def recipient_of(n: int) -> str:
    if n % 8 == 0:
        return _UNUSUAL[n // 8 % len(_UNUSUAL)]
    return f"4477009{n % CUSTOMERS:05}"


def _order(n: int) -> None:
    if not Order.objects.filter(number=n).exists():
        Order.objects.create(number=n)


def _send_and_roll_back(n: int) -> None:
    """Send inside a transaction that is rolled back."""
    with transaction.atomic():
        send_message(recipient_of(n), f"in vain {n}")
        transaction.set_rollback(True)
