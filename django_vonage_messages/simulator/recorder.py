"""Records of accepted and refused requests, and of webhooks.

The repr of a record contains no phone number and no message text.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from django_vonage_messages.protocol.addresses import mask
from django_vonage_messages.simulator.api_credentials import Scheme
from django_vonage_messages.simulator.reference import Version

logger = logging.getLogger("django_vonage_messages.simulator")

WebhookKind = Literal["status", "inbound"]
Direction = Literal["inbound", "outbound"]
State = Literal["pending", "delivered", "dropped"]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Workflow:
    """The workflow (failover) of a message, and the position of the message in it.

    ``number`` is the position, from 1 to ``total``.
    """

    workflow_id: str
    number: int
    total: int


@dataclass(frozen=True)
class AcceptedMessage:
    """A message that the simulator accepted.

    ``channel`` is ``sms``, ``mms``, ``whatsapp``, ``viber``, ``messenger`` or ``rcs``. ``content``
    has the format of ``message.content`` in a v0.1 request, also if the message was sent with v1.
    ``text`` is the text or caption of the content, or "". ``body`` is the body of the
    request, including all messages of a failover.

    ``outcome`` is the name of the simulated outcome, such as "rejected". ``code`` is the error code
    of the outcome, or None.

    ``response_mode`` says how the simulator responds: "at once", or with a simulated fault, such as
    "late". ``webhook_mode`` says how the simulator sends the status webhooks: "in order", or with a
    simulated fault, such as "twice".

    ``version`` is the API version of the request. ``webhook_version`` is the API version of the
    status webhooks. ``webhook_url`` is the URL of the status webhooks. "" means the simulator's
    ``status_url``.

    Each message of a failover gets its own record when it is sent.
    """

    message_uuid: str
    channel: str
    client_ref: str | None
    to: str = field(repr=False)
    from_: str = field(repr=False)
    content_type: str
    content: Mapping[str, Any] = field(repr=False, hash=False)
    text: str = field(repr=False)
    body: bytes = field(repr=False)
    scheme: Scheme
    outcome: str
    code: int | None = None
    response_mode: str = "at once"
    webhook_mode: str = "in order"
    at: datetime = field(default_factory=now)
    version: Version = "v0.1"
    webhook_version: Version = "v0.1"
    webhook_url: str = field(default="", repr=False)
    workflow: Workflow | None = None


@dataclass(frozen=True)
class AcceptedUpdate:
    """An accepted request that updates a message.

    ``status`` is ``read`` for a WhatsApp message from a customer. ``status`` is ``revoked`` for an
    RCS message to a customer. ``is_replying`` is True if the update requests a typing indicator.
    """

    message_uuid: str
    status: str
    is_replying: bool
    body: bytes = field(repr=False)
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class RefusedRequest:
    """A request that the simulator refused.

    ``status`` is the HTTP status of the response. ``title`` and ``detail`` are the texts of the
    error. ``problems`` lists the ``invalid_parameters`` of a v1 response, such as
    ``image.url is required.``.
    """

    status: int
    title: str
    detail: str
    body: bytes = field(repr=False)
    at: datetime = field(default_factory=now)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """One POST of a webhook.

    ``status`` is the HTTP status of the site's response. If the site did not respond, ``status`` is
    None and ``error`` is the name of the exception.
    """

    status: int | None
    error: str = ""
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Callback:
    """A webhook and the attempts to send it.

    ``status`` is the message status in the webhook. ``status`` is "" if the webhook contains a
    message from a customer. ``state`` is "delivered" if the site answered 2xx, "pending" if another
    attempt follows, and "dropped" if no attempt follows.
    """

    message_uuid: str
    kind: WebhookKind
    status: str
    body: bytes = field(repr=False)
    attempts: tuple[Attempt, ...] = ()
    state: State = "pending"
    channel: str = ""

    def __str__(self) -> str:
        status = f" ({self.status})" if self.status else ""
        return f"{self.kind} webhook{status} of {self.message_uuid}"


class Recorder:
    """Thread-safe lists of the recorded requests and webhooks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accepted: list[AcceptedMessage] = []
        self._refused: list[RefusedRequest] = []
        self._callbacks: list[Callback] = []
        self._updated: list[AcceptedUpdate] = []

    @property
    def accepted(self) -> list[AcceptedMessage]:
        with self._lock:
            return list(self._accepted)

    @property
    def refused(self) -> list[RefusedRequest]:
        with self._lock:
            return list(self._refused)

    @property
    def callbacks(self) -> list[Callback]:
        with self._lock:
            return list(self._callbacks)

    @property
    def updated(self) -> list[AcceptedUpdate]:
        with self._lock:
            return list(self._updated)

    def status_deliveries(self) -> dict[str, dict[str, bool]]:
        """Return, for each message_uuid, the statuses that were sent to the site."""
        # The value of a status is True if the site answered 2xx.
        with self._lock:
            found: dict[str, dict[str, bool]] = {m.message_uuid: {} for m in self._accepted}
            for callback in self._callbacks:
                if callback.kind == "status":
                    statuses = found[callback.message_uuid]
                    before = statuses.get(callback.status, False)
                    statuses[callback.status] = before or callback.state == "delivered"
        return found

    def add_accepted(self, record: AcceptedMessage) -> None:
        with self._lock:
            self._accepted.append(record)
        outcome = record.outcome if record.code is None else f"{record.outcome} {record.code}"
        logger.info(
            "202 accepted %s, %s %s to %s: %s",
            record.message_uuid,
            record.channel,
            record.content_type,
            _masked(record.to),
            outcome,
        )

    def add_refused(self, record: RefusedRequest) -> None:
        with self._lock:
            self._refused.append(record)
        details = " ".join((record.detail, *record.problems))
        logger.info("%s refused: %s %s", record.status, record.title, details)

    def add_update(self, record: AcceptedUpdate) -> None:
        with self._lock:
            self._updated.append(record)
        logger.info("202 updated %s: %s", record.message_uuid, record.status)

    def find(self, message_uuid: str) -> tuple[Direction, str] | None:
        """Return the direction and channel of a message, or None."""
        with self._lock:
            for accepted in self._accepted:
                if accepted.message_uuid == message_uuid:
                    return "outbound", accepted.channel
            for callback in self._callbacks:
                if callback.message_uuid == message_uuid:
                    return "inbound", callback.channel
        return None

    def add_callback(self, record: Callback) -> int:
        """Record a new webhook, and return the key for ``add_attempt()``."""
        with self._lock:
            self._callbacks.append(record)
            return len(self._callbacks) - 1

    def add_attempt(self, key: int, attempt: Attempt | None, state: State) -> None:
        """Add an attempt to the record of a webhook, and set the webhook's state."""
        with self._lock:
            record = self._callbacks[key]
            attempts = (*record.attempts, attempt) if attempt else record.attempts
            self._callbacks[key] = replace(record, attempts=attempts, state=state)
        logger.info("%s: %s %s", _response_text(attempt), record, _STATE_TEXTS[state])


_STATE_TEXTS: Final[Mapping[State, str]] = {
    "pending": "will be retried",
    "delivered": "was delivered",
    "dropped": "was dropped",
}


def _masked(address: str) -> str:
    # mask() would show an id with letters, because the id could be the name of a sender.
    return mask(address) if address.isdigit() else "•" * len(address)


def _response_text(attempt: Attempt | None) -> str:
    if attempt is None:  # no attempt was made
        return "no URL"
    return attempt.error or str(attempt.status)
