"""The channels of the Messages API, under their stored names and their names on the wire.

Stored names follow API v1's style without its ``_service`` suffix; v0.1 writes Viber as
``viber_service_msg`` and v1 as ``viber_service``. (Source: the OpenAPI documents of both versions.)
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

AddressKind = Literal["number", "id"]


@dataclass(frozen=True)
class Channel:
    """One channel: its stored name, its name in each version, and v0.1's keys of both addresses.

    ``theirs`` is the customer's key and ``ours`` the sender's. Of senders that are numbers,
    ``short_codes`` and ``names`` say what else may stand in their place.
    """

    name: str
    label: str
    v0_1_type: str
    v1_type: str
    theirs: AddressKind
    ours: AddressKind
    short_codes: bool = False
    names: bool = False


SMS = Channel(
    "sms", "SMS", "sms", "sms", theirs="number", ours="number", short_codes=True, names=True
)
MMS = Channel("mms", "MMS", "mms", "mms", theirs="number", ours="number", short_codes=True)
WHATSAPP = Channel("whatsapp", "WhatsApp", "whatsapp", "whatsapp", theirs="number", ours="number")
VIBER = Channel("viber", "Viber", "viber_service_msg", "viber_service", theirs="number", ours="id")
MESSENGER = Channel("messenger", "Messenger", "messenger", "messenger", theirs="id", ours="id")
RCS = Channel("rcs", "RCS", "rcs", "rcs", theirs="number", ours="id")

CHANNELS = MappingProxyType(
    {channel.name: channel for channel in (SMS, MMS, WHATSAPP, VIBER, MESSENGER, RCS)}
)
_ALIASES = MappingProxyType({"viber_service_msg": VIBER, "viber_service": VIBER, **CHANNELS})


def get_channel(name: str) -> Channel | None:
    """Return the channel that ``name`` (stored, v0.1 or v1 spelling) means, or None."""
    return _ALIASES.get(name)
