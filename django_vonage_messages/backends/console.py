"""A backend for development: messages are written to standard output, in full."""

import json
import sys
import threading
import uuid
from typing import Final

from django_vonage_messages.backends.base import BaseBackend, OutgoingMessage
from django_vonage_messages.protocol.outcomes import Outcome, accepted

_lock: Final = threading.Lock()


class ConsoleBackend(BaseBackend):
    """Writes each message's body to standard output and accepts it."""

    def send(self, message: OutgoingMessage) -> Outcome:
        text = json.dumps(message.body, indent=2, ensure_ascii=False)
        with _lock:
            sys.stdout.write(f"{text}\n{'-' * 79}\n")
            sys.stdout.flush()
        return accepted(str(uuid.uuid4()))
