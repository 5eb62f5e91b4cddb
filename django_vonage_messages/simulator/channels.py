"""The channels: their names on the wire, whose address has which key, and what they report.

It is the simulator's own copy, so that a slip in the table that the app sends by cannot hide behind
the same slip here. (Source: the OpenAPI documents of v0.1 and v1; what is charged when:
developer.vonage.com, "Message status callbacks".)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

Key = Literal["number", "id"]


@dataclass(frozen=True)
class Channel:
    """One channel: ``name`` is how the app stores it, ``wire`` its ``type`` in v0.1 ("": v0.1 has
    no such channel) and ``v1`` its ``channel`` in v1.

    In v0.1 the customer's address has the key ``theirs`` and the site's the key ``ours``.
    ``chargeable`` is the status that carries the usage ("": none does). ``customer`` and ``sender``
    are the addresses of a customer and of a site that have not said theirs.
    """

    name: str
    wire: str
    v1: str
    customer: str = field(repr=False)
    sender: str = field(repr=False)
    theirs: Key = "number"
    ours: Key = "number"
    chargeable: str = "delivered"
    has_read_receipts: bool = True


# Of the range that Ofcom keeps for fiction: these numbers belong to nobody.
_CUSTOMER: Final = "447700900000"
_SENDER: Final = "447700900001"

SMS: Final = Channel(
    "sms", "sms", "sms", _CUSTOMER, _SENDER, chargeable="submitted", has_read_receipts=False
)
MMS: Final = Channel(
    "mms", "mms", "mms", _CUSTOMER, _SENDER, chargeable="submitted", has_read_receipts=False
)
WHATSAPP: Final = Channel("whatsapp", "whatsapp", "whatsapp", _CUSTOMER, _SENDER)
VIBER: Final = Channel("viber", "viber_service_msg", "viber_service", _CUSTOMER, "22353", ours="id")
MESSENGER: Final = Channel(
    "messenger",
    "messenger",
    "messenger",
    "0123456789012345",
    "107083064136738",
    theirs="id",
    ours="id",
)
RCS: Final = Channel("rcs", "", "rcs", _CUSTOMER, "ExampleAgent", ours="id", chargeable="")

CHANNELS: Final[Mapping[str, Channel]] = MappingProxyType(
    {channel.name: channel for channel in (SMS, MMS, WHATSAPP, VIBER, MESSENGER, RCS)}
)
BY_WIRE: Final[Mapping[str, Channel]] = MappingProxyType(
    {channel.wire: channel for channel in CHANNELS.values() if channel.wire}
)
BY_V1: Final[Mapping[str, Channel]] = MappingProxyType(
    {channel.v1: channel for channel in CHANNELS.values()}
)


def channel_named(name: str) -> Channel:
    """Return the channel of a stored name or of one on the wire. Raises ValueError, which lists
    what exists.
    """
    channel = CHANNELS.get(name) or BY_WIRE.get(name) or BY_V1.get(name)
    if channel is None:
        raise ValueError(f"There is no channel {name!r}. There are: {', '.join(CHANNELS)}.")
    return channel
