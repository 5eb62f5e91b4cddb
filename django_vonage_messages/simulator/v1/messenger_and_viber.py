"""Messenger and Viber. (Source: the v1 OpenAPI document.)"""

from collections.abc import Mapping
from typing import Any, Final

from django_vonage_messages.simulator.v1.kinds import (
    AN_ID,
    NUMBER,
    ChannelRules,
    Kind,
    audio,
    media,
    options,
    text,
)
from django_vonage_messages.simulator.v1.rules import (
    Problem,
    Problems,
    Rule,
    an_object,
    digits,
    integer,
    join,
    misplaced,
    one_of,
    string,
    url,
)


def _messenger(value: object, path: str) -> Problems:
    """The options of Messenger, of which the category message_tag needs a tag."""
    yield from _MESSENGER_OPTIONS(value, path)
    if isinstance(value, dict) and value.get("category") == "message_tag" and "tag" not in value:
        yield Problem(f"{path}.tag", "is required with the category message_tag.")


_MESSENGER_OPTIONS: Final = options(
    category=one_of("response", "update", "message_tag"), tag=string(1)
)
_MESSENGER_COMMON: Final = {"messenger": _messenger}
MESSENGER_RULES: Final = ChannelRules(
    AN_ID,
    AN_ID,
    {
        "text": Kind({"text": text(640)}, _MESSENGER_COMMON),
        "image": Kind({"image": media()}, _MESSENGER_COMMON),
        "audio": Kind({"audio": audio()}, _MESSENGER_COMMON),
        "video": Kind({"video": media()}, _MESSENGER_COMMON),
        "file": Kind({"file": media()}, _MESSENGER_COMMON),
    },
)


def _caption_of_button(data: Mapping[str, Any], path: str) -> Problems:
    """An image with a button needs a caption."""
    chosen, image = data.get("viber_service"), data.get("image")
    has_action = isinstance(chosen, dict) and "action" in chosen
    if has_action and isinstance(image, dict) and "caption" not in image:
        yield Problem(join(path, "image.caption"), "is required with an action.")


_ACTION: Final = an_object({"url": url(), "text": string(1, 30)})
_VIBER_COMMON: Final[dict[str, Rule]] = {
    "category": one_of("transaction", "promotion"),
    "ttl": integer(30, 259_200),
    "type": string(),
}
# The document lists these two in both places, and needs them in this one.
_SIZE: Final = {"duration": digits(1, 600), "file_size": digits(1, 200)}
_NO_SIZE: Final = dict.fromkeys(_SIZE, misplaced)
_WITH_ACTION: Final = {"viber_service": options(**_VIBER_COMMON, **_NO_SIZE, action=_ACTION)}
_OF_FILE: Final = {"viber_service": options(**_VIBER_COMMON, **_NO_SIZE, action=misplaced)}
_OF_VIDEO: Final = an_object(_SIZE, {**_VIBER_COMMON, "action": misplaced}, is_open=True)
_VIDEO: Final = an_object(
    {"url": url(), "thumb_url": url(longest=1000)}, {"caption": string(), **_SIZE}
)

VIBER_RULES: Final = ChannelRules(
    NUMBER,
    AN_ID,
    {
        "text": Kind({"text": text(1000)}, _WITH_ACTION),
        "image": Kind({"image": media(caption=string())}, _WITH_ACTION, _caption_of_button),
        "video": Kind({"video": _VIDEO, "viber_service": _OF_VIDEO}),
        "file": Kind({"file": media(name=string(1, 25))}, _OF_FILE),
    },
)
