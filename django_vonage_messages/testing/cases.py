"""What a Django TestCase of a site inherits."""

from typing import TYPE_CHECKING

from django_vonage_messages.backends.base import OutgoingMessage
from django_vonage_messages.testing import webhooks
from django_vonage_messages.testing.capture import capture_messages

if TYPE_CHECKING:
    from django.test import SimpleTestCase as _Base
else:
    _Base = object


class VonageMessagesTestMixin(_Base):
    """Put it before a TestCase: no message leaves, ``self.outbox`` has them.

    The capture begins in ``setUp()``, so not for what ``setUpTestData()`` sends.
    """

    outbox: list[OutgoingMessage]

    def setUp(self) -> None:
        super().setUp()
        self.outbox = self.enterContext(capture_messages())

    simulate_status = staticmethod(webhooks.simulate_status)
    simulate_inbound = staticmethod(webhooks.simulate_inbound)
