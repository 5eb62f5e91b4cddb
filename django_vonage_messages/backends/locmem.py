"""Backend for tests: keeps messages in a list in memory, and gives out the outcomes of a test.

``testing`` exports the lists and ``capture_messages()``, which fills and empties them.
"""

import uuid
from contextlib import suppress
from typing import Final, TypeAlias

from django_vonage_messages.backends.base import BaseBackend, MessageUpdate, OutgoingMessage
from django_vonage_messages.protocol.addresses import InvalidAddress
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.protocol.outcomes import Accepted, Outcome
from django_vonage_messages.protocol.parties import normalize_recipient

ForcedOutcome: TypeAlias = Outcome | Exception
"""Outcome of a send, or the exception that it raises."""

outbox: Final[list[OutgoingMessage]] = []
updates: Final[list[MessageUpdate]] = []
outcomes: Final[list[ForcedOutcome]] = []
"""Outcomes of the next sends, one for each."""
outcomes_by_address: Final[dict[str | None, ForcedOutcome]] = {}
"""Outcomes of the sends for which ``outcomes`` has none, by recipient; None is every recipient."""


class LocMemBackend(BaseBackend):
    """Appends every message to the outbox, and every update to the updates.

    Messages are accepted, except where a test forces another outcome. Updates are accepted.
    """

    supports_update = True
    sends_nothing = True

    def send(self, message: OutgoingMessage) -> Outcome:
        outbox.append(message)
        outcome = self._outcome(message)
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Accepted) and not outcome.message_uuid:
            return Accepted(str(uuid.uuid4()), outcome.workflow_id)
        return outcome

    def update(self, update: MessageUpdate) -> Outcome:
        updates.append(update)
        return Accepted(update.message_uuid)

    def _outcome(self, message: OutgoingMessage) -> ForcedOutcome:
        with suppress(IndexError):  # safe if other threads send too, which "if outcomes" is not
            return outcomes.pop(0)
        for address, outcome in outcomes_by_address.items():
            if address is None or self._is_recipient(message, address):
                return outcome
        return Accepted()

    def _is_recipient(self, message: OutgoingMessage, address: str) -> bool:
        channel = CHANNELS[message.channel]
        try:
            return normalize_recipient(channel, address, self.account.region) == message.to
        except InvalidAddress:  # on this channel; it may be an address of another
            return False
