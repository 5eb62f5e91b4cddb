"""A backend that sends nothing and accepts everything."""

import uuid

from django_vonage_messages.backends.base import BaseBackend, OutgoingMessage
from django_vonage_messages.protocol.outcomes import Outcome, accepted


class DummyBackend(BaseBackend):
    """Accepts every message and forgets it."""

    def send(self, message: OutgoingMessage) -> Outcome:
        return accepted(str(uuid.uuid4()))
