"""Mixin for the TestCases of a site."""

from typing import TYPE_CHECKING

from django_vonage_messages.backends.base import OutgoingMessage
from django_vonage_messages.backends.locmem import ForcedOutcome, outcomes
from django_vonage_messages.testing import simulate
from django_vonage_messages.testing.capture import capture_messages

if TYPE_CHECKING:
    from django.test import SimpleTestCase as _Base
else:
    _Base = object


class VonageMessagesTestMixin(_Base):
    """Capture the messages of each test. Put it before TestCase among the base classes.

    ``self.outbox`` holds the messages. Append to ``self.outcomes`` to force the outcomes of the
    next sends, one for each; an exception instance is raised. The capture begins in ``setUp()``,
    so it does not include messages that ``setUpTestData()`` sends.
    """

    outbox: list[OutgoingMessage]
    outcomes: list[ForcedOutcome]

    def setUp(self) -> None:
        super().setUp()
        self.outbox = self.enterContext(capture_messages())
        self.outcomes = outcomes

    simulate_status = staticmethod(simulate.simulate_status)
    simulate_inbound = staticmethod(simulate.simulate_inbound)
