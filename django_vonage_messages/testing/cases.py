"""``VonageMessagesTestMixin`` for Django's test cases."""

from typing import TYPE_CHECKING

from django_vonage_messages.backends.base import OutgoingMessage
from django_vonage_messages.backends.locmem import ForcedOutcome, outcomes
from django_vonage_messages.testing.capture import capture_messages
from django_vonage_messages.testing.queue import deliver_queued
from django_vonage_messages.testing.simulate import (
    simulate_inbound,
    simulate_status,
    simulate_statuses,
)

if TYPE_CHECKING:
    from django.test import SimpleTestCase as _Base
else:
    _Base = object


class VonageMessagesTestMixin(_Base):
    """Put the messages of each test into the list ``self.outbox`` instead of sending them.

    Write ``class ShopTests(VonageMessagesTestMixin, TestCase)``. By default, every message is
    accepted. To choose other outcomes, append outcomes from ``django_vonage_messages.backends`` to
    ``self.outcomes``, in the order of the messages. Messages that ``setUpTestData()`` sends are not
    in ``self.outbox``.
    """

    outbox: list[OutgoingMessage]
    outcomes: list[ForcedOutcome]

    def setUp(self) -> None:
        super().setUp()
        self.outbox = self.enterContext(capture_messages())
        self.outcomes = outcomes

    deliver_queued = staticmethod(deliver_queued)
    simulate_status = staticmethod(simulate_status)
    simulate_statuses = staticmethod(simulate_statuses)
    simulate_inbound = staticmethod(simulate_inbound)
