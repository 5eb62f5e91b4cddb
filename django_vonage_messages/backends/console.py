"""Backend that writes messages to standard output, for development."""

import json
import sys
import threading
import uuid
from typing import Final

from django_vonage_messages.backends.base import BaseBackend, MessageUpdate, OutgoingMessage
from django_vonage_messages.protocol.outcomes import Accepted, Outcome

_lock: Final = threading.Lock()


class ConsoleBackend(BaseBackend):
    """Writes each request in full to standard output, and returns Accepted."""

    supports_update = True
    sends_nothing = True

    def send(self, message: OutgoingMessage) -> Outcome:
        _write(json.dumps(message.body, indent=2, ensure_ascii=False))
        return Accepted(str(uuid.uuid4()))

    def update(self, update: MessageUpdate) -> Outcome:
        body = json.dumps(update.body, indent=2, ensure_ascii=False)
        _write(f"Message {update.message_uuid}:\n{body}")
        return Accepted(update.message_uuid)


def _write(text: str) -> None:
    with _lock:
        sys.stdout.write(f"{text}\n{'-' * 79}\n")
        sys.stdout.flush()
