"""Fixtures for the tests of sites that use pytest.

Loaded by pytest itself where this package is installed, so nothing of Django is imported before a
fixture is asked for.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django_vonage_messages.models import Message
    from django_vonage_messages.testing import OutgoingMessage


@pytest.fixture
def vonage_outbox() -> "Iterator[list[OutgoingMessage]]":
    """What the test sends: every account uses the ``locmem`` backend until the test ends."""
    from django_vonage_messages.testing import capture_messages

    with capture_messages() as outbox:
        yield outbox


@pytest.fixture
def simulate_status(vonage_outbox: "list[OutgoingMessage]") -> "Callable[..., Message]":  # noqa: ARG001 -- its effect
    """``testing.simulate_status``; the test needs the database. Nothing that it sends leaves."""
    from django_vonage_messages import testing

    return testing.simulate_status


@pytest.fixture
def simulate_inbound(vonage_outbox: "list[OutgoingMessage]") -> "Callable[..., Message]":  # noqa: ARG001 -- its effect
    """``testing.simulate_inbound``; the test needs the database. Nothing that it sends leaves."""
    from django_vonage_messages import testing

    return testing.simulate_inbound
