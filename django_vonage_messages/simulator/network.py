"""The operator's part: it carries a message to its fate and tells the site about each step."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from django_vonage_messages.simulator.callbacks import Courier, Webhook
from django_vonage_messages.simulator.ledger import Accepted
from django_vonage_messages.simulator.outcomes import Fate
from django_vonage_messages.simulator.payloads import status_body

logger = logging.getLogger("django_vonage_messages.simulator")

SUBMITTED_AFTER: Final = 0.5
OUTCOME_AFTER: Final = 1.5


class Network:
    """Carries messages. ``on_delivered`` is told of each one that reached its recipient."""

    def __init__(
        self,
        courier: Courier,
        application_id: str,
        on_delivered: Callable[[Accepted], None],
    ) -> None:
        self._courier = courier
        self._application_id = application_id
        self._on_delivered = on_delivered

    def carry(self, message: Accepted, fate: Fate) -> None:
        """Send the status webhooks of a message, each after the first attempt of the one before."""
        self._carry(message, fate, fate.outcome.statuses)

    def _carry(self, message: Accepted, fate: Fate, statuses: tuple[str, ...]) -> None:
        if not statuses:
            return
        status, *rest = statuses
        self._courier.post(
            partial(self._webhook, message, status, None if rest else fate.code),
            delay=SUBMITTED_AFTER if status == "submitted" else OUTCOME_AFTER,
            then=partial(self._after, message, fate, status, tuple(rest)),
        )

    def _webhook(self, message: Accepted, status: str, code: int | None) -> Webhook:
        return Webhook(
            message.message_uuid,
            "status",
            status,
            status_body(message, status, code),
            # A message sent with a JWT is its application's, one sent with Basic the account's.
            self._application_id if message.scheme == "bearer" else "",
        )

    def _after(self, message: Accepted, fate: Fate, status: str, rest: tuple[str, ...]) -> None:
        self._carry(message, fate, rest)
        if status == "delivered":
            self._on_delivered(message)
