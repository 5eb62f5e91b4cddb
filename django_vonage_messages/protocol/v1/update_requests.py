"""Requests that update a message: URL, body and outcome.

Each region has its own host for updates. Source: Messages API v1, "Update a Message".
"""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django_vonage_messages.protocol.outcomes import Accepted, Outcome, Unconfirmed, interpret

MARK_READ: Final[dict[str, Any]] = {"status": "read"}
REVOKE: Final[dict[str, Any]] = {"status": "revoked"}
SHOW_TYPING: Final[dict[str, Any]] = MARK_READ | {
    "replying_indicator": {"show": True, "type": "text"}
}
"""Mark the message as read, and show the customer a typing indicator.

(Source: Vonage's SDKs for .NET and Node.)
"""

PATH: Final = "/v1/messages/"
GLOBAL_HOST: Final = "api.nexmo.com"
"""Host of the API for all regions."""

_UPDATED: Final = 202
_REGION: Final = r"(api-(?:eu|us|ap)(?:-[34])?\.(?:vonage|nexmo)\.com)"
# ASCII only: with Unicode, "ſ" would match "s".
_SELF_HREF: Final = re.compile(rf"(?i:https://{_REGION})(?::443)?{PATH}([0-9A-Za-z_-]+)", re.ASCII)
_REGION_HOST: Final = re.compile(_REGION, re.ASCII | re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


def is_usable_uuid(message_uuid: str) -> bool:
    """Return whether a ``message_uuid`` is safe in a URL."""
    return _UUID.fullmatch(message_uuid) is not None


def update_url(base_url: str, message_uuid: str, self_href: object, regional_url: str = "") -> str:
    """Return the URL of the request that updates a message.

    ``self_href`` is the untrusted member ``_self.href`` of the message's webhook. Without a region
    in it, the request goes to ``regional_url``, or to ``base_url`` if ``regional_url`` is "".
    """
    if not is_usable_uuid(message_uuid):
        raise ValueError("not a message_uuid")
    # The request contains the account's credentials: it must not go to an unknown host. If
    # base_url is the URL of a simulator, a proxy or Vonage's sandbox, self_href is ignored.
    region = region_host(self_href, message_uuid) if _is_vonage(base_url) else ""
    return f"{f'https://{region}' if region else regional_url or base_url}{PATH}{message_uuid}"


def is_global(url: str) -> bool:
    """Return whether the host of ``url`` is the host of the API for all regions."""
    return urlsplit(url).hostname == GLOBAL_HOST


def region_host(self_href: object, message_uuid: str) -> str:
    """Return Vonage's regional host from the URL ``self_href``, or ""."""
    if not isinstance(self_href, str):
        return ""
    match = _SELF_HREF.fullmatch(self_href)
    return match[1].lower() if match is not None and match[2] == message_uuid else ""


def get_self_href(payload: object) -> object:
    """Return the member ``_self.href`` of a webhook, or None."""
    own = payload.get("_self") if isinstance(payload, dict) else None
    return own.get("href") if isinstance(own, dict) else None


def interpret_update(status_code: int, body: bytes, retry_after: str | None = None) -> Outcome:
    """Return the outcome of an update, from the HTTP response."""
    if status_code == _UPDATED:
        return Accepted()
    if 200 <= status_code < 300:
        return Unconfirmed(f"HTTP {status_code}")
    return interpret(status_code, body, retry_after)


def _is_vonage(base_url: str) -> bool:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    return (
        parts.scheme == "https"
        and parts.port in (None, 443)
        and parts.path in ("", "/")
        and (host == GLOBAL_HOST or _REGION_HOST.fullmatch(host) is not None)
    )
