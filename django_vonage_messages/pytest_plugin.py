"""Fixtures for sites that test with pytest and pytest-django."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

# pytest loads this module wherever this package is installed. All other modules are imported in the
# fixtures, so that no Django module is loaded before Django is configured.

if TYPE_CHECKING:
    from django_vonage_messages.backends.locmem import ForcedOutcome
    from django_vonage_messages.models import Message
    from django_vonage_messages.testing import OutgoingMessage


@pytest.fixture
def vonage_outbox(settings: Any) -> "Iterator[list[OutgoingMessage]]":
    """List of the messages that the test sends.

    Every account uses the ``locmem`` backend. This backend does not contact Vonage.
    """
    from django_vonage_messages.testing import capture

    # capture_messages() cannot be used here: its override_settings() ends before the ``settings``
    # fixture, and that fixture would then restore the accounts with the locmem backend.
    settings.VONAGE_MESSAGES = capture.locmem_accounts()
    with capture.fresh_outbox() as outbox:
        yield outbox


@pytest.fixture
def vonage_outcomes(vonage_outbox: "list[OutgoingMessage]") -> "list[ForcedOutcome]":  # noqa: ARG001 -- used for its effect
    """List of the outcomes of the next sends, for example ``Throttled()``.

    The list is empty at first. Append outcomes to it. Each send removes the first outcome. If the
    list is empty, a send is accepted.
    """
    from django_vonage_messages.testing import outcomes

    return outcomes


@pytest.fixture
def deliver_queued(vonage_outbox: "list[OutgoingMessage]") -> "Callable[..., list[Message]]":  # noqa: ARG001 -- used for its effect
    """The function ``django_vonage_messages.testing.deliver_queued``.

    The test needs access to the database, for example with the mark ``django_db``. The fixture
    ``vonage_outbox`` is active too.
    """
    from django_vonage_messages import testing

    return testing.deliver_queued


@pytest.fixture
def simulate_status(vonage_outbox: "list[OutgoingMessage]") -> "Callable[..., Message]":  # noqa: ARG001 -- used for its effect
    """The function ``django_vonage_messages.testing.simulate_status``.

    The test needs access to the database, for example with the mark ``django_db``. The fixture
    ``vonage_outbox`` is active too.
    """
    from django_vonage_messages import testing

    return testing.simulate_status


@pytest.fixture
def simulate_statuses(vonage_outbox: "list[OutgoingMessage]") -> "Callable[..., Message]":  # noqa: ARG001 -- used for its effect
    """The function ``django_vonage_messages.testing.simulate_statuses``.

    The test needs access to the database, for example with the mark ``django_db``. The fixture
    ``vonage_outbox`` is active too.
    """
    from django_vonage_messages import testing

    return testing.simulate_statuses


@pytest.fixture
def simulate_inbound(vonage_outbox: "list[OutgoingMessage]") -> "Callable[..., Message]":  # noqa: ARG001 -- used for its effect
    """The function ``django_vonage_messages.testing.simulate_inbound``.

    The test needs access to the database, for example with the mark ``django_db``. The fixture
    ``vonage_outbox`` is active too.
    """
    from django_vonage_messages import testing

    return testing.simulate_inbound
