"""The permissions that go beyond Django's own four."""

from typing import Any, Final

from django.http import HttpRequest

REPLY: Final = "vonage_messages.reply_conversation"
FULL_ADDRESS: Final = "vonage_messages.view_full_address"


def may_reply(request: HttpRequest) -> bool:
    return _has_perm(request, REPLY)


def may_see_full_addresses(request: HttpRequest) -> bool:
    """Whether the user may see phone numbers whole; everybody else gets them masked."""
    return _has_perm(request, FULL_ADDRESS)


def _has_perm(request: HttpRequest, permission: str) -> bool:
    user: Any = request.user
    return bool(user.has_perm(permission))
