"""Versions, channels and error codes of the Messages API."""

# The simulator does not use the app's tables. So it detects mistakes in them. (Sources: the OpenAPI
# documents of v0.1 and v1; the list of errors in the Messages API v0 reference; for
# ``charged_status``: developer.vonage.com, "Message status callbacks".)

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

Version = Literal["v0.1", "v1"]
VERSIONS: Final[tuple[Version, ...]] = ("v0.1", "v1")

AddressKey = Literal["number", "id"]


@dataclass(frozen=True)
class Channel:
    """A channel of the Messages API."""

    name: str  # in the app
    v0_1_type: str  # value of ``type`` in v0.1; "": v0.1 does not have the channel
    v1_type: str  # value of ``channel`` in v1
    customer: str = field(repr=False)  # default address of a customer
    sender: str = field(repr=False)  # default address of the site
    customer_key: AddressKey = "number"  # member with the customer's address in v0.1
    sender_key: AddressKey = "number"  # member with the site's address in v0.1
    charged_status: str = "delivered"  # status whose webhook contains the price; "": no status
    has_read_receipts: bool = True


# From the range that Ofcom reserves for fiction: no subscriber has these numbers.
_CUSTOMER: Final = "447700900000"
_SENDER: Final = "447700900001"

SMS: Final = Channel(
    "sms", "sms", "sms", _CUSTOMER, _SENDER, charged_status="submitted", has_read_receipts=False
)
MMS: Final = Channel(
    "mms", "mms", "mms", _CUSTOMER, _SENDER, charged_status="submitted", has_read_receipts=False
)
WHATSAPP: Final = Channel("whatsapp", "whatsapp", "whatsapp", _CUSTOMER, _SENDER)
VIBER: Final = Channel(
    "viber", "viber_service_msg", "viber_service", _CUSTOMER, "22353", sender_key="id"
)
MESSENGER: Final = Channel(
    "messenger",
    "messenger",
    "messenger",
    "0123456789012345",
    "107083064136738",
    customer_key="id",
    sender_key="id",
)
RCS: Final = Channel(
    "rcs", "", "rcs", _CUSTOMER, "ExampleAgent", sender_key="id", charged_status=""
)

CHANNELS: Final[Mapping[str, Channel]] = MappingProxyType(
    {channel.name: channel for channel in (SMS, MMS, WHATSAPP, VIBER, MESSENGER, RCS)}
)
BY_V0_1_TYPE: Final[Mapping[str, Channel]] = MappingProxyType(
    {channel.v0_1_type: channel for channel in CHANNELS.values() if channel.v0_1_type}
)
BY_V1_TYPE: Final[Mapping[str, Channel]] = MappingProxyType(
    {channel.v1_type: channel for channel in CHANNELS.values()}
)

REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        1000: "Throttled",
        1010: "Missing params",
        1020: "Invalid params",
        1021: "Invalid tag",
        1022: "Invalid template",
        1030: "Internal error",
        1040: "Invalid message",
        1050: "Number barred",
        1060: "Partner account barred",
        1070: "Partner quota exceeded",
        1080: "Account not enabled for REST",
        1090: "Message too long",
        1100: "Communication Failed",
        1120: "Illegal Sender Address - rejected",
        1130: "Invalid TTL",
        1140: "Facility not allowed",
        1150: "Invalid Message class",
        1160: "Non White-listed Destination",
        1170: "Invalid or Missing Msisdn Param",
        1180: "Absent Subscriber Temporary",
        1190: "Absent Subscriber Permanent",
        1200: "Portability Error",
        1210: "Anti-Spam Rejection",
        1220: "Handset Busy",
        1230: "Network Error",
        1240: "Illegal Number",
        1241: "Too many send requests",
        1250: "Unroutable",
        1260: "Destination unreachable",
        1270: "Subscriber Age Restriction",
        1280: "Number Blocked by Carrier",
        1290: "Pre-Paid - Insufficient funds",
        1300: "Not part of the provider network",
        1310: "Not suitable device",
        1320: "Message already sent",
        1330: "Unknown",
        1331: "Provider error",
        1340: "Outside of the allowed window",
        1350: "Phone matching fee not paid",
        1360: "TTL was activated",
        1370: "Expired access Token",
        1380: "Invalid resource",
        1381: "Resource size is too large",
        1382: "Resource type is invalid",
    }
)
"""Error codes in status webhooks, each with its ``reason``."""


def get_channel(name: str) -> Channel:
    """Return a channel by name, or raise ValueError."""
    channel = CHANNELS.get(name) or BY_V0_1_TYPE.get(name) or BY_V1_TYPE.get(name)
    if channel is None:
        raise ValueError(f"Unknown channel {name!r}. Use one of: {', '.join(CHANNELS)}.")
    return channel
