"""Fixtures of the webhook tests; every test also checks that nothing private is logged."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.dispatch import Signal

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, Source, StatusEvent, UnprocessedWebhook
from tests.settings import SIGNATURE_SECRET

LOCMEM = "django_vonage_messages.backends.locmem.LocMemBackend"
PRIVATE = (
    SIGNATURE_SECRET,
    "secret of account",
    "447700900000",
    "447700900001",
    "Where is my order",
    "Hello From Vonage",
    "eyJ",
)


@pytest.fixture(autouse=True)
def _nothing_private_is_logged(caplog) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    for record in caplog.get_records("call"):
        line = logging.Formatter().format(record)
        assert not [text for text in PRIVATE if text in line], line


@pytest.fixture
def message(db) -> Message:
    """A message that Vonage has accepted."""
    return send_message("447700900000", "Hello")


@pytest.fixture
def stored() -> Callable[[], tuple[int, int, int]]:
    """Count the stored rows: (unprocessed webhooks, inbound messages, status events)."""

    def count() -> tuple[int, int, int]:
        return (
            UnprocessedWebhook.objects.count(),
            Message.objects.inbound().count(),
            StatusEvent.objects.filter(source=Source.VONAGE).count(),
        )

    return count


@pytest.fixture
def accounts(settings) -> Callable[..., None]:
    """Configure accounts, each over the locmem backend."""

    def configure(**accounts: dict[str, Any]) -> None:
        settings.VONAGE_MESSAGES = {
            alias: {"BACKEND": LOCMEM, **config} for alias, config in accounts.items()
        }

    return configure


@contextmanager
def _connected(signal: Signal, *receivers: Callable[..., Any]) -> Iterator[None]:
    with ExitStack() as stack:
        for receiver in receivers:
            signal.connect(receiver)
            stack.callback(signal.disconnect, receiver)
        yield


@pytest.fixture
def connected() -> Callable[..., Any]:
    """Connect receivers to a signal inside a ``with`` block."""
    return _connected
