import json
import os
from collections.abc import Callable, Iterator
from typing import Any, Final

import hypothesis
import pytest
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck

from django_vonage_messages.backends import Outcome, OutgoingMessage, locmem
from django_vonage_messages.protocol.signatures import sign
from django_vonage_messages.pytest_plugin import (  # noqa: F401 -- fixtures, where not installed
    vonage_outbox,
    vonage_outcomes,
)
from django_vonage_messages.signals import message_received, message_status_changed
from django_vonage_messages.testing import outbox, receiver_errors, updates
from django_vonage_messages.webhooks import refusal_counters
from tests.settings import SIGNATURE_SECRET

PostWebhook = Callable[..., Any]

# One profile for all property tests: a busy machine is no reason to fail.
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")

# The tests' own requests go to local servers, also on a machine with a proxy.
os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1"

SENT: Final[list[OutgoingMessage]] = outbox

_DATABASE_FIXTURES: Final = {"db", "transactional_db"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only", action="store_true", help="run only the tests that use a database"
    )


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Start no workers for single files: they cost more than they save."""
    named = [argument.partition("::")[0] for argument in config.args]
    return 0 if all(name.endswith(".py") for name in named) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database-only"):
        config.hook.pytest_deselected(items=[item for item in items if not _uses_database(item)])
        items[:] = filter(_uses_database, items)


def _uses_database(item: pytest.Item) -> bool:
    assert isinstance(item, pytest.Function)
    return (
        item.get_closest_marker("django_db") is not None
        or not _DATABASE_FIXTURES.isdisjoint(item.fixturenames)
        or (item.cls is not None and issubclass(item.cls, TransactionTestCase))
    )


@pytest.fixture(autouse=True)
def _fresh_state() -> Iterator[None]:
    _clear_locmem()
    refusal_counters.reset_counters()
    yield
    _clear_locmem()


def _clear_locmem() -> None:
    for each in (outbox, updates, locmem.outcomes, locmem.outcomes_by_address, receiver_errors):
        each.clear()


@pytest.fixture
def outcomes(vonage_outcomes: list[Outcome | Exception]) -> list[Outcome | Exception]:  # noqa: F811 -- the fixture
    """Outcomes of the next sends, empty at first. The sends after them are accepted."""
    return vonage_outcomes


@pytest.fixture
def without_receivers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Disconnect the example site's receivers, which write rows."""
    for signal in (message_received, message_status_changed):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()
    yield
    monkeypatch.undo()
    for signal in (message_received, message_status_changed):
        signal.sender_receivers_cache.clear()


@pytest.fixture
def post_webhook(client: Client) -> PostWebhook:
    """POST a body to a webhook, signed as Vonage signs it (unless ``secret`` is None)."""

    def post(
        path: str,
        body: Any,
        *,
        secret: str | None = SIGNATURE_SECRET,
        headers: dict[str, str] | None = None,
        **claims: Any,
    ) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = dict(headers or {})
        if secret is not None:
            token = sign(raw, secret, **{"api_key": "abcd1234", **claims})
            headers.setdefault("Authorization", f"Bearer {token}")
        return client.post(
            f"/webhooks/{path}", raw, content_type="application/json", headers=headers
        )

    return post


@pytest.fixture
def status_body() -> Callable[..., dict[str, Any]]:
    """Build a v0.1 message-status body for a message."""

    def build(message: Any, status: str, **extra: Any) -> dict[str, Any]:
        return {
            "message_uuid": message.message_uuid,
            "to": {"type": "sms", "number": message.their_address},
            "from": {"type": "sms", "number": message.our_address},
            "timestamp": "2026-01-01T14:00:00.000Z",
            "status": status,
            "client_ref": message.client_ref,
        } | extra

    return build


@pytest.fixture
def inbound_body() -> Callable[..., dict[str, Any]]:
    """Build a v0.1 inbound-message body."""

    def build(text: str = "Where is my order?", **extra: Any) -> dict[str, Any]:
        return {
            "message_uuid": "bbbbbbbb-0000-4000-8000-000000000001",
            "timestamp": "2026-01-01T14:00:00.000Z",
            "to": {"type": "sms", "number": "447700900001"},
            "from": {"type": "sms", "number": "447700900000"},
            "message": {"content": {"type": "text", "text": text}, "sms": {"num_messages": "1"}},
            "usage": {"currency": "EUR", "price": "0.0333"},
        } | extra

    return build
