"""A message that the API takes, whichever version it was asked for in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django_vonage_messages.simulator.channels import Channel

Version = Literal["v0.1", "v1"]
VERSIONS: Final[tuple[Version, ...]] = ("v0.1", "v1")


@dataclass(frozen=True)
class Judged:
    """A message that the API takes.

    ``content`` is as v0.1 has it, ``{"type": "image", "image": {…}}``, on v1 too; ``text`` is what
    the customer reads of it. ``client_ref`` is None where the request has none. The rest is v1's:
    in which version's form its statuses are told, at which URL ("": the account's), and what is
    sent if it is rejected (None: not said).
    """

    channel: Channel
    to: str = field(repr=False)
    from_: str = field(repr=False)
    content_type: str
    content: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)
    client_ref: str | None = None
    version: Version = "v0.1"
    webhook_version: Version = "v0.1"
    webhook_url: str = field(default="", repr=False)
    failover: "tuple[Judged, ...] | None" = None
