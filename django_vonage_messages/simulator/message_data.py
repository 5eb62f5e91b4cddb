"""Data of send requests, statuses and inbound messages."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, Self

from django_vonage_messages.simulator.api_credentials import Scheme
from django_vonage_messages.simulator.recorder import AcceptedMessage, Workflow
from django_vonage_messages.simulator.reference import CHANNELS, REASONS, Channel, Version
from django_vonage_messages.simulator.scenarios import Scenario


class ContentValue(Protocol):
    """A content value of the app, such as Text or Image."""

    @property
    def content_type(self) -> str: ...

    def as_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class ValidatedRequest:
    """A validated request for one message."""

    channel: Channel
    to: str = field(repr=False)
    from_: str = field(repr=False)
    content_type: str
    content: Mapping[str, Any] = field(repr=False)  # {"type": "image", "image": {…}}, as in v0.1
    text: str = field(repr=False)  # text or caption
    client_ref: str | None = None
    version: Version = "v0.1"
    # Only v1 requests contain the following values. "" means the account's URL.
    webhook_version: Version = "v0.1"
    webhook_url: str = field(default="", repr=False)
    failover: "tuple[ValidatedRequest, ...] | None" = None


@dataclass(frozen=True, repr=False)
class SendRequest:
    """Request to send a message and its failover messages, in order."""

    messages: tuple[ValidatedRequest, ...]
    body: bytes
    scheme: Scheme
    workflow_id: str = ""  # only with a failover

    @classmethod
    def of(cls, validated: ValidatedRequest, body: bytes, scheme: Scheme) -> Self:
        if validated.failover is None:
            return cls((validated,), body, scheme)
        return cls((validated, *validated.failover), body, scheme, secrets.token_hex(20))

    def response_body(self, message: AcceptedMessage) -> dict[str, str]:
        """Return the body of the 202 response. ``message`` is the first message of the request."""
        workflow = {"workflow_id": self.workflow_id} if self.workflow_id else {}
        return {"message_uuid": message.message_uuid, **workflow}

    def record(self, position: int, scenario: Scenario) -> AcceptedMessage:
        """Return a record of one message, with a new message_uuid."""
        validated = self.messages[position]  # the first position is 0
        return AcceptedMessage(
            message_uuid=str(uuid.uuid4()),
            channel=validated.channel.name,
            client_ref=validated.client_ref,
            to=validated.to,
            from_=validated.from_,
            content_type=validated.content_type,
            content=validated.content,
            text=validated.text,
            body=self.body,
            scheme=self.scheme,
            outcome=scenario.outcome.name,
            code=scenario.code,
            response_mode=scenario.response_mode,
            webhook_mode=scenario.webhook_mode,
            version=validated.version,
            webhook_version=validated.webhook_version,
            webhook_url=validated.webhook_url,
            workflow=self._workflow(position),
        )

    def _workflow(self, position: int) -> Workflow | None:
        if not self.workflow_id:
            return None
        return Workflow(self.workflow_id, position + 1, len(self.messages))


@dataclass(frozen=True, repr=False)
class InboundMessage:
    """A message from a customer."""

    channel: Channel
    content: Mapping[str, Any]  # in the format of ``message.content`` of v0.1
    from_: str
    to: str
    num_messages: int = 1  # number of SMS segments
    version: Version = "v0.1"  # of the webhook
    # Only webhooks of v1 contain the following values.
    reply_to: str = ""  # message_uuid of the quoted message
    profile_name: str = ""  # the customer's name on WhatsApp
    extra: Mapping[str, Any] = field(default_factory=dict)  # additional members of the webhook
    reply_to_customer: bool = False  # whether the customer wrote the quoted message


@dataclass(frozen=True, repr=False)
class StatusReport:
    """Contents of a status webhook."""

    message_uuid: str
    channel: Channel
    to: str
    from_: str
    status: str
    timestamp: str
    client_ref: str | None = None
    error: tuple[str | int, str] | None = None  # code and text
    usage: Mapping[str, str] | None = None

    @classmethod
    def of(
        cls,
        message: AcceptedMessage,
        status: str,
        code: int | None,
        timestamp: str,
        usage: Mapping[str, str],
    ) -> Self:
        """Return the contents of a status webhook for a message."""
        channel = CHANNELS[message.channel]
        return cls(
            message.message_uuid,
            channel,
            message.to,
            message.from_,
            status,
            timestamp,
            message.client_ref,
            None if code is None else (code, REASONS[code]),
            usage if status == channel.charged_status else None,  # the price
        )


def text_of(content: object) -> str:
    """Return the text or caption of a message's content."""
    if isinstance(content, dict):
        text = content.get("caption", content.get("text", ""))
        return text if isinstance(text, str) else ""  # custom content can have any value here
    return content if isinstance(content, str) else ""


# The basic alphabet and the extension table of 3GPP TS 23.038. A character of the extension table
# needs two units.
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


def count_segments(text: str) -> int:
    """Return the number of SMS segments of a text."""
    # Units in a single segment, and in each of several segments. (Source: 3GPP TS 23.038; 3GPP
    # TS 23.040, concatenation.)
    if _BASIC.union(_EXTENSION).issuperset(text):
        units = len(text) + sum(character in _EXTENSION for character in text)
        alone, joined = 160, 153
    else:
        units = len(text.encode("utf-16-be")) // 2
        alone, joined = 70, 67
    return 1 if units <= alone else -(-units // joined)
