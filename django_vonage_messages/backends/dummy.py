"""Backend that sends nothing."""

import uuid

from django_vonage_messages.backends.base import BaseBackend, MessageUpdate, OutgoingMessage
from django_vonage_messages.protocol.outcomes import Accepted, Outcome


class DummyBackend(BaseBackend):
    """Returns Accepted for each message, and sends nothing."""

    supports_update = True
    sends_nothing = True

    def send(self, message: OutgoingMessage) -> Outcome:
        return Accepted(str(uuid.uuid4()))

    def update(self, update: MessageUpdate) -> Outcome:
        return Accepted(update.message_uuid)
