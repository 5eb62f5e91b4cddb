"""A backend for tests: messages go to a list in memory, which ``testing`` offers as ``outbox``,
and what is asked of messages afterwards to another, ``updates``.
"""

import uuid
from typing import Final

from django_vonage_messages.backends.base import BaseBackend, MessageUpdate, OutgoingMessage
from django_vonage_messages.protocol.outcomes import Accepted, Outcome

outbox: Final[list[OutgoingMessage]] = []
updates: Final[list[MessageUpdate]] = []


class LocMemBackend(BaseBackend):
    """Accepts every message and appends it to the outbox, and every update to the updates."""

    supports_update = True
    sends_nothing = True

    def send(self, message: OutgoingMessage) -> Outcome:
        outbox.append(message)
        return Accepted(str(uuid.uuid4()))

    def update(self, update: MessageUpdate) -> Outcome:
        updates.append(update)
        return Accepted(update.message_uuid)
