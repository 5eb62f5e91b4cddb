"""Time that a process may wait for the database, to record a result that it knows already."""

import time
from typing import Any

from asgiref.local import Local
from django.core.signals import request_finished, request_started

_request = Local()


def wait_until(seconds: float) -> float:
    """Return the time (of ``time.monotonic()``) at which to stop waiting for the database.

    In a web request, all waiting together takes at most ``seconds``.
    """
    return time.monotonic() + max(0.0, seconds - getattr(_request, "waited", 0.0))


def add_waiting(seconds: float) -> None:
    """Subtract ``seconds`` from the time that the current web request may still wait."""
    if hasattr(_request, "waited"):
        _request.waited += seconds


def _begin(**_kwargs: Any) -> None:
    _request.waited = 0.0


def _end(**_kwargs: Any) -> None:
    if hasattr(_request, "waited"):
        del _request.waited


request_started.connect(_begin, dispatch_uid="django_vonage_messages.patience.begin")
request_finished.connect(_end, dispatch_uid="django_vonage_messages.patience.end")
