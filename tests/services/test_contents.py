"""Contents, options and addresses of each channel on v0.1, at both sides of each limit."""

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.backends.locmem import outbox
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
from django_vonage_messages.options import (
    MessengerOptions,
    SmsOptions,
    ViberOptions,
    WhatsAppOptions,
)
from django_vonage_messages.services.delivery.deliver import deliver
from tests.services.test_validation import problems, validate
from tests.spec import case

URL = "https://example.com/cat.jpg"
SENDERS = settings.VONAGE_MESSAGES["default"]["SENDERS"]
RECIPIENTS = {"messenger": "0123456789012345"}


def content_problems(channel: str, content: Any, **arguments: Any) -> list[str]:
    """Return the problems of a content, all of one field."""
    to = RECIPIENTS.get(channel, "447700900000")
    fields = problems(to, content, channel=channel, **arguments)
    assert len(fields) == 1
    (texts,) = fields.values()
    return texts


def validate_on(channel: str, content: Any, **arguments: Any) -> Any:
    return validate(RECIPIENTS.get(channel, "447700900000"), content, channel=channel, **arguments)


# Texts


@pytest.mark.parametrize(("channel", "limit"), [("sms", 1000), ("whatsapp", 4096), ("viber", 1000)])
def test_text_over_the_limit_is_rejected(channel: str, limit: int) -> None:
    assert validate_on(channel, "🙂" * limit).content == Text("🙂" * limit)
    assert content_problems(channel, "x" * (limit + 1)) == [
        f"The text has {limit + 1} characters; at most {limit} are allowed."
    ]


def test_messenger_texts_have_no_limit_in_v0_1() -> None:
    assert validate_on("messenger", "x" * 20_000).content.text == "x" * 20_000


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "viber", "messenger"])
def test_empty_text_is_rejected(channel: str) -> None:
    assert validate_on(channel, "x").content == Text("x")
    assert content_problems(channel, "") == ["The text is empty."]


# Files

CARRIED = {
    Image: {"mms", "whatsapp", "viber", "messenger"},
    Audio: {"whatsapp", "messenger"},
    Video: {"whatsapp", "messenger"},
    File: {"whatsapp", "messenger"},
}


@pytest.mark.parametrize("channel", SENDERS)
@pytest.mark.parametrize("content_class", CARRIED)
def test_channel_carries_only_its_file_types(channel: str, content_class: Any) -> None:
    content = content_class(URL)
    if channel in CARRIED[content_class]:
        assert validate_on(channel, content).content == content
    else:
        (text,) = content_problems(channel, content)
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
def test_absolute_url_is_accepted(channel: str, url: str) -> None:
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
def test_invalid_url_is_rejected(content_class: Any, url: Any) -> None:
    (text,) = content_problems("messenger", content_class(url))
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
def test_only_some_files_take_a_caption(channel: str, content_class: Any, has_one: bool) -> None:
    content = content_class(URL, caption="My tabby cat, Oliver.")
    if has_one:
        assert validate_on(channel, content).content == content
        assert validate_on(channel, content).content.text == "My tabby cat, Oliver."
        assert content_problems(channel, content_class(URL, caption=5)) == [
            "The caption must be a str."
        ]
    else:
        (text,) = content_problems(channel, content)
        assert text.startswith("This channel allows no caption with this content.")


# Templates


def test_whatsapp_accepts_a_template() -> None:
    content = Template("ns:verify", ["Daisy", "12345"], locale="en-GB", policy="deterministic")
    assert validate_on("whatsapp", content).content == content
    assert validate_on("whatsapp", Template("ns:verify", locale="en")).content.parameters == ()


def test_locale_with_an_underscore_is_sent_unchanged() -> None:
    for locale in case("14-locale.json", ["es_MX", "de_CH"]):
        content: Any = validate_on("whatsapp", Template("ns:verify", locale=locale)).content
        assert content.locale == locale


@pytest.mark.parametrize("locale", ["", "en GB", "e", "english language", "en__GB", "_", None, 5])
def test_whatsapp_template_needs_a_locale(locale: Any) -> None:
    assert content_problems("whatsapp", Template("ns:verify", locale=locale)) == [
        "The template requires a locale, such as en_US or en-GB."
    ]


@pytest.mark.parametrize("policy", ["fallback", "Deterministic", 5, ["deterministic"]])
def test_whatsapp_policy_can_only_be_deterministic(policy: Any) -> None:
    (text,) = content_problems("whatsapp", Template("ns:verify", locale="en", policy=policy))
    assert text.startswith("The policy must be 'deterministic'")


@pytest.mark.parametrize("name", ["", " ", None, 5])
@pytest.mark.parametrize("channel", ["whatsapp", "viber"])
def test_a_template_needs_a_name(channel: str, name: Any) -> None:
    locale = "en" if channel == "whatsapp" else ""
    assert content_problems(channel, Template(name, locale=locale)) == [
        "The template's name must be a str and not empty."
    ]


@pytest.mark.parametrize("channel", ["whatsapp", "viber"])
def test_template_parameters_must_be_str(channel: str) -> None:
    locale = "en" if channel == "whatsapp" else ""
    numbers: Any = ["Daisy", 12345, None]
    assert content_problems(channel, Template("ns:verify", numbers, locale=locale)) == [
        "Parameter 2 must be a str, not int.",
        "Parameter 3 must be a str, not NoneType.",
    ]
    (text,) = content_problems(channel, Template("ns:verify", "Daisy", locale=locale))
    assert text.startswith("The parameters must be a list of str")


def test_viber_template_takes_no_locale_or_policy() -> None:
    assert validate_on("viber", Template("verify", ["Daisy"])).content.parameters == ("Daisy",)
    wrong: list[dict[str, Any]] = [{"locale": "en"}, {"policy": "deterministic"}, {"locale": b""}]
    for extra in wrong:
        (text,) = content_problems("viber", Template("verify", **extra))
        assert text.startswith("Only WhatsApp templates allow a locale and a policy.")


# Locations and provider objects


@pytest.mark.parametrize(("latitude", "longitude"), [(90, -180), (-90.0, 180.0), ("51.5", "0")])
def test_location_accepts_the_largest_coordinates(latitude: Any, longitude: Any) -> None:
    stored = validate_on("whatsapp", Location(latitude, longitude)).content
    assert (float(stored.latitude), float(stored.longitude)) == (float(latitude), float(longitude))


@pytest.mark.parametrize("latitude", [51.5, "51.5", "51.50", Decimal("51.500"), "0" * 60 + "51.5"])
def test_location_normalises_its_coordinates(latitude: Any) -> None:
    assert validate_on("whatsapp", Location(latitude, -0.0)).content == Location("51.5", "0")


@pytest.mark.parametrize("degrees", [90.1, "91", -91, "north", "", None, True, "nan", "inf"])
def test_location_rejects_coordinates_out_of_range(degrees: Any) -> None:
    assert content_problems("whatsapp", Location(degrees, 0)) == [
        "The latitude must be a number of degrees from -90 to 90."
    ]
    assert validate_on("whatsapp", Location(0, 91))
    assert content_problems("whatsapp", Location(0, 180.1)) == [
        "The longitude must be a number of degrees from -180 to 180."
    ]


def test_location_address_needs_a_name() -> None:
    assert validate_on("whatsapp", Location(51.5, 0, name="Shop", address="1 High Street"))
    (text,) = content_problems("whatsapp", Location(51.5, 0, address="1 High Street"))
    assert text.startswith("An address requires a name.")
    assert content_problems("whatsapp", Location(51.5, 0, name=5)) == [
        "The name and the address must be str."
    ]


@pytest.mark.parametrize("channel", SENDERS)
def test_only_some_channels_carry_custom_objects(channel: str) -> None:
    content = Custom({"type": "contacts", "contacts": [{"name": {"first_name": "Ada"}}]})
    if channel in {"whatsapp", "viber", "messenger"}:
        assert validate_on(channel, content).content == content
    else:
        assert content_problems(channel, content)


def test_unstorable_characters_in_a_custom_object_are_replaced() -> None:
    content = Custom({"a\0": ("\0", ["\ud800", {"b": "\0"}])})
    assert validate_on("viber", content).content == Custom(
        {"a\ufffd": ["\ufffd", ["\ufffd", {"b": "\ufffd"}]]}
    )


def nested(depth: int) -> dict[str, Any]:
    return {"a": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize("custom", [{"a": None}, {"a": [1, 2.5, True, "x", {}]}, nested(19)])
def test_json_object_is_accepted(custom: Any) -> None:
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
def test_value_that_is_not_a_json_object_is_rejected(custom: Any) -> None:
    (text,) = content_problems("viber", Custom(custom))
    assert "custom object must" in text


class Picture(Image):
    """A content class of a site; its extra fields could not be stored."""


def test_subclass_of_a_content_is_rejected_by_name() -> None:
    (text,) = content_problems("whatsapp", Picture(URL))
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
def test_viber_options_are_accepted(options: ViberOptions) -> None:
    assert validate_on("viber", "Hello", options=options).options in {options, None}


@pytest.mark.parametrize("ttl", [29, 259_201, 0, -600, 600.0, "600", True])
def test_viber_ttl_out_of_range_is_rejected(ttl: Any) -> None:
    assert content_problems("viber", "Hello", options=ViberOptions(ttl=ttl)) == [
        "The ttl must be a whole number of seconds from 30 to 259200."
    ]


@pytest.mark.parametrize("category", ["", "Transaction", "update", 5])
def test_unknown_viber_category_is_rejected(category: Any) -> None:
    assert content_problems("viber", "Hello", options=ViberOptions(category=category)) == [
        "The category must be one of transaction, promotion."
    ]


@pytest.mark.parametrize("kind", ["", " ", 5])
def test_viber_type_must_not_be_empty(kind: Any) -> None:
    assert content_problems("viber", "Hello", options=ViberOptions(type=kind)) == [
        "The type must be a str and not empty: a Viber type, such as template."
    ]


@pytest.mark.parametrize(
    "options",
    [
        MessengerOptions(),
        MessengerOptions(category="response"),
        MessengerOptions(category="update"),
        *(
            MessengerOptions(category=category, tag="CONFIRMED_EVENT_UPDATE")
            for category in (None, "response", "update", "message_tag")
        ),
    ],
)
def test_messenger_options_are_accepted(options: MessengerOptions) -> None:
    assert validate_on("messenger", "Hello", options=options).options in {options, None}


def test_category_message_tag_requires_a_tag() -> None:
    assert content_problems(
        "messenger", "Hello", options=MessengerOptions(category="message_tag")
    ) == ["The category message_tag requires a tag, such as CONFIRMED_EVENT_UPDATE."]


@pytest.mark.parametrize("category", ["", "transaction", 5])
def test_unknown_messenger_category_is_rejected(category: Any) -> None:
    assert content_problems("messenger", "Hello", options=MessengerOptions(category=category)) == [
        "The category must be one of response, update, message_tag."
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("channel", "options", "member", "expected"),
    [
        ("sms", SmsOptions(extra={"message": {"sms": {"newer": 1}}}), "sms", {"newer": 1}),
        (
            "viber",
            ViberOptions(ttl=600, extra={"message": {"viber_service_msg": {"newer": 1}}}),
            "viber_service_msg",
            {"ttl": 600, "newer": 1},
        ),
        ("whatsapp", WhatsAppOptions(extra={"message": {"newer": 1}}), "newer", 1),
    ],
)
def test_extra_is_added_to_the_request(
    channel: Any, options: Any, member: str, expected: object
) -> None:
    send_message("447700900000", "Hello", channel=channel, options=options)
    body = outbox[-1].body
    assert body["message"].pop(member) == expected
    send_message("447700900000", "Hello", channel=channel)
    expected_body = outbox[-1].body
    assert body | {"client_ref": ""} == expected_body | {"client_ref": ""}


@pytest.mark.django_db
def test_extra_of_a_file_is_stored_and_added_to_the_file() -> None:
    image = Image(URL, extra={"newer": 1})
    message = queue_message("447700900000", image, channel="messenger")
    deliver(message.pk)
    assert outbox[-1].body["message"]["content"]["image"] == {"url": URL, "newer": 1}
    assert outbox[-1].content == image


@pytest.mark.parametrize("options", [MessengerOptions(), {"ttl": 600}, "promotion", 5])
def test_options_of_another_channel_are_rejected(options: Any) -> None:
    assert content_problems("viber", "Hello", options=options) == [
        "The options of Viber must be ViberOptions."
    ]


# Addresses


@pytest.mark.parametrize("to", ["x", "0123456789012345", "x" * 50, " 12 "])
def test_messenger_recipient_is_an_id(to: str) -> None:
    assert validate(to, "Hello", channel="messenger").to == to.strip()


@pytest.mark.parametrize("to", ["", " ", "x" * 51, "a\x00b", "a\nb", "\u202ex", 5, None])
def test_invalid_messenger_id_is_rejected(to: Any) -> None:
    assert list(problems(to, "Hello", channel="messenger")) == ["to"]


@pytest.mark.parametrize("channel", ["sms", "mms", "whatsapp", "viber"])
def test_recipient_on_other_channels_is_a_phone_number(channel: str) -> None:
    content = Image(URL) if channel == "mms" else "Hello"
    assert validate("+44 7700 900000", content, channel=channel).to == "447700900000"
    assert list(problems("an-id", content, channel=channel)) == ["to"]


@pytest.mark.parametrize(
    ("channel", "valid", "invalid"),
    [
        ("sms", ["SHOP", "12345", "447700900001"], ["A name that is too long"]),
        ("mms", ["12345", "447700900001"], ["SHOP", "12"]),
        ("whatsapp", ["447700900001", "+44 7700 900001"], ["SHOP", "12345"]),
        ("viber", ["654321", "A Viber ID", "x" * 50], ["", "x" * 51]),
        ("messenger", ["107083064136738"], ["", "x" * 51]),
    ],
)
def test_sender_is_validated_for_each_channel(
    channel: str, valid: list[str], invalid: list[str]
) -> None:
    content = Image(URL) if channel == "mms" else "Hello"
    for sender in valid:
        assert validate_on(channel, content, sender=sender).sender in {sender, "447700900001"}
    for sender in invalid:
        assert content_problems(channel, content, sender=sender)


@pytest.mark.parametrize("channel", ["viber", "viber_service_msg", "viber_service"])
def test_viber_is_found_under_each_of_its_names(channel: str) -> None:
    assert validate(content="Hello", channel=channel).channel.name == "viber"


@pytest.mark.parametrize(("length", "fine"), [(40, True), (41, False)])
@pytest.mark.parametrize("channel", SENDERS)
def test_client_ref_has_at_most_40_characters_on_every_channel(
    channel: str, length: int, fine: bool
) -> None:
    content = Image(URL) if channel == "mms" else "Hello"
    if fine:
        assert validate_on(channel, content, client_ref="x" * length).client_ref == "x" * length
    else:
        assert content_problems(channel, content, client_ref="x" * length)
