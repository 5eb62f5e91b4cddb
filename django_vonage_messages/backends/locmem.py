"""Backend for tests that keeps messages in a list and sends nothing."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias

from django_vonage_messages.backends.base import BaseBackend, MessageUpdate, OutgoingMessage
from django_vonage_messages.conf import Account
from django_vonage_messages.protocol.channels import CHANNELS, match_recipient
from django_vonage_messages.protocol.outcomes import Accepted, Outcome

ForcedOutcome: TypeAlias = Outcome | Exception
"""Outcome that ``send()`` returns, or exception that it raises."""

outbox: Final[list[OutgoingMessage]] = []
updates: Final[list[MessageUpdate]] = []
outcomes: Final[list[ForcedOutcome]] = []
"""Outcomes of the next sends, in order. Each send removes one."""
outcomes_by_address: Final[dict[str | None, ForcedOutcome]] = {}
"""Outcomes by recipient, used if ``outcomes`` is empty. The key None means all recipients."""

resolvers: Final[list[Callable[[OutgoingMessage], Outcome | None]]] = []
"""Functions that choose the outcome of the other messages. Only the last function is called."""


class LocMemBackend(BaseBackend):
    """Appends each message to the list ``outbox``, and sends nothing.

    A test can set ``outcomes`` or ``outcomes_by_address`` to simulate failures. ``updates`` lists
    the requests to mark a message as read or to revoke it.
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
        with suppress(IndexError):  # "if outcomes" is not safe if other threads send too
            return outcomes.pop(0)
        for address, outcome in outcomes_by_address.items():
            if address is None or self._matches(message, address):
                return outcome
        found = resolvers[-1](message) if resolvers else None
        return found or Accepted()

    def _matches(self, message: OutgoingMessage, address: str) -> bool:
        channel = CHANNELS[message.channel]
        return match_recipient(channel, address, self.account.region) == message.to


class TestRunBackend(LocMemBackend):
    """LocMemBackend that replaces another backend in a test run, and ignores the OPTIONS."""

    __test__ = False  # not a test case of pytest

    def __init__(self, account: Account) -> None:
        self.account, self.options = account, {}
