"""Strategies of valid send_message() calls for each version, independent of the package."""

from typing import Any

from hypothesis import strategies as st

from django_vonage_messages.content import (
    Attachments,
    Audio,
    Card,
    Carousel,
    Custom,
    File,
    Image,
    Location,
    Reaction,
    Sticker,
    Template,
    Text,
    VCard,
    Video,
)
from django_vonage_messages.content.suggestions import Dial, OpenUrl, Reply
from django_vonage_messages.options import (
    MessengerOptions,
    MmsOptions,
    RcsOptions,
    SmsOptions,
    ViberAction,
    ViberOptions,
    WhatsAppOptions,
)

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

V0_1_CONTENTS: dict[str, st.SearchStrategy[Any]] = {
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

V0_1_OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "viber": st.builds(
        ViberOptions,
        category=st.sampled_from([None, "transaction", "promotion"]),
        ttl=st.none() | st.integers(30, 259_200),
        type=st.none() | st.text("abc", min_size=1, max_size=9),
    ),
    "messenger": st.builds(MessengerOptions, category=st.sampled_from([None, "response", "update"]))
    | st.just(MessengerOptions(category="message_tag", tag="CONFIRMED_EVENT_UPDATE")),
}

_CAPTIONED = st.text(max_size=40) | st.just("🙂" * 3000)
_MMS_FILES = st.one_of(
    *(st.builds(kind, URLS, caption=_CAPTIONED) for kind in (Image, Audio, Video, File, VCard))
)
_WORDS = st.text("abc ", min_size=1, max_size=20).filter(str.strip)
_CHIPS = st.one_of(
    st.builds(Reply, _WORDS, _WORDS),
    st.builds(Dial, _WORDS, _WORDS, phone_number=st.just("+447700900000")),
    st.builds(OpenUrl, _WORDS, _WORDS, url=URLS, description=st.text(max_size=9)),
)
_CARDS = st.builds(
    Card,
    _WORDS,
    _WORDS,
    URLS,
    media_height=st.sampled_from(["", "SHORT", "MEDIUM", "TALL"]),
    suggestions=st.lists(_CHIPS, max_size=4),
)
_FILMS = st.builds(Video, URLS, caption=_CAPTIONS, thumb_url=URLS)

V1_CONTENTS: dict[str, st.SearchStrategy[Any]] = {
    "sms": _texts(1000),
    "mms": st.one_of(
        _texts(5000), _MMS_FILES, st.builds(Attachments, st.lists(_MMS_FILES, min_size=1))
    ),
    "whatsapp": st.one_of(
        _texts(4096),
        st.builds(Image, URLS, caption=_CAPTIONED),
        st.builds(Audio, URLS),
        st.builds(Video, URLS, caption=_CAPTIONS),
        st.builds(File, URLS, caption=_CAPTIONS, name=_CAPTIONS),
        st.builds(Sticker, URLS) | st.builds(Sticker, id=_WORDS),
        st.builds(Reaction, st.sampled_from("👍🙂")) | st.just(Reaction(action="unreact")),
        _WHATSAPP_TEMPLATES,
        _PLACES,
        _OBJECTS,
    ),
    "viber": st.one_of(
        _texts(1000),
        st.builds(Image, URLS, caption=_CAPTIONS),
        st.builds(File, URLS, name=st.text(max_size=25)),
        _FILMS,
    ),
    "messenger": st.one_of(_texts(640), st.builds(Image, URLS), st.builds(File, URLS), *_FILES),
    "rcs": st.one_of(
        _texts(3072),
        st.builds(Image, URLS),
        st.builds(Video, URLS),
        st.builds(File, URLS),
        _CARDS,
        st.builds(Carousel, st.lists(_CARDS, min_size=2, max_size=4)),
        _OBJECTS,
    ),
}

_EXTRA = st.none() | st.dictionaries(st.sampled_from(["newer", "newest"]), _WORDS, min_size=1)
_EVERYWHERE: dict[str, Any] = {
    "webhook_url": st.none() | URLS,
    "trusted_recipient": st.none() | st.booleans(),
    "extra": _EXTRA,
}
_VERSIONED = {**_EVERYWHERE, "webhook_version": st.sampled_from([None, "v0.1", "v1"])}
_OPTIONAL_WORDS = st.none() | _WORDS


def _v1_options(channel: str, content: Any) -> st.SearchStrategy[Any]:
    """Return options that a content on a channel may have."""
    match channel:
        case "sms":
            return st.builds(
                SmsOptions,
                ttl=st.none() | st.integers(1, 10**6),
                encoding_type=st.sampled_from([None, "text", "unicode", "auto"]),
                content_id=_OPTIONAL_WORDS,
                entity_id=_OPTIONAL_WORDS,
                pool_id=_OPTIONAL_WORDS,
                **_VERSIONED,
            )
        case "mms":
            return st.builds(MmsOptions, ttl=st.none() | st.integers(300, 259_200), **_VERSIONED)
        case "whatsapp":
            contexts = _WORDS if isinstance(content, Reaction) else _OPTIONAL_WORDS
            return st.builds(WhatsAppOptions, context=contexts, **_VERSIONED)
        case "viber":
            return _v1_viber_options(content)
        case "messenger":
            return V0_1_OPTIONS["messenger"]
    return st.builds(
        RcsOptions,
        ttl=st.none() | st.integers(300, 2_592_000),
        category=st.sampled_from([None, "authentication", "promotion", "service-request"]),
        suggestions=st.none() | st.lists(_CHIPS, max_size=11)
        if isinstance(content, Text)
        else st.none(),
        card_width=st.sampled_from([None, "SMALL", "MEDIUM"])
        if isinstance(content, Carousel)
        else st.none(),
        **_EVERYWHERE,
    )


def _v1_viber_options(content: Any) -> st.SearchStrategy[Any]:
    film = isinstance(content, Video)
    button = isinstance(content, Text) or (isinstance(content, Image) and content.caption)
    actions = st.builds(ViberAction, URLS, _WORDS)
    return st.builds(
        ViberOptions,
        category=st.sampled_from([None, "transaction", "promotion"]),
        ttl=st.none() | st.integers(30, 259_200),
        type=_OPTIONAL_WORDS,
        action=st.none() | actions if button else st.none(),
        duration=st.integers(1, 600) if film else st.none(),
        file_size=st.integers(1, 200) if film else st.none(),
        **_VERSIONED,
    )


_RCS_SENDERS = st.from_regex(r"[A-Za-z0-9_&-]{1,50}", fullmatch=True)
SENDERS: dict[str, st.SearchStrategy[str]] = {
    "sms": _NUMBERS | st.sampled_from(["SHOP", "12345"]),
    "mms": _NUMBERS | st.just("12345"),
    "whatsapp": _NUMBERS,
    "viber": _IDS,
    "messenger": _IDS,
    "rcs": _RCS_SENDERS,
}


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the arguments of one v0.1 call, including ``to`` and ``content``."""
    channel = draw(st.sampled_from(sorted(V0_1_CONTENTS)))
    content = draw(V0_1_CONTENTS[channel])
    options = draw(st.none() | V0_1_OPTIONS.get(channel, st.none()))
    return {**draw(_ends(channel, 40)), "content": content, "options": options}


@st.composite
def v1_calls(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the arguments of one v1 call, including ``to`` and ``content``."""
    channel = draw(st.sampled_from(sorted(V1_CONTENTS)))
    content = draw(V1_CONTENTS[channel])
    required = isinstance(content, Reaction) or (channel == "viber" and isinstance(content, Video))
    options = _v1_options(channel, content)
    drawn_options = draw(options if required else st.none() | options)
    return {**draw(_ends(channel, 100)), "content": content, "options": drawn_options}


def _ends(channel: str, client_ref_length: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "to": _IDS if channel == "messenger" else _NUMBERS,
            "channel": st.just(channel),
            "sender": SENDERS[channel],
            "client_ref": st.text(max_size=client_ref_length),
        }
    )
