"""Every call of send_message() that v0.1 can carry, generated from the rules in our own words."""

from typing import Any

from hypothesis import strategies as st

from django_vonage_messages.content import (
    Audio,
    Custom,
    File,
    Image,
    Location,
    Template,
    Text,
    Video,
)
from django_vonage_messages.options import MessengerOptions, ViberOptions

_NUMBERS = st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True)
_IDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=50)
_URLS = st.from_regex(
    r"https?://[a-z]{1,9}\.example(:[1-9][0-9]{1,3})?/[\w./~%-]{0,30}", fullmatch=True
)
URLS = _URLS.filter(str.isascii)
_CAPTIONS = st.text(max_size=40)
_PARAMETERS = st.lists(st.text(max_size=20), max_size=3)
_NAMES = st.from_regex(r"[a-z_]{1,9}:[a-z_]{1,9}", fullmatch=True)
_LOCALES = st.sampled_from(["en", "en-GB", "zh-Hant-TW", "es-419"])


def _texts(limit: int) -> st.SearchStrategy[Text]:
    visible = st.text(min_size=1, max_size=60).map(lambda text: f"x{text}")
    return st.builds(Text, visible | st.just("🙂" * limit))


_WHATSAPP_TEMPLATES = st.builds(
    Template, _NAMES, _PARAMETERS, locale=_LOCALES, policy=st.sampled_from(["", "deterministic"])
)
_PLACES = st.builds(
    Location, st.floats(-90, 90), st.floats(-180, 180), name=st.text("abc", min_size=1, max_size=9)
)
_OBJECTS = st.builds(
    Custom, st.dictionaries(st.text(max_size=9), st.text(max_size=9) | st.integers(), min_size=1)
)
_FILES = (st.builds(Audio, URLS), st.builds(Video, URLS))

CONTENTS: dict[str, st.SearchStrategy[Any]] = {
    "sms": _texts(1000),
    "mms": st.builds(Image, URLS),
    "whatsapp": st.one_of(
        _texts(4096),
        st.builds(Image, URLS, caption=_CAPTIONS),
        st.builds(File, URLS, caption=_CAPTIONS),
        *_FILES,
        _WHATSAPP_TEMPLATES,
        _PLACES,
        _OBJECTS,
    ),
    "viber": st.one_of(
        _texts(1000),
        st.builds(Image, URLS),
        st.builds(Template, _NAMES, _PARAMETERS),
        _OBJECTS,
    ),
    "messenger": st.one_of(
        _texts(5000), st.builds(Image, URLS), st.builds(File, URLS), *_FILES, _OBJECTS
    ),
}

OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "viber": st.builds(
        ViberOptions,
        category=st.sampled_from([None, "transaction", "promotion"]),
        ttl=st.none() | st.integers(30, 259_200),
        type=st.none() | st.text("abc", min_size=1, max_size=9),
    ),
    "messenger": st.builds(MessengerOptions, category=st.sampled_from([None, "response", "update"]))
    | st.just(MessengerOptions(category="message_tag", tag="CONFIRMED_EVENT_UPDATE")),
}

SENDERS: dict[str, st.SearchStrategy[str]] = {
    "sms": _NUMBERS | st.sampled_from(["SHOP", "12345"]),
    "mms": _NUMBERS | st.just("12345"),
    "whatsapp": _NUMBERS,
    "viber": _IDS,
    "messenger": _IDS,
}


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the arguments of one call: ``to`` and ``content`` among them."""
    channel = draw(st.sampled_from(sorted(CONTENTS)))
    return {
        "to": draw(_IDS if channel == "messenger" else _NUMBERS),
        "content": draw(CONTENTS[channel]),
        "channel": channel,
        "sender": draw(SENDERS[channel]),
        "options": draw(st.none() | OPTIONS.get(channel, st.none())),
        "client_ref": draw(st.text(max_size=40)),
    }
