"""The customer's part: writes to the site, and answers what the site sends."""

import threading
import uuid
from collections.abc import Callable
from functools import partial
from typing import Final

from django_vonage_messages.simulator.callbacks import Courier, Webhook
from django_vonage_messages.simulator.channels import CHANNELS, SMS
from django_vonage_messages.simulator.inbound import InboundMessage, compose, version_of
from django_vonage_messages.simulator.judged import Version
from django_vonage_messages.simulator.ledger import Accepted
from django_vonage_messages.simulator.v0_1 import payloads as v0_1
from django_vonage_messages.simulator.v1 import inbound as v1

ANSWERED_AFTER: Final = 1.0


class Customer:
    """Everybody who writes to the site. ``reply`` answers each customer's first message; "" is
    silence. ``version`` tells the form of an answer's webhook, and ``base_url`` where the API is.

    Once a customer, because a site may answer by itself too, and two such would never stop.
    """

    def __init__(
        self,
        courier: Courier,
        application_id: str,
        reply: str,
        version: Callable[[], Version],
        base_url: Callable[[], str],
    ) -> None:
        self._courier = courier
        self._application_id = application_id
        self._reply = reply
        self._version = version
        self._base_url = base_url
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
            version = version_of(channel, None, self._version())
            answer = compose(self._reply, channel, message.to, message.from_, version=version)
            self.send(answer, delay=ANSWERED_AFTER)

    def _webhook(self, message_uuid: str, message: InboundMessage) -> Webhook:
        body = self._body(message_uuid, message)
        return Webhook(
            message_uuid, "inbound", "", body, self._application_id, channel=message.channel.name
        )

    def _body(self, message_uuid: str, message: InboundMessage) -> bytes:
        if message.version == "v1":
            return v1.inbound_body(message_uuid, message, self._base_url())
        return v0_1.inbound_body(
            message_uuid,
            message.channel,
            message.content,
            message.from_,
            message.to,
            message.num_messages,
        )


def _can_be_answered(message: Accepted) -> bool:
    """Whether a customer can write back: to a name, which only an SMS can come from, nobody can."""
    return message.channel != SMS.name or message.from_.isdigit()
