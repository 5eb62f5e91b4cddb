"""What a customer writes, before it is put into the form of one version's webhook."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django_vonage_messages.content import Content
from django_vonage_messages.simulator.channels import Channel
from django_vonage_messages.simulator.judged import VERSIONS, Version
from django_vonage_messages.simulator.parts import count_parts


@dataclass(frozen=True, repr=False)
class InboundMessage:
    """What a customer writes: a content as v0.1 has it, and who writes to whom on a channel.

    ``version`` is that of its webhook. ``num_messages`` is how many SMS it came in; no other
    channel tells it. ``reply_to`` is the message_uuid of what it answers, or "", and ``more`` are
    further members of the webhook: v1 alone has these.
    """

    channel: Channel
    content: Mapping[str, Any]
    from_: str
    to: str
    num_messages: int = 1
    version: Version = "v0.1"
    reply_to: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def compose(
    content: str | Content | Mapping[str, Any],
    channel: Channel,
    from_: str | None = None,
    to: str | None = None,
    num_messages: int | None = None,
    *,
    version: Version = "v0.1",
    reply_to: str | None = None,
    more: Mapping[str, Any] | None = None,
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
        version,
        reply_to or "",
        _copy(more or {}),
    )


def version_of(channel: Channel, asked: str | None, usual: Version) -> Version:
    """Return the version of a webhook: the one asked for, else the usual one where the channel
    has it. Raises ValueError for one that does not exist, or without the channel.
    """
    if asked is None:
        return usual if channel.wire else "v1"
    version = version_named(asked)
    if version == "v0.1" and not channel.wire:
        raise ValueError(f"v0.1 has no channel {channel.name!r}.")
    return version


def version_named(name: str) -> Version:
    """Return a version. Raises ValueError, which lists what exists."""
    for version in VERSIONS:
        if version == name:
            return version
    raise ValueError(f"There is no version {name!r}. There are: {', '.join(VERSIONS)}.")


def _as_json(content: str | Content | Mapping[str, Any]) -> dict[str, Any]:
    """Return ``message.content`` of a webhook of v0.1: a copy, which later changes leave alone."""
    if isinstance(content, str):
        content = {"type": "text", "text": content}
    elif not isinstance(content, Mapping):
        content = {"type": content.content_type, **content.as_json()}
    return _copy({"type" if key == "message_type" else key: content[key] for key in content})


def _copy(value: Mapping[str, Any]) -> dict[str, Any]:
    encoded = json.dumps(dict(value), ensure_ascii=False).encode()
    found: dict[str, Any] = json.loads(encoded)
    return found
