"""What a message of one type on one channel holds beside its envelope, and rules that many share.

The option object that a channel has to itself is open: Vonage adds names to it, and an unknown one
is tolerated. A content is not open. (Source: the v1 OpenAPI document.)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django_vonage_messages.simulator.forms import E164, SENDER_NAME, SHORT_CODE
from django_vonage_messages.simulator.v1.rules import (
    Members,
    Problems,
    Rule,
    a_form,
    an_object,
    string,
    url,
)

LONGEST_ID: Final = 50
LONGEST_CAPTION: Final = 3000


def _nothing_more(_data: Mapping[str, Any], _path: str) -> Problems:
    yield from ()


@dataclass(frozen=True)
class Kind:
    """The members of a message that its type needs and may have; ``also`` judges how they go
    together, and is called with the whole message.
    """

    required: Members
    optional: Members = field(default_factory=dict)
    also: Callable[[Mapping[str, Any], str], Problems] = _nothing_more


@dataclass(frozen=True)
class ChannelRules:
    """How a channel's messages are judged: each address, and each ``message_type``."""

    to: Rule
    from_: Rule
    kinds: Mapping[str, Kind]
    has_webhook_version: bool = True


NUMBER: Final = a_form("must be 7 to 15 digits in E.164, without + or a leading 0.", E164)
NUMBER_OR_SHORT_CODE: Final = a_form(
    "must be E.164, or a short code of 3 to 6 digits.", E164, SHORT_CODE
)
SMS_SENDER: Final = a_form(
    "must be E.164, a short code, or a name of up to 11 characters.", E164, SHORT_CODE, SENDER_NAME
)
AN_ID: Final = string(1, LONGEST_ID)


def text(longest: int) -> Rule:
    """A text to read: a message of no words is none."""
    return string(1, longest)


def media(**optional: Rule) -> Rule:
    """A file at a URL, and what else may be said of it."""
    return an_object({"url": url()}, optional)


def audio(**optional: Rule) -> Rule:
    """A sound, whose URL has limits on some channels."""
    return an_object({"url": url(10, 2000)}, optional)


def options(**optional: Rule) -> Rule:
    """A channel's own options."""
    return an_object({}, optional, is_open=True)
