"""A process that delivers, and stops itself (SIGSTOP) at one point.

Run ``python -m tests.races.worker POINT LEASE [RECIPIENT]``; the lease is in seconds. With a
recipient it sends one message inline, otherwise it empties the queue. Points: "claimed", before the
start; "started", before the POST; "posted", before the outcome is recorded; "never".
"""

import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django


def stop_before(module: Any, name: str) -> None:
    """Stop this process once, at its next call of a function."""
    real: Callable[..., Any] = getattr(module, name)

    def stopped(*args: Any, **kwargs: Any) -> Any:
        setattr(module, name, real)
        # Stop this thread: with another thread as the target, this one would run on for a moment.
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
        return real(*args, **kwargs)

    setattr(module, name, stopped)


def main(point: str, lease: str, recipient: str = "") -> None:
    django.setup()
    from django_vonage_messages import send_message
    from django_vonage_messages.services.delivery import claims, deliver
    from django_vonage_messages.services.operations.worker import WorkerLoop
    from django_vonage_messages.services.sending import rows, send

    claims.LEASE = rows.LEASE = timedelta(seconds=float(lease))
    match point:
        case "claimed":
            stop_before(deliver, "start")
        case "started":
            stop_before(send if recipient else deliver, "attempt")
        case "posted":
            stop_before(deliver, "record_outcome")
    if recipient:
        send_message(recipient, "Hello")
    else:
        # One thread: another one would let the loop query while this process is stopped, and a
        # stopped query locks SQLite.
        WorkerLoop(threads=1, poll=0.05).run(once=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
