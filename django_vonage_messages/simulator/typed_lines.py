"""What a person types to play a customer: ``whatsapp 447700900000 image: https://… My cat``.

A line is a number (on Messenger an id), a colon and a text. The channel may stand before the
number, and the kind of content before the colon.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django_vonage_messages.simulator.channels import SMS, Channel, channel_named

EXAMPLE: Final = "447700900000: Hello"
EXAMPLES: Final = (
    EXAMPLE,
    "whatsapp 447700900000 image: https://example.com/cat.jpg My cat",
    "messenger 0123456789012345: Hello",
)

_LINE: Final = re.compile(
    r"\s*(?:([A-Za-z]\w*)\s+)?([^\s:]+)(?:\s+([A-Za-z]\w*))?\s*:\s*(.*?)\s*", re.DOTALL
)
_NUMBER: Final = re.compile(r"\+?([0-9]{7,15})")
_LOCATION: Final = re.compile(
    r"(-?[0-9]+(?:\.[0-9]+)?)\s*,\s*(-?[0-9]+(?:\.[0-9]+)?)(?:\s+(.+))?", re.DOTALL
)

_Content = dict[str, Any]


@dataclass(frozen=True, repr=False)
class TypedLine:
    """What a line asks for: a content as the API has it, from a customer, on a channel."""

    channel: Channel
    from_: str
    content: _Content


def read_line(line: str) -> TypedLine:
    """Return what a line asks for. Raises ValueError, which tells what to write instead."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"Write a number, a colon and a text: {EXAMPLE}")
    channel_name, address, kind, rest = match.groups(default="")
    channel = channel_named(channel_name.lower()) if channel_name else SMS
    from_ = _address(channel, address)
    return TypedLine(channel, from_, _content(kind.lower() or "text", rest))


def _address(channel: Channel, address: str) -> str:
    if channel.theirs == "id":
        return address
    match = _NUMBER.fullmatch(address)
    if match is None:
        raise ValueError(f"A number has 7 to 15 digits. Write: {EXAMPLE}")
    return match[1]


def _content(kind: str, rest: str) -> _Content:
    make = _KINDS.get(kind)
    if make is None:
        raise ValueError(f"There is no kind {kind!r}. There are: {', '.join(_KINDS)}.")
    return make(rest)


def _text(rest: str) -> _Content:
    if not rest:
        raise ValueError(f"Write a text after the colon: {EXAMPLE}")
    return {"type": "text", "text": rest}


def _media(kind: str, rest: str) -> _Content:
    url, *caption = rest.split(maxsplit=1) or [""]
    if not re.match("https?://.", url):
        raise ValueError(
            f"Write a URL, and perhaps a caption: {kind}: https://example.com/cat.jpg My cat"
        )
    return {"type": kind, kind: {"url": url} | ({"caption": caption[0]} if caption else {})}


def _location(rest: str) -> _Content:
    match = _LOCATION.fullmatch(rest)
    if match is None:
        raise ValueError(
            "Write a latitude, a longitude, and perhaps a name: location: 51.5,-0.12 Office"
        )
    latitude, longitude, name = match.groups()
    place = {"latitude": latitude, "longitude": longitude} | ({"name": name} if name else {})
    return {"type": "location", "location": place}


def _button(rest: str) -> _Content:
    if not rest:
        raise ValueError("Write what is on the button: button: Yes")
    return {"type": "button", "button": {"payload": rest, "text": rest}}


def _reply(rest: str) -> _Content:
    if not rest:
        raise ValueError("Write what is chosen of a list: reply: 9am")
    return {"type": "reply", "reply": {"id": rest, "title": rest}}


def _reaction(rest: str) -> _Content:
    if not rest:
        return {"type": "reaction", "reaction": {"action": "unreact"}}
    return {"type": "reaction", "reaction": {"action": "react", "emoji": rest}}


def _sticker(rest: str) -> _Content:
    content = _media("sticker", rest)
    return {"type": "sticker", "sticker": {"url": content["sticker"]["url"]}}


def _unsupported(_rest: str) -> _Content:
    return {"type": "unsupported"}


_KINDS: Final[Mapping[str, Callable[[str], _Content]]] = {
    "text": _text,
    **{kind: partial(_media, kind) for kind in ("image", "audio", "video", "file", "vcard")},
    "sticker": _sticker,
    "location": _location,
    "button": _button,
    "reply": _reply,
    "reaction": _reaction,
    "unsupported": _unsupported,
}
