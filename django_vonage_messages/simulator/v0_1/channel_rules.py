"""Rules of each channel in v0.1: addresses, content types, and options."""

# Sources: the v0.1 OpenAPI document; for custom content, developer.vonage.com, "Custom objects".

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django_vonage_messages.simulator.json_rules import (
    E164,
    SENDER_NAME,
    SHORT_CODE,
    Problem,
    Problems,
    Rule,
    an_array,
    an_object,
    at_most,
    custom,
    first_failure,
    integer,
    misplaced,
    one_of,
    pattern,
    string,
    url,
)
from django_vonage_messages.simulator.reference import MESSENGER, MMS, SMS, VIBER, WHATSAPP


@dataclass(frozen=True)
class ChannelRules:
    """Rules of one channel for addresses, content types and options."""

    to: Rule
    from_: Rule
    contents: Mapping[str, Rule]
    options: Rule = misplaced


def _address(reason: str, *patterns: re.Pattern[str]) -> Rule:
    return first_failure(string(), pattern(reason, *patterns))


def _text(longest: int) -> Rule:
    return first_failure(string(1), at_most(longest))


def _messenger_options(value: object, path: str) -> Problems:
    yield from _MESSENGER_OPTIONS(value, path)
    if isinstance(value, dict) and value.get("category") == "message_tag" and "tag" not in value:
        yield Problem(f"{path}.tag", "is missing: the category message_tag needs it.")


_NUMBER: Final = _address("must be 7 to 15 digits in E.164, without + or a leading 0.", E164)
_MMS_SENDER: Final = _address("must be E.164, or a short code of 3 to 6 digits.", E164, SHORT_CODE)
_SMS_SENDER: Final = _address(
    "must be E.164, a short code, or a name of up to 11 characters.", E164, SHORT_CODE, SENDER_NAME
)
_ID: Final = string(1, 50)

_MEDIA: Final = an_object({"url": url()})
_CAPTIONED: Final = an_object({"url": url()}, {"caption": string()})
_TEMPLATE: Final = an_object({"name": string(1)}, {"parameters": an_array(string())})

_WHATSAPP_OPTIONS: Final = an_object({"locale": string(1)}, {"policy": one_of("deterministic")})
_VIBER_OPTIONS: Final = an_object(
    {},
    {
        "category": one_of("transaction", "promotion"),
        "ttl": integer(30, 259_200, unit=" seconds"),
        "type": string(),
    },
)
_MESSENGER_OPTIONS: Final = an_object(
    {}, {"category": one_of("response", "update", "message_tag"), "tag": string(1)}
)

RULES: Final[Mapping[str, ChannelRules]] = MappingProxyType(
    {
        SMS.name: ChannelRules(_NUMBER, _SMS_SENDER, {"text": _text(1000)}),
        MMS.name: ChannelRules(_NUMBER, _MMS_SENDER, {"image": _MEDIA}),
        WHATSAPP.name: ChannelRules(
            _NUMBER,
            _NUMBER,
            {
                "text": _text(4096),
                "template": _TEMPLATE,
                "image": _CAPTIONED,
                "video": _MEDIA,
                "audio": _MEDIA,
                "file": _CAPTIONED,
                "custom": custom,
            },
            _WHATSAPP_OPTIONS,
        ),
        VIBER.name: ChannelRules(
            _NUMBER,
            _ID,
            {"text": _text(1000), "image": _MEDIA, "template": _TEMPLATE, "custom": custom},
            _VIBER_OPTIONS,
        ),
        MESSENGER.name: ChannelRules(
            _ID,
            _ID,
            {
                "text": string(1),
                "image": _MEDIA,
                "video": _MEDIA,
                "audio": _MEDIA,
                "file": _MEDIA,
                "custom": custom,
            },
            _messenger_options,
        ),
    }
)
"""Rules of each channel, by the channel's name in the app."""
