"""Lines typed into the simulator's terminal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_vonage_messages.simulator.terminal import EXAMPLES, read_line
from tests.simulator.bodies import Json

NUMBER = "447700900000"
ID = "0123456789012345"
CAT = "https://example.com/cat.jpg"


def text(value: str) -> Json:
    return {"type": "text", "text": value}


def place(**members: str) -> Json:
    return {"type": "location", "location": {"latitude": "51.5", "longitude": "-0.12"} | members}


@pytest.mark.parametrize(
    ("line", "channel", "from_", "content"),
    [
        (f"{NUMBER}: Hello\n", "sms", NUMBER, text("Hello")),
        (f"  +{NUMBER} :Hello there \n", "sms", NUMBER, text("Hello there")),
        (f"{NUMBER}: image: {CAT}", "sms", NUMBER, text(f"image: {CAT}")),
        (f"{NUMBER} text: Hello", "sms", NUMBER, text("Hello")),
        (f"sms {NUMBER}: Hello", "sms", NUMBER, text("Hello")),
        (f"whatsapp {NUMBER}: Hello", "whatsapp", NUMBER, text("Hello")),
        (f"WhatsApp +{NUMBER}:Hello", "whatsapp", NUMBER, text("Hello")),
        (f"viber {NUMBER}: Hello", "viber", NUMBER, text("Hello")),
        (f"viber_service_msg {NUMBER}: Hello", "viber", NUMBER, text("Hello")),
        (f"messenger {ID}: Hello", "messenger", ID, text("Hello")),
        ("messenger anybody: Hello", "messenger", "anybody", text("Hello")),
        (
            f"mms {NUMBER} image: {CAT}",
            "mms",
            NUMBER,
            {"type": "image", "image": {"url": CAT}},
        ),
        (
            f"whatsapp {NUMBER} image: {CAT}  My cat ",
            "whatsapp",
            NUMBER,
            {"type": "image", "image": {"url": CAT, "caption": "My cat"}},
        ),
        (
            f"messenger {ID} Audio: {CAT}",
            "messenger",
            ID,
            {"type": "audio", "audio": {"url": CAT}},
        ),
        (f"{NUMBER} video: {CAT}", "sms", NUMBER, {"type": "video", "video": {"url": CAT}}),
        (f"{NUMBER} file: {CAT}", "sms", NUMBER, {"type": "file", "file": {"url": CAT}}),
        (f"whatsapp {NUMBER} location: 51.5,-0.12", "whatsapp", NUMBER, place()),
        (
            f"whatsapp {NUMBER} location: 51.5, -0.12 Our office",
            "whatsapp",
            NUMBER,
            place(name="Our office"),
        ),
        (
            f"whatsapp {NUMBER} button: Yes",
            "whatsapp",
            NUMBER,
            {"type": "button", "button": {"payload": "Yes", "text": "Yes"}},
        ),
        (f"whatsapp {NUMBER} unsupported:\n", "whatsapp", NUMBER, {"type": "unsupported"}),
        (f"rcs {NUMBER}: Hello", "rcs", NUMBER, text("Hello")),
        (f"mms {NUMBER} vcard: {CAT}", "mms", NUMBER, {"type": "vcard", "vcard": {"url": CAT}}),
        (
            f"whatsapp {NUMBER} sticker: {CAT} Cat",
            "whatsapp",
            NUMBER,
            {"type": "sticker", "sticker": {"url": CAT}},
        ),
        (
            f"rcs {NUMBER} reply: 9am",
            "rcs",
            NUMBER,
            {"type": "reply", "reply": {"id": "9am", "title": "9am"}},
        ),
        (
            f"whatsapp {NUMBER} reaction: 👍",
            "whatsapp",
            NUMBER,
            {"type": "reaction", "reaction": {"action": "react", "emoji": "👍"}},
        ),
        (
            f"whatsapp {NUMBER} reaction:",
            "whatsapp",
            NUMBER,
            {"type": "reaction", "reaction": {"action": "unreact"}},
        ),
    ],
)
def test_valid_line_is_parsed(line: str, channel: str, from_: str, content: Json) -> None:
    typed = read_line(line)
    assert (typed.channel.name, typed.from_, typed.content) == (channel, from_, content)


@pytest.mark.parametrize(
    ("line", "explanation"),
    [
        ("Hello", "a number, a colon and a text: 447700900000: Hello"),
        (": Hello", "a number, a colon and a text"),
        ("44 7700 900000: Hello", "a number, a colon and a text"),
        (f"whatsapp {NUMBER} a picture: {CAT}", "a number, a colon and a text"),
        ("123456: Hello", "7 to 15 digits"),
        ("1234567890123456: Hello", "7 to 15 digits"),
        (f"{ID}: Hello", "7 to 15 digits"),
        ("whatsapp anybody: Hello", "7 to 15 digits"),
        ("whatsapp: Hello", "7 to 15 digits"),
        ("٤٤٧٧٠٠٩٠٠٠٠٠: Hello", "7 to 15 digits"),
        (
            f"email {NUMBER}: Hello",
            "Unknown channel 'email'. Use one of: sms, mms, whatsapp, viber, mess",
        ),
        (
            f"{NUMBER} order: x",
            "Unknown content type 'order'. Use one of: text, image, audio, video, file,",
        ),
        (f"{NUMBER}:", "a text after the colon"),
        (f"{NUMBER}:  \n", "a text after the colon"),
        (f"{NUMBER} image:", "image: https://example.com/cat.jpg My cat"),
        (f"{NUMBER} file: My cat", "file: https://example.com/cat.jpg My cat"),
        (f"{NUMBER} location: here", "location: 51.5,-0.12 Office"),
        (f"{NUMBER} location: 51.5", "location: 51.5,-0.12 Office"),
        (f"{NUMBER} button:", "button: Yes"),
        (f"{NUMBER} reply:", "reply: 9am"),
        (f"{NUMBER} sticker: x", "sticker: https://example.com/cat.jpg"),
    ],
)
def test_invalid_line_is_explained(line: str, explanation: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*$") as raised:
        read_line(line)
    assert explanation in str(raised.value)


@pytest.mark.parametrize("line", EXAMPLES)
def test_examples_can_be_parsed(line: str) -> None:
    assert read_line(line).content["type"] in {"text", "image"}


@given(st.text() | st.from_regex(r"(sms |viber )?[0-9]{7}( image| location)?: .*", fullmatch=True))
def test_any_line_is_parsed_or_explained(line: str) -> None:
    assert outcome(line) == "read" or re.search("Write|Use one of: ", outcome(line))


def outcome(line: str) -> str:
    try:
        read_line(line)
    except ValueError as exc:
        return str(exc)
    return "read"
