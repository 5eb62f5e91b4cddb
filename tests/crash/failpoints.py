"""Places where a process of the site kills itself. They wrap the product from outside.

``CRASH_FAILPOINT`` is ``name:n``: the process dies at its n-th passage of that place, and appends
its id and the name to the file ``kills`` in ``CRASH_DIRECTORY``. At a place of PAUSES it pauses
instead, and appends to ``pauses``. Each process appends the messages that it begins to send to
``begun``, the messages whose call has ended without a death or a pause to ``ended``, and the
messages whose requests reached the time-out to ``slow``.
"""

import functools
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from django_vonage_messages.backends import api, connections
from django_vonage_messages.services.delivery import deliver
from django_vonage_messages.services.operations import worker
from django_vonage_messages.services.sending import send
from tests.crash.places import PAUSES, TIMEOUT

PAUSE = 4.0
"""Seconds; longer than the lease of the processes."""

_name, _, _n = os.environ.get("CRASH_FAILPOINT", "").rpartition(":")
_passages = itertools.count(1)
_call = threading.local()


def passed(name: str) -> None:
    """Die or pause, if this is the chosen passage of the chosen place."""
    if name not in {_name, _name.removeprefix("a pause ")} or next(_passages) != int(_n):
        return
    if _name in PAUSES:
        _log("pauses", _name)
        _call.is_paused = True
        time.sleep(PAUSE)
    else:
        _log("kills", _name)
        os.kill(os.getpid(), signal.SIGKILL)


def _log(file: str, what: str) -> None:
    log = os.open(Path(os.environ["CRASH_DIRECTORY"], file), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, f"{os.getpid()} {what}\n".encode())
    os.close(log)


def install() -> None:
    """Wrap the product's functions in the modules of their callers."""
    _log_calls(deliver, "deliver_claimed", lambda pk, *_: f"pk {pk}")
    _log_calls(worker, "deliver_claimed", lambda pk, *_: f"pk {pk}")
    _log_calls(send, "send_validated", lambda validated: validated.content.text)
    _log_slow_requests()
    _wrap(worker, "claim_batch", after="after a claim")
    _wrap(deliver, "claim", after="after a claim")
    _wrap(deliver, "start", after="after a start")
    _wrap(connections._Tracked, "send", after="while the POST leaves")
    _wrap(api.ApiBackend, "send", after="after the answer")
    _wrap(BaseDatabaseWrapper, "_commit", before="before a commit", after="after a commit")


def _log_calls(owner: Any, attribute: str, describe: Callable[..., str]) -> None:
    inner: Callable[..., Any] = getattr(owner, attribute)

    @functools.wraps(inner)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        _log("begun", describe(*args))
        _call.is_paused = False
        try:
            return inner(*args, **kwargs)
        finally:
            if not _call.is_paused:
                _log("ended", describe(*args))

    setattr(owner, attribute, wrapped)


def _log_slow_requests() -> None:
    inner = api.ApiBackend.send

    @functools.wraps(inner)
    def wrapped(self: Any, outgoing: Any) -> Any:
        began = time.monotonic()
        try:
            return inner(self, outgoing)
        finally:
            if time.monotonic() - began >= TIMEOUT:
                _log("slow", outgoing.text)

    api.ApiBackend.send = wrapped  # type: ignore[method-assign]


def _wrap(owner: Any, attribute: str, *, before: str = "", after: str = "") -> None:
    inner: Callable[..., Any] = getattr(owner, attribute)

    @functools.wraps(inner)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            passed(before)
        result = inner(*args, **kwargs)
        # A claim or a start that did not succeed is no place to die.
        if after and (result or not attribute.startswith(("claim", "start"))):
            passed(after)
        return result

    setattr(owner, attribute, wrapped)
