"""What each channel carries on v0.1, with a case just inside and one just outside of each limit."""

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

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
from tests.services.test_validation import problems, validate

URL = "https://example.com/cat.jpg"
SENDERS = settings.VONAGE_MESSAGES["default"]["SENDERS"]
RECIPIENTS = {"messenger": "0123456789012345"}


def said(channel: str, content: Any, **more: Any) -> list[str]:
    """Return what is wrong with a content, of which nothing else is wrong."""
    to = RECIPIENTS.get(channel, "447700900000")
    found = problems(to, content, channel=channel, **more)
    assert len(found) == 1
    (texts,) = found.values()
    return texts


def validate_on(channel: str, content: Any, **more: Any) -> Any:
    return validate(RECIPIENTS.get(channel, "447700900000"), content, channel=channel, **more)


# Texts


@pytest.mark.parametrize(("channel", "limit"), [("sms", 1000), ("whatsapp", 4096), ("viber", 1000)])
def test_the_longest_text(channel: str, limit: int) -> None:
    assert validate_on(channel, "🙂" * limit).content == Text("🙂" * limit)
    assert said(channel, "x" * (limit + 1)) == [
        f"The text has {limit + 1} characters; at most {limit} are allowed."
    ]


def test_messenger_texts_have_no_limit_in_v0_1() -> None:
    assert validate_on("messenger", "x" * 20_000).content.text == "x" * 20_000


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "viber", "messenger"])
def test_the_shortest_text(channel: str) -> None:
    assert validate_on(channel, "x").content == Text("x")
    assert said(channel, "") == ["The text is empty."]


# Files

CARRIED = {
    Image: {"mms", "whatsapp", "viber", "messenger"},
    Audio: {"whatsapp", "messenger"},
    Video: {"whatsapp", "messenger"},
    File: {"whatsapp", "messenger"},
}


@pytest.mark.parametrize("channel", SENDERS)
@pytest.mark.parametrize("content_class", CARRIED)
def test_which_channel_carries_which_file(channel: str, content_class: Any) -> None:
    content = content_class(URL)
    if channel in CARRIED[content_class]:
        assert validate_on(channel, content).content == content
    else:
        (text,) = said(channel, content)
        assert f", not {content_class.__name__}." in text


@pytest.mark.parametrize(
    "url",
    [
        "https://a.b",
        "http://example.com/",
        "HTTPS://EXAMPLE.COM/A",
        "https://example.com:8443/a%20b.jpg?x=1&y[]=2#top",
        "https://[2001:db8::1]/cat.jpg",
        "https://xn--bcher-kva.example/",
        "https://example.com/" + "x" * 3000,
    ],
)
@pytest.mark.parametrize("channel", ["mms", "whatsapp", "viber", "messenger"])
def test_a_url_that_can_be_fetched(channel: str, url: str) -> None:
    assert validate_on(channel, Image(url)).content.url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cat.jpg",
        "/cat.jpg",
        "//example.com/cat.jpg",
        "https://",
        "https:///cat.jpg",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://[::1/",
        "ftp://example.com/cat.jpg",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "https://user:password@example.com/",
        "https://example.com/a b.jpg",
        "https://example.com/cat.jpg\n",
        "https://example.com/chât.jpg",
        "https://example.com\\@evil.example/",
        None,
        5,
        b"https://example.com/",
    ],
)
@pytest.mark.parametrize("content_class", CARRIED)
def test_a_url_that_cannot(content_class: Any, url: Any) -> None:
    (text,) = said("messenger", content_class(url))
    assert text.startswith("The url must be")
    assert "password@" not in text


@pytest.mark.parametrize(
    ("channel", "content_class", "has_one"),
    [
        ("whatsapp", Image, True),
        ("whatsapp", File, True),
        ("whatsapp", Video, False),
        ("mms", Image, False),
        ("viber", Image, False),
        ("messenger", Image, False),
        ("messenger", Video, False),
        ("messenger", File, False),
    ],
)
def test_captions(channel: str, content_class: Any, has_one: bool) -> None:
    content = content_class(URL, caption="My tabby cat, Oliver.")
    if has_one:
        assert validate_on(channel, content).content == content
        assert validate_on(channel, content).content.text == "My tabby cat, Oliver."
        assert said(channel, content_class(URL, caption=5)) == ["The caption must be a str."]
    else:
        (text,) = said(channel, content)
        assert text.startswith("This channel allows no caption with this content.")


# Templates


def test_a_template_on_whatsapp() -> None:
    content = Template("ns:verify", ["Daisy", "12345"], locale="en-GB", policy="deterministic")
    assert validate_on("whatsapp", content).content == content
    assert validate_on("whatsapp", Template("ns:verify", locale="en")).content.parameters == ()


@pytest.mark.parametrize("locale", ["", "en GB", "e", "english language", "en_GB", None, 5])
def test_a_template_on_whatsapp_needs_a_locale(locale: Any) -> None:
    assert said("whatsapp", Template("ns:verify", locale=locale)) == [
        "The template requires a locale: a BCP 47 language such as en-GB."
    ]


@pytest.mark.parametrize("policy", ["fallback", "Deterministic", 5, ["deterministic"]])
def test_the_only_policy(policy: Any) -> None:
    (text,) = said("whatsapp", Template("ns:verify", locale="en", policy=policy))
    assert text.startswith("The policy must be 'deterministic'")


@pytest.mark.parametrize("name", ["", " ", None, 5])
@pytest.mark.parametrize("channel", ["whatsapp", "viber"])
def test_a_template_needs_a_name(channel: str, name: Any) -> None:
    locale = "en" if channel == "whatsapp" else ""
    assert said(channel, Template(name, locale=locale)) == [
        "The template's name must be a str and not empty."
    ]


@pytest.mark.parametrize("channel", ["whatsapp", "viber"])
def test_the_parameters_of_a_template_are_texts(channel: str) -> None:
    locale = "en" if channel == "whatsapp" else ""
    numbers: Any = ["Daisy", 12345, None]
    assert said(channel, Template("ns:verify", numbers, locale=locale)) == [
        "Parameter 2 must be a str, not int.",
        "Parameter 3 must be a str, not NoneType.",
    ]
    (text,) = said(channel, Template("ns:verify", "Daisy", locale=locale))
    assert text.startswith("The parameters must be a list of str")


def test_a_template_on_viber_has_neither_locale_nor_policy() -> None:
    assert validate_on("viber", Template("verify", ["Daisy"])).content.parameters == ("Daisy",)
    wrong: list[dict[str, Any]] = [{"locale": "en"}, {"policy": "deterministic"}, {"locale": b""}]
    for extra in wrong:
        (text,) = said("viber", Template("verify", **extra))
        assert text.startswith("Only WhatsApp templates allow a locale and a policy.")


# Places and the provider's own objects


@pytest.mark.parametrize(("latitude", "longitude"), [(90, -180), (-90.0, 180.0), ("51.5", "0")])
def test_a_place_at_the_edge_of_the_map(latitude: Any, longitude: Any) -> None:
    kept = validate_on("whatsapp", Location(latitude, longitude)).content
    assert (float(kept.latitude), float(kept.longitude)) == (float(latitude), float(longitude))


@pytest.mark.parametrize("latitude", [51.5, "51.5", "51.50", Decimal("51.500"), "0" * 60 + "51.5"])
def test_a_place_has_one_spelling(latitude: Any) -> None:
    assert validate_on("whatsapp", Location(latitude, -0.0)).content == Location("51.5", "0")


@pytest.mark.parametrize("degrees", [90.1, "91", -91, "north", "", None, True, "nan", "inf"])
def test_a_place_beyond_the_edge(degrees: Any) -> None:
    assert said("whatsapp", Location(degrees, 0)) == [
        "The latitude must be a number of degrees from -90 to 90."
    ]
    assert validate_on("whatsapp", Location(0, 91))
    assert said("whatsapp", Location(0, 180.1)) == [
        "The longitude must be a number of degrees from -180 to 180."
    ]


def test_an_address_is_shown_beside_a_name_only() -> None:
    assert validate_on("whatsapp", Location(51.5, 0, name="Shop", address="1 High Street"))
    (text,) = said("whatsapp", Location(51.5, 0, address="1 High Street"))
    assert text.startswith("An address requires a name.")
    assert said("whatsapp", Location(51.5, 0, name=5)) == ["The name and the address must be str."]


@pytest.mark.parametrize("channel", SENDERS)
def test_which_channel_carries_the_providers_own_objects(channel: str) -> None:
    content = Custom({"type": "contacts", "contacts": [{"name": {"first_name": "Ada"}}]})
    if channel in {"whatsapp", "viber", "messenger"}:
        assert validate_on(channel, content).content == content
    else:
        assert said(channel, content)


def test_what_no_database_stores_is_replaced_wherever_it_stands() -> None:
    content = Custom({"a\0": ("\0", ["\ud800", {"b": "\0"}])})
    assert validate_on("viber", content).content == Custom(
        {"a\ufffd": ["\ufffd", ["\ufffd", {"b": "\ufffd"}]]}
    )


def nested(depth: int) -> dict[str, Any]:
    return {"a": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize("custom", [{"a": None}, {"a": [1, 2.5, True, "x", {}]}, nested(19)])
def test_an_object_that_json_can_hold(custom: Any) -> None:
    assert validate_on("viber", Custom(custom)).content == Custom(custom)


@pytest.mark.parametrize(
    "custom",
    [
        {},
        None,
        "x",
        [],
        {"a": float("nan")},
        {"a": {1, 2}},
        {"a": b"x"},
        nested(20),
        {(1,): 1},
        {1: 2},
    ],
)
def test_an_object_that_json_cannot_hold(custom: Any) -> None:
    (text,) = said("viber", Custom(custom))
    assert "custom object must" in text


class Picture(Image):
    """A site's own kind, which may say more than a row can keep."""


def test_a_subclass_is_refused_by_name() -> None:
    (text,) = said("whatsapp", Picture(URL))
    assert text.endswith(", not Picture.")


# Options


@pytest.mark.parametrize(
    "options",
    [
        ViberOptions(),
        ViberOptions(category="transaction"),
        ViberOptions(category="promotion", ttl=600, type="template"),
        ViberOptions(ttl=30),
        ViberOptions(ttl=259_200),
    ],
)
def test_options_of_viber(options: ViberOptions) -> None:
    assert validate_on("viber", "Hello", options=options).options in {options, None}


@pytest.mark.parametrize("ttl", [29, 259_201, 0, -600, 600.0, "600", True])
def test_a_ttl_of_viber_that_is_out_of_range(ttl: Any) -> None:
    assert said("viber", "Hello", options=ViberOptions(ttl=ttl)) == [
        "The ttl must be a whole number of seconds from 30 to 259200."
    ]


@pytest.mark.parametrize("category", ["", "Transaction", "update", 5])
def test_a_category_of_viber_that_does_not_exist(category: Any) -> None:
    assert said("viber", "Hello", options=ViberOptions(category=category)) == [
        "The category must be one of transaction, promotion."
    ]


@pytest.mark.parametrize("kind", ["", " ", 5])
def test_a_type_of_viber_is_a_word(kind: Any) -> None:
    assert said("viber", "Hello", options=ViberOptions(type=kind)) == [
        "The type must be a str and not empty: a Viber type, such as template."
    ]


@pytest.mark.parametrize(
    "options",
    [
        MessengerOptions(),
        MessengerOptions(category="response"),
        MessengerOptions(category="update"),
        MessengerOptions(category="message_tag", tag="CONFIRMED_EVENT_UPDATE"),
    ],
)
def test_options_of_messenger(options: MessengerOptions) -> None:
    assert validate_on("messenger", "Hello", options=options).options in {options, None}


def test_a_message_tag_and_its_tag_go_together() -> None:
    assert said("messenger", "Hello", options=MessengerOptions(category="message_tag")) == [
        "The category message_tag requires a tag, such as CONFIRMED_EVENT_UPDATE."
    ]
    for category in (None, "response", "update"):
        options: Any = MessengerOptions(category=category, tag="CONFIRMED_EVENT_UPDATE")
        (text,) = said("messenger", "Hello", options=options)
        assert text.startswith("A tag requires the category message_tag.")


@pytest.mark.parametrize("category", ["", "transaction", 5])
def test_a_category_of_messenger_that_does_not_exist(category: Any) -> None:
    assert said("messenger", "Hello", options=MessengerOptions(category=category)) == [
        "The category must be one of response, update, message_tag."
    ]


@pytest.mark.parametrize("channel", ["sms", "mms", "whatsapp"])
def test_a_channel_without_options(channel: str) -> None:
    content = Image(URL) if channel == "mms" else "Hello"
    (text,) = said(channel, content, options=ViberOptions(ttl=600))
    assert "has no options on API v0.1. Use API v1 instead" in text


@pytest.mark.parametrize("options", [MessengerOptions(), {"ttl": 600}, "promotion", 5])
def test_options_of_another_channel(options: Any) -> None:
    assert said("viber", "Hello", options=options) == ["The options of Viber must be ViberOptions."]


# Addresses


@pytest.mark.parametrize("to", ["x", "0123456789012345", "x" * 50, " 12 "])
def test_a_recipient_on_messenger_is_an_id(to: str) -> None:
    assert validate(to, "Hello", channel="messenger").to == to.strip()


@pytest.mark.parametrize("to", ["", " ", "x" * 51, "a\x00b", "a\nb", "\u202ex", 5, None])
def test_an_id_that_cannot_be_used(to: Any) -> None:
    assert list(problems(to, "Hello", channel="messenger")) == ["to"]


@pytest.mark.parametrize("channel", ["sms", "mms", "whatsapp", "viber"])
def test_a_recipient_elsewhere_is_a_number(channel: str) -> None:
    content = Image(URL) if channel == "mms" else "Hello"
    assert validate("+44 7700 900000", content, channel=channel).to == "447700900000"
    assert list(problems("an-id", content, channel=channel)) == ["to"]


@pytest.mark.parametrize(
    ("channel", "goes_well", "does_not"),
    [
        ("sms", ["SHOP", "12345", "447700900001"], ["A name that is too long"]),
        ("mms", ["12345", "447700900001"], ["SHOP", "12"]),
        ("whatsapp", ["447700900001", "+44 7700 900001"], ["SHOP", "12345"]),
        ("viber", ["654321", "A Viber ID", "x" * 50], ["", "x" * 51]),
        ("messenger", ["107083064136738"], ["", "x" * 51]),
    ],
)
def test_what_a_message_comes_from(channel: str, goes_well: list[str], does_not: list[str]) -> None:
    content = Image(URL) if channel == "mms" else "Hello"
    for sender in goes_well:
        assert validate_on(channel, content, sender=sender).sender in {sender, "447700900001"}
    for sender in does_not:
        assert said(channel, content, sender=sender)


@pytest.mark.parametrize("channel", ["viber", "viber_service_msg", "viber_service"])
def test_viber_under_each_of_its_names(channel: str) -> None:
    assert validate(content="Hello", channel=channel).channel.name == "viber"


@pytest.mark.parametrize(("length", "fine"), [(40, True), (41, False)])
@pytest.mark.parametrize("channel", SENDERS)
def test_a_client_ref_on_every_channel(channel: str, length: int, fine: bool) -> None:
    content = Image(URL) if channel == "mms" else "Hello"
    if fine:
        assert validate_on(channel, content, client_ref="x" * length).client_ref == "x" * length
    else:
        assert said(channel, content, client_ref="x" * length)
