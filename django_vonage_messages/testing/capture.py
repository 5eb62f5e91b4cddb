"""Keeping what a test sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.test import override_settings

from django_vonage_messages.backends.base import OutgoingMessage
from django_vonage_messages.backends.locmem import outbox, updates
from django_vonage_messages.conf import configured_accounts

_LOCMEM: Final = "django_vonage_messages.backends.locmem.LocMemBackend"


@contextmanager
def capture_messages() -> Iterator[list[OutgoingMessage]]:
    """Send every account's messages to the outbox, which begins empty, as do the ``updates``.

    What it holds can still be read after the block, until the next capture. Usable as a context
    manager and as a decorator. A message sent inside a transaction leaves after the commit: in a
    TestCase, use Django's ``captureOnCommitCallbacks(execute=True)`` inside it.
    """
    accounts: dict[str, dict[str, Any]] = {
        alias: {**config, "BACKEND": _LOCMEM, "OPTIONS": {}}
        for alias, config in configured_accounts().items()
    }
    outbox.clear()
    updates.clear()
    with override_settings(VONAGE_MESSAGES=accounts):
        yield outbox
