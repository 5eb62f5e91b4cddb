"""The customer's part: writes to the site, and answers what the site sends."""

import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django_vonage_messages.content import Content
from django_vonage_messages.simulator.callbacks import Courier, Webhook
from django_vonage_messages.simulator.channels import CHANNELS, SMS, Channel
from django_vonage_messages.simulator.ledger import Accepted
from django_vonage_messages.simulator.parts import count_parts
from django_vonage_messages.simulator.payloads import inbound_body

ANSWERED_AFTER: Final = 1.0


@dataclass(frozen=True, repr=False)
class InboundMessage:
    """What a customer writes: a content as the API has it, and who writes to whom on a channel.

    ``num_messages`` is how many SMS it came in; no other channel tells it.
    """

    channel: Channel
    content: Mapping[str, Any]
    from_: str
    to: str
    num_messages: int = 1


class Customer:
    """Everybody who writes to the site. ``reply`` answers each customer's first message; "" is
    silence.

    Once a customer, because a site may answer by itself too, and two such would never stop.
    """

    def __init__(self, courier: Courier, application_id: str, reply: str) -> None:
        self._courier = courier
        self._application_id = application_id
        self._reply = reply
        self._answered: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    def send(self, message: InboundMessage, delay: float = 0.0) -> str:
        """Write to the site after ``delay`` seconds; return the message_uuid."""
        message_uuid = str(uuid.uuid4())
        self._courier.post(partial(self._webhook, message_uuid, message), delay=delay)
        return message_uuid

    def receive(self, message: Accepted) -> None:
        """Answer a message that was delivered, unless nobody could or its customer has answered."""
        channel = CHANNELS[message.channel]
        pair = (channel.name, message.to, message.from_)
        with self._lock:
            silent = not self._reply or not _can_be_answered(message) or pair in self._answered
            if not silent:
                self._answered.add(pair)
        if not silent:
            answer = compose(self._reply, channel, message.to, message.from_)
            self.send(answer, delay=ANSWERED_AFTER)

    def _webhook(self, message_uuid: str, message: InboundMessage) -> Webhook:
        body = inbound_body(
            message_uuid,
            message.channel,
            message.content,
            message.from_,
            message.to,
            message.num_messages,
        )
        return Webhook(message_uuid, "inbound", "", body, self._application_id)


def compose(
    content: str | Content | Mapping[str, Any],
    channel: Channel,
    from_: str | None = None,
    to: str | None = None,
    num_messages: int | None = None,
) -> InboundMessage:
    """Return what a customer writes; what is None is the channel's own, or counted.

    Raises TypeError or ValueError for a content that JSON cannot hold.
    """
    as_json = _as_json(content)
    if num_messages is None:
        text = as_json.get("text")
        num_messages = count_parts(text) if isinstance(text, str) else 1
    return InboundMessage(
        channel,
        as_json,
        channel.customer if from_ is None else from_,
        channel.sender if to is None else to,
        num_messages,
    )


def _as_json(content: str | Content | Mapping[str, Any]) -> dict[str, Any]:
    """Return ``message.content`` of a webhook: a copy, which later changes leave alone."""
    if isinstance(content, str):
        content = {"type": "text", "text": content}
    elif not isinstance(content, Mapping):
        content = {"type": content.content_type, **content.as_json()}
    encoded = json.dumps(dict(content), ensure_ascii=False).encode()
    found: dict[str, Any] = json.loads(encoded)
    return found


def _can_be_answered(message: Accepted) -> bool:
    """Whether a customer can write back: to a name, which only an SMS can come from, nobody can."""
    return message.channel != SMS.name or message.from_.isdigit()
