"""Where a message is updated: at the region that holds it, which only the message itself names.

An inbound message of v1 carries its own address, ``_self.href``, on a regional host (Messages API
v1, "Update a Message": "the geo-specific base URI"). Our credentials travel to whatever is chosen
here, so a webhook's words choose among known hosts and never become part of an address.
"""

import re
from typing import Final
from urllib.parse import urlsplit

PATH: Final = "/v1/messages/"
HOME: Final = "api.nexmo.com"
"""The API's own host, which has no region in its name."""

_REGION: Final = r"(api-(?:eu|us|ap)(?:-[34])?\.(?:vonage|nexmo)\.com)"
# ASCII alone: with Unicode's rules "ſ" would match an "s".
_SELF: Final = re.compile(rf"(?i:https://{_REGION})(?::443)?{PATH}([0-9A-Za-z_-]+)", re.ASCII)
_REGION_HOST: Final = re.compile(_REGION, re.ASCII | re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


def is_usable_uuid(message_uuid: str) -> bool:
    """Whether a ``message_uuid`` can stand in an address and stay what it is."""
    return _UUID.fullmatch(message_uuid) is not None


def message_url(base_url: str, message_uuid: str, self_href: object) -> str:
    """Return the address at which a message is updated.

    ``base_url`` is the account's own. ``self_href`` is what the message says of itself, of any type
    and by anybody: it is followed to the region that it names, if the account calls Vonage by its
    own name; to a simulator, the sandbox or a proxy everything goes. Raises ValueError for a
    ``message_uuid`` that is none.
    """
    if not is_usable_uuid(message_uuid):
        raise ValueError("not a message_uuid")
    region = region_of(self_href, message_uuid) if _is_vonage(base_url) else ""
    return f"{f'https://{region}' if region else base_url}{PATH}{message_uuid}"


def region_of(self_href: object, message_uuid: str) -> str:
    """Return the regional host that a message's address names, or "" for any other address."""
    if not isinstance(self_href, str):
        return ""
    found = _SELF.fullmatch(self_href)
    return found[1].lower() if found is not None and found[2] == message_uuid else ""


def href_of(payload: object) -> object:
    """Return what a webhook's body says is the message's own address, or None."""
    own = payload.get("_self") if isinstance(payload, dict) else None
    return own.get("href") if isinstance(own, dict) else None


def _is_vonage(base_url: str) -> bool:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    return (
        parts.scheme == "https"
        and parts.port in (None, 443)
        and parts.path in ("", "/")
        and (host == HOME or _REGION_HOST.fullmatch(host) is not None)
    )
