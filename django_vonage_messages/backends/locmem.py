"""A backend for tests: messages go to a list in memory, which ``testing`` offers as ``outbox``."""

import uuid
from typing import Final

from django_vonage_messages.backends.base import BaseBackend, OutgoingMessage
from django_vonage_messages.protocol.outcomes import Outcome, accepted

outbox: Final[list[OutgoingMessage]] = []


class LocMemBackend(BaseBackend):
    """Accepts every message and appends it to the outbox."""

    def send(self, message: OutgoingMessage) -> Outcome:
        outbox.append(message)
        return accepted(str(uuid.uuid4()))
