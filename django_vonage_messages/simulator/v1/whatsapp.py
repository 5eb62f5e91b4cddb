"""WhatsApp. (Source: the v1 OpenAPI document.)"""

from typing import Final

from django_vonage_messages.simulator.v1.kinds import (
    LONGEST_CAPTION,
    NUMBER,
    ChannelRules,
    Kind,
    audio,
    media,
    options,
    text,
)
from django_vonage_messages.simulator.v1.rules import (
    Members,
    Problem,
    Problems,
    an_array,
    an_object,
    anything,
    one_of,
    string,
    url,
)

LONGEST_TEXT: Final = 4096


def _sticker(value: object, path: str) -> Problems:
    """A sticker at a URL, or one that was uploaded."""
    if isinstance(value, dict) and ("url" in value) == ("id" in value):
        yield Problem(path, "must have a url or an id, and not both.")
        return
    yield from _STICKER(value, path)


def _reaction(value: object, path: str) -> Problems:
    """An emoji put to a message, or taken away from it."""
    action = value.get("action") if isinstance(value, dict) else None
    members: Members = {"emoji": string(1)} if action == "react" else {}
    yield from an_object({"action": one_of("react", "unreact"), **members})(value, path)


_STICKER: Final = an_object({}, {"url": url(), "id": string(1)})
_TEMPLATE: Final = an_object({"name": string(1)}, {"parameters": an_array(string())})
_CONTEXT: Final = an_object({"message_uuid": string(1)})
_LOCALE: Final = {"locale": string(1)}
_POLICY: Final = {"policy": one_of("deterministic")}
_OF_TEMPLATE: Final = an_object(_LOCALE, _POLICY, is_open=True)
_OPTIONS: Final = options(**_LOCALE, **_POLICY)
_COMMON: Final = {"context": _CONTEXT, "whatsapp": _OPTIONS}

WHATSAPP_RULES: Final = ChannelRules(
    NUMBER,
    NUMBER,
    {
        "text": Kind({"text": text(LONGEST_TEXT)}, _COMMON),
        "image": Kind({"image": media(caption=string(1, LONGEST_CAPTION))}, _COMMON),
        "audio": Kind({"audio": audio()}, _COMMON),
        "video": Kind({"video": media(caption=string())}, _COMMON),
        "file": Kind({"file": media(caption=string(), name=string())}, _COMMON),
        "template": Kind({"template": _TEMPLATE, "whatsapp": _OF_TEMPLATE}, {"context": _CONTEXT}),
        "sticker": Kind({"sticker": _sticker}, _COMMON),
        "reaction": Kind({"reaction": _reaction, "context": _CONTEXT}, {"whatsapp": _OPTIONS}),
        "custom": Kind({"custom": anything}, _COMMON),
    },
)
