"""Messages of the site: message n, in one of five ways to send."""

import time

from django.db import Error, close_old_connections, transaction

from django_vonage_messages import exceptions, queue_message, send_message
from django_vonage_messages.models import Message
from django_vonage_messages.simulator import number_for
from tests.crash.effects.models import Order

WAYS = ("inline", "queued", "in a transaction", "queued in a transaction", "after a rollback")
INLINE, *_ = WAYS

_UNUSUAL = (
    number_for("rejected", 1300),
    number_for("undeliverable", 1260),
    number_for("no_outcome"),
    number_for("no_status"),
)
CUSTOMERS = 20


def way_of(n: int) -> str:
    return WAYS[n % len(WAYS)]


def text_of(n: int) -> str:
    return f"message {n}"


def send(n: int) -> None:
    """Send message n; after a database error, call again with the same key."""
    while True:
        try:
            return _send(n)
        except Error:
            close_old_connections()
            time.sleep(0.05)


def _send(n: int) -> None:
    way = way_of(n)
    if way == "after a rollback":
        _send_and_roll_back(n)
    try:
        if way in {"inline", "queued"}:
            _one(n, queued=way == "queued")
        else:
            with transaction.atomic():
                _order(n)
                _one(n, queued=way == "queued in a transaction")
    except exceptions.VonageMessagesError:
        pass  # the row contains the failure


def _one(n: int, *, queued: bool) -> Message:
    call = queue_message if queued else send_message
    ref = f"order-{n}" if n % 3 else ""
    return call(recipient_of(n), text_of(n), client_ref=ref, idempotency_key=f"message {n}")


def recipient_of(n: int) -> str:
    if n % 7 == 0:
        return _UNUSUAL[n // 7 % len(_UNUSUAL)]
    return f"4477009{n % CUSTOMERS:05}"


def _order(n: int) -> None:
    if not Order.objects.filter(number=n).exists():
        Order.objects.create(number=n)


def _send_and_roll_back(n: int) -> None:
    """Send inside a transaction that is rolled back."""
    with transaction.atomic():
        send_message(recipient_of(n), f"in vain {n}")
        transaction.set_rollback(True)
