"""Simulated customers, who write to the site."""

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from django_vonage_messages.simulator.message_data import (
    ContentValue,
    InboundMessage,
    count_segments,
)
from django_vonage_messages.simulator.recorder import AcceptedMessage
from django_vonage_messages.simulator.reference import CHANNELS, SMS, VERSIONS, Channel, Version
from django_vonage_messages.simulator.v0_1 import payloads as v0_1
from django_vonage_messages.simulator.v1 import payloads as v1
from django_vonage_messages.simulator.webhook_client import Webhook, WebhookClient, encode_body

PROFILE_NAME: Final = "Jane Smith"
REPLY_AFTER: Final = 1.0


class Customers:
    """All simulated customers of the site."""

    def __init__(
        self,
        client: WebhookClient,
        application_id: str,
        reply: str,  # "": the customers do not reply
        version: Callable[[], Version],  # returns the API version of the replies' webhooks
        base_url: Callable[[], str],  # returns the URL of the simulator
    ) -> None:
        self._client = client
        self._application_id = application_id
        self._reply = reply
        self._version = version
        self._base_url = base_url
        self._replied: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    def send(self, message: InboundMessage, delay: float = 0.0) -> str:
        """Send a message to the site after ``delay`` seconds. Return its message_uuid at once."""
        message_uuid = str(uuid.uuid4())
        self._client.post(partial(self._webhook, message_uuid, message), delay=delay)
        return message_uuid

    def receive(self, message: AcceptedMessage) -> None:
        """Receive a message from the site. A customer replies at most once to each sender."""
        # Only the first message from a sender gets a reply. Otherwise a site that replies
        # automatically would never stop.
        channel = CHANNELS[message.channel]
        pair = (channel.name, message.to, message.from_)
        with self._lock:
            silent = not self._reply or not _can_be_replied_to(message) or pair in self._replied
            if not silent:
                self._replied.add(pair)
        if not silent:
            version = choose_version(channel, None, self._version())
            reply = compose(self._reply, channel, message.to, message.from_, version=version)
            self.send(reply, delay=REPLY_AFTER)

    def _webhook(self, message_uuid: str, message: InboundMessage) -> Webhook:
        if message.version == "v1":
            payload = v1.simulated_inbound(message, message_uuid, self._base_url())
        else:
            payload = v0_1.simulated_inbound(message, message_uuid)
        body, channel = encode_body(payload), message.channel.name
        return Webhook(message_uuid, "inbound", "", body, self._application_id, channel=channel)


def _can_be_replied_to(message: AcceptedMessage) -> bool:
    # The sender of an SMS can be a name, which cannot receive messages.
    return message.channel != SMS.name or message.from_.isdigit()


def compose(
    content: str | ContentValue | Mapping[str, Any],
    channel: Channel,
    from_: str | None = None,
    to: str | None = None,
    num_messages: int | None = None,
    *,
    version: Version = "v0.1",
    reply_to: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> InboundMessage:
    """Compose a customer's message, or raise TypeError or ValueError for invalid content."""
    as_json = _as_json(content)
    if num_messages is None:
        text = as_json.get("text")
        num_messages = count_segments(text) if isinstance(text, str) else 1
    return InboundMessage(
        channel,
        as_json,
        channel.customer if from_ is None else from_,
        channel.sender if to is None else to,
        num_messages,
        version,
        reply_to or "",
        PROFILE_NAME,
        _copy(extra or {}),
    )


def choose_version(channel: Channel, requested: str | None, default: Version) -> Version:
    """Return the API version for an inbound webhook, or raise ValueError."""
    if requested is None:
        return default if channel.v0_1_type else "v1"
    version = get_version(requested)
    if version == "v0.1" and not channel.v0_1_type:
        raise ValueError(f"v0.1 has no channel {channel.name!r}. Use v1.")
    return version


def get_version(name: str) -> Version:
    for version in VERSIONS:
        if version == name:
            return version
    raise ValueError(f"Unknown version {name!r}. Use one of: {', '.join(VERSIONS)}.")


def _as_json(content: str | ContentValue | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(content, str):
        content = {"type": "text", "text": content}
    elif not isinstance(content, Mapping):
        content = {"type": content.content_type, **content.as_json()}
    # As in ``message.content`` of v0.1: the type of the content is in the member ``type``.
    return _copy({"type" if key == "message_type" else key: content[key] for key in content})


def _copy(value: Mapping[str, Any]) -> dict[str, Any]:
    encoded = json.dumps(dict(value), ensure_ascii=False).encode()
    copied: dict[str, Any] = json.loads(encoded)
    return copied
