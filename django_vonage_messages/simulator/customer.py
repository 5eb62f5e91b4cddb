"""The customer's part: texts to the site, and answers to what the site sends."""

import threading
import uuid
from functools import partial
from typing import Final

from django_vonage_messages.simulator.callbacks import Courier, Webhook
from django_vonage_messages.simulator.ledger import Accepted
from django_vonage_messages.simulator.payloads import inbound_body

ANSWERED_AFTER: Final = 1.0
# The basic alphabet and the extension table (two units a character) of 3GPP TS 23.038.
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


class Customer:
    """Everybody who texts the site. ``reply`` answers each number's first message; "" is silence.

    Once a number, because a site may answer by itself too, and two such would never stop.
    """

    def __init__(self, courier: Courier, application_id: str, reply: str) -> None:
        self._courier = courier
        self._application_id = application_id
        self._reply = reply
        self._answered: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def send(
        self, text: str, from_: str, to: str, num_messages: int | None = None, delay: float = 0.0
    ) -> str:
        """Text the site after ``delay`` seconds; return the message_uuid."""
        message_uuid = str(uuid.uuid4())
        count = count_parts(text) if num_messages is None else num_messages
        self._courier.post(
            partial(self._webhook, message_uuid, text, from_, to, count), delay=delay
        )
        return message_uuid

    def receive(self, message: Accepted) -> None:
        """Answer a message that was delivered, unless nobody could or its number has answered."""
        pair = (message.to, message.from_)
        with self._lock:
            silent = not self._reply or not message.from_.isdigit() or pair in self._answered
            if not silent:
                self._answered.add(pair)
        if not silent:
            self.send(self._reply, message.to, message.from_, delay=ANSWERED_AFTER)

    def _webhook(
        self, message_uuid: str, text: str, from_: str, to: str, num_messages: int
    ) -> Webhook:
        body = inbound_body(message_uuid, text, from_, to, num_messages)
        return Webhook(message_uuid, "inbound", "", body, self._application_id)


def count_parts(text: str) -> int:
    """Return how many SMS a text takes: 160 units, or 153 each, or 70 and 67 in UCS-2."""
    if _BASIC.union(_EXTENSION).issuperset(text):
        units = len(text) + sum(character in _EXTENSION for character in text)
        alone, joined = 160, 153
    else:
        units = len(text.encode("utf-16-be")) // 2
        alone, joined = 70, 67
    return 1 if units <= alone else -(-units // joined)
