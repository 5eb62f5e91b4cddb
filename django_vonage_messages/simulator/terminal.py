"""Simulator in a terminal: the user's input, setup instructions, and Ctrl-C."""

import json
import re
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any, Final

from django_vonage_messages.simulator.reference import SMS, Channel, get_channel
from django_vonage_messages.simulator.simulator import Simulator

EXAMPLE: Final = "447700900000: Hello"
EXAMPLES: Final = (
    EXAMPLE,
    "whatsapp 447700900000 image: https://example.com/cat.jpg My cat",
    "messenger 0123456789012345: Hello",
)

# [channel] number-or-id [content type]: text
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
    """Message that the user typed as a customer."""

    channel: Channel
    from_: str
    content: _Content  # in the format of message.content in a v0.1 webhook


def read_line(line: str) -> TypedLine:
    """Return the message in ``line``, or raise ValueError with an explanation for the user."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"Write a number, a colon and a text: {EXAMPLE}")
    channel_name, address, content_type, rest = match.groups(default="")
    channel = get_channel(channel_name.lower()) if channel_name else SMS
    from_ = _address(channel, address)
    return TypedLine(channel, from_, _content(content_type.lower() or "text", rest))


def _address(channel: Channel, address: str) -> str:
    if channel.customer_key == "id":
        return address
    match = _NUMBER.fullmatch(address)
    if match is None:
        raise ValueError(f"A number has 7 to 15 digits. Write: {EXAMPLE}")
    return match[1]


def _content(content_type: str, rest: str) -> _Content:
    parse = _PARSERS.get(content_type)
    if parse is None:
        raise ValueError(
            f"Unknown content type {content_type!r}. Use one of: {', '.join(_PARSERS)}."
        )
    return parse(rest)


def _text(rest: str) -> _Content:
    if not rest:
        raise ValueError(f"Write a text after the colon: {EXAMPLE}")
    return {"type": "text", "text": rest}


def _media(content_type: str, rest: str) -> _Content:
    url, *caption = rest.split(maxsplit=1) or [""]
    if not re.match("https?://.", url):
        example = f"{content_type}: https://example.com/cat.jpg My cat"
        raise ValueError(f"Write a URL, with or without a caption: {example}")
    media = {"url": url} | ({"caption": caption[0]} if caption else {})
    return {"type": content_type, content_type: media}


def _location(rest: str) -> _Content:
    match = _LOCATION.fullmatch(rest)
    if match is None:
        raise ValueError(
            "Write a latitude, a longitude, and optionally a name: location: 51.5,-0.12 Office"
        )
    latitude, longitude, name = match.groups()
    place = {"latitude": latitude, "longitude": longitude} | ({"name": name} if name else {})
    return {"type": "location", "location": place}


def _button(rest: str) -> _Content:
    if not rest:
        raise ValueError("Write the text of the button: button: Yes")
    return {"type": "button", "button": {"payload": rest, "text": rest}}


def _reply(rest: str) -> _Content:
    if not rest:
        raise ValueError("Write the chosen item of the list: reply: 9am")
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


_PARSERS: Final[Mapping[str, Callable[[str], _Content]]] = {
    "text": _text,
    **{name: partial(_media, name) for name in ("image", "audio", "video", "file", "vcard")},
    "sticker": _sticker,
    "location": _location,
    "button": _button,
    "reply": _reply,
    "reaction": _reaction,
    "unsupported": _unsupported,
}

_VARIABLES: Final = {
    "API_KEY": "VONAGE_API_KEY",
    "API_SECRET": "VONAGE_API_SECRET",
    "SIGNATURE_SECRETS": "VONAGE_SIGNATURE_SECRET",
    "SENDERS": "VONAGE_SMS_SENDER",
}


def setup_instructions(
    simulator: Simulator,
    alias: str,
    configured: Collection[str] | None = None,
    base_url: str = "",
) -> str:
    """Return the list of settings that the account ``alias`` still needs, as text.

    ``configured`` are the names of the settings that the account already has. If there is no
    account, ``configured`` is None.
    """
    # Do not print the account's present settings: their values can be real secrets.
    account = {key: value for key, value in simulator.settings().items() if key in _VARIABLES}
    missing = {key: value for key, value in account.items() if key not in (configured or ())}
    url = "" if _is_same_address(base_url, simulator.base_url) else simulator.base_url
    lines = _setting if configured is None else _additions
    return "\n".join(lines(alias, missing, url))


def _is_same_address(base_url: str, other: str) -> bool:
    return base_url.rstrip("/").replace("//localhost:", "//127.0.0.1:") == other


def _setting(alias: str, missing: Mapping[str, Any], url: str) -> Iterator[str]:
    yield "Put this in your settings:"
    yield ""
    yield f"    VONAGE_MESSAGES = {{{json.dumps(alias)}: {{"
    yield from _items(missing, url)
    yield "    }}"
    yield from _variables(missing, url)


def _additions(alias: str, missing: Mapping[str, Any], url: str) -> Iterator[str]:
    yield f"The account {alias!r} {'does not use' if url else 'already uses'} this address."
    if missing:
        yield f"Missing settings: {', '.join(missing)}."
    if missing or url:
        yield "Put this in the account:"
        yield ""
        yield from _items(missing, url)
        yield from _variables(missing, url)


def _items(missing: Mapping[str, Any], url: str) -> Iterator[str]:
    for key, value in missing.items():
        yield f"        {json.dumps(key)}: {_as_python(value)},"
    if url:
        yield f'        "OPTIONS": {{"base_url": {json.dumps(url)}}},'


def _variables(missing: Mapping[str, Any], url: str) -> Iterator[str]:
    yield ""
    yield "For the example project, set these environment variables instead:"
    yield ""
    if url:
        yield f"    VONAGE_BASE_URL={url}"
    for key, value in missing.items():
        yield f"    {_VARIABLES[key]}={_as_variable(value)}"


def _as_python(value: Any) -> str:
    if not isinstance(value, dict):
        return json.dumps(value)
    lines = (f"            {json.dumps(key)}: {json.dumps(item)},\n" for key, item in value.items())
    return "{\n" + "".join(lines) + "        }"


def _as_variable(value: Any) -> str:
    if isinstance(value, dict):
        return str(value["sms"])
    return str(value[0]) if isinstance(value, list) else str(value)


@contextmanager
def single_interrupt() -> Iterator[None]:
    """Raise KeyboardInterrupt for the first Ctrl-C in the block, and ignore further ones."""
    # Only the main thread can set signal handlers.
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signum: int, _frame: FrameType | None) -> None:
        # A second Ctrl-C must not interrupt the clean-up.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
