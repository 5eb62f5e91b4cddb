"""What one request asks for: a message, and those that follow if it is rejected."""

import secrets
import uuid
from dataclasses import dataclass
from typing import Self

from django_vonage_messages.simulator.credentials import Scheme
from django_vonage_messages.simulator.judged import Judged
from django_vonage_messages.simulator.ledger import Accepted, Workflow
from django_vonage_messages.simulator.outcomes import Fate


@dataclass(frozen=True, repr=False)
class Order:
    """The messages of a request, in the order in which they are tried.

    ``workflow_id`` is "" where the request did not say what follows.
    """

    messages: tuple[Judged, ...]
    body: bytes
    scheme: Scheme
    workflow_id: str = ""

    @classmethod
    def of(cls, judged: Judged, body: bytes, scheme: Scheme) -> Self:
        """Return what a request asks for."""
        if judged.failover is None:
            return cls((judged,), body, scheme)
        return cls((judged, *judged.failover), body, scheme, secrets.token_hex(20))

    def answer(self, message: Accepted) -> dict[str, str]:
        """Return the body of the acceptance, which names the first message."""
        named = {"workflow_id": self.workflow_id} if self.workflow_id else {}
        return {"message_uuid": message.message_uuid, **named}

    def record(self, position: int, fate: Fate) -> Accepted:
        """Return the record of one of the messages, with a new message_uuid."""
        judged = self.messages[position]
        return Accepted(
            message_uuid=str(uuid.uuid4()),
            channel=judged.channel.name,
            client_ref=judged.client_ref,
            to=judged.to,
            from_=judged.from_,
            content_type=judged.content_type,
            content=judged.content,
            text=judged.text,
            body=self.body,
            scheme=self.scheme,
            outcome=fate.outcome.name,
            code=fate.code,
            answering=fate.answering,
            calling=fate.calling,
            version=judged.version,
            webhook_version=judged.webhook_version,
            webhook_url=judged.webhook_url,
            workflow=self._workflow(position),
        )

    def _workflow(self, position: int) -> Workflow | None:
        if not self.workflow_id:
            return None
        return Workflow(self.workflow_id, position + 1, len(self.messages))
