"""A backend whose outcomes a test writes: OUTCOMES are given out in turn, then accepted ones."""

import uuid

from django_vonage_messages.backends.base import BaseBackend, OutgoingMessage
from django_vonage_messages.protocol.outcomes import Accepted, Outcome

PATH = f"{__name__}.FakeBackend"
OUTCOMES: list[Outcome | Exception] = []
SENT: list[OutgoingMessage] = []


class FakeBackend(BaseBackend):
    def send(self, message: OutgoingMessage) -> Outcome:
        SENT.append(message)
        outcome = OUTCOMES.pop(0) if OUTCOMES else Accepted(str(uuid.uuid4()))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
