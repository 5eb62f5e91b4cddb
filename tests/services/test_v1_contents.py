"""Contents and options of each channel on v1, and their rejection on v0.1."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import pytest

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.backends.locmem import outbox
from django_vonage_messages.content import (
    Attachments,
    Audio,
    Card,
    Carousel,
    Custom,
    File,
    Image,
    Reaction,
    Sticker,
    Template,
    Text,
    VCard,
    Video,
)
from django_vonage_messages.content.suggestions import (
    CreateCalendarEvent,
    Dial,
    OpenUrl,
    OpenUrlInWebview,
    Reply,
    ShareLocation,
    ViewLocation,
)
from django_vonage_messages.exceptions import MessageNotSent
from django_vonage_messages.options import (
    MessengerOptions,
    MmsOptions,
    RcsOptions,
    SmsOptions,
    ViberAction,
    ViberOptions,
    WhatsAppOptions,
)
from django_vonage_messages.services.delivery.deliver import deliver
from tests.accounts import changed_account, v1_account
from tests.services.test_contents import content_problems, validate_on
from tests.services.test_validation import problems

URL = "https://example.com/cat.jpg"
CARD = Card("Oliver", "A tabby cat", URL)
FILM = Video(URL, thumb_url=URL)
ABOUT = WhatsAppOptions(context="uuid")


@pytest.fixture
def on_v1() -> Iterator[None]:
    with v1_account():
        yield


class Uncomparable:
    """A value whose comparison raises, like that of an array."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("ambiguous")

    __hash__ = object.__hash__


class Seconds(IntEnum):
    ONE = 1


CYCLE: dict[str, Any] = {}
CYCLE |= {"a": [CYCLE, CYCLE], "b": [CYCLE, CYCLE]}


def chips(*suggestions: Any) -> RcsOptions:
    return RcsOptions(suggestions=list(suggestions))


@pytest.mark.usefixtures("on_v1")
@pytest.mark.parametrize(
    ("channel", "content", "options"),
    [
        ("sms", "x" * 3200, None),
        ("mms", "x" * 9000, None),
        ("mms", VCard(URL, "c" * 3000), None),
        ("whatsapp", Image(URL, "c" * 3000), None),
        ("whatsapp", Video(URL, "c" * 4000), None),
        ("whatsapp", Sticker(id="1"), None),
        ("whatsapp", Reaction("👍"), ABOUT),
        ("messenger", "x" * 640, None),
        ("rcs", "x" * 3072, None),
        ("rcs", Carousel([CARD] * 10), None),
        ("viber", File(URL, name="n" * 25), None),
        ("viber", FILM, ViberOptions(duration=600, file_size=200)),
        ("viber", "Hello", ViberOptions(action=ViberAction(URL, "t" * 30))),
        ("viber", Image(URL, "Look"), ViberOptions(action=ViberAction(URL, "Go"))),
        ("mms", "Hello", MmsOptions(ttl=300)),
        ("rcs", "Hello", RcsOptions(ttl=2_592_000, category="service-request")),
        ("rcs", "Hello", chips(*[Reply("x" * 25, "y")] * 11)),
        ("rcs", "Hello", chips(ShareLocation("a", "b"), ViewLocation("a", "b", "51.5", "-0.1"))),
        ("rcs", "Hello", chips(OpenUrlInWebview("a", "b", URL, view_mode="TALL"))),
        (
            "rcs",
            "Hello",
            chips(CreateCalendarEvent("a", "b", "2026-11-24T10:00:00Z", "…", "Visit")),
        ),
        ("sms", "Hello", SmsOptions(extra={"sms": {"newer": 1}})),
        ("messenger", "Hello", MessengerOptions(webhook_version="v1")),
    ],
)
def test_content_and_options_are_accepted(channel: str, content: Any, options: Any) -> None:
    assert validate_on(channel, content, options=options).options == options


@pytest.mark.usefixtures("on_v1")
@pytest.mark.parametrize(
    ("channel", "content", "options", "word"),
    [
        ("sms", "x" * 3201, None, "3200"),
        ("sms", Image(URL), None, "Image"),
        ("mms", Image(URL, "c" * 3001), None, "3000"),
        ("mms", Attachments([]), None, "not empty"),
        ("mms", Attachments([Image(URL), Sticker(URL)]), None, "File 2"),
        ("mms", Attachments([Image("cat.jpg")]), None, "File 1: The url"),
        ("mms", Custom({"a": 1}), None, "Custom"),
        ("whatsapp", Audio(URL, "c"), None, "caption"),
        ("whatsapp", Image(URL, "c" * 3001), None, "3000"),
        ("whatsapp", Sticker(), None, "either a url or an id"),
        ("whatsapp", Sticker(URL, "1"), None, "either a url or an id"),
        ("whatsapp", Sticker("cat.webp"), None, "url"),
        ("whatsapp", Reaction(), ABOUT, "emoji"),
        ("whatsapp", Reaction("👍", "unreact"), ABOUT, "no emoji"),
        ("whatsapp", Reaction("👍", "like"), ABOUT, "'react' or"),  # type: ignore[arg-type]
        ("whatsapp", Reaction("👍"), None, "context"),
        ("whatsapp", Reaction("👍"), WhatsAppOptions(), "context"),
        ("whatsapp", Template("ns:a"), None, "locale"),
        ("whatsapp", Card("a", "b", URL), None, "Card"),
        ("messenger", "x" * 641, None, "640"),
        ("messenger", Custom({"a": 1}), None, "Custom"),
        ("viber", Template("a"), None, "Template"),
        ("viber", Video(URL), ViberOptions(duration=1, file_size=1), "thumb_url"),
        ("viber", FILM, None, "duration"),
        ("viber", FILM, ViberOptions(duration=1), "file_size"),
        ("viber", FILM, ViberOptions(duration=601, file_size=1), "600"),
        ("viber", FILM, ViberOptions(duration=1, file_size=201), "200"),
        ("viber", "Hello", ViberOptions(duration=1, file_size=1), "Only a Video allows"),
        ("viber", FILM, ViberOptions(duration=1, file_size=1, action=ViberAction(URL, "a")), "act"),
        ("viber", Image(URL), ViberOptions(action=ViberAction(URL, "Go")), "caption"),
        ("viber", "Hello", ViberOptions(action=ViberAction(URL, "t" * 31)), "30"),
        ("viber", "Hello", ViberOptions(action=ViberAction("/", "Go")), "action's url"),
        ("viber", "Hello", ViberOptions(action={"url": URL}), "ViberAction"),  # type: ignore[arg-type]
        ("viber", File(URL, name="n" * 26), None, "25"),
        ("rcs", "x" * 3073, None, "3072"),
        ("rcs", Audio(URL), None, "Audio"),
        ("rcs", Image(URL, "c"), None, "caption"),
        ("rcs", Card("", "b", URL), None, "title"),
        ("rcs", Card("t" * 201, "b", URL), None, "200"),
        ("rcs", Card("a", "b" * 2001, URL), None, "2000"),
        ("rcs", Card("a", "b", "cat.jpg"), None, "media_url"),
        ("rcs", Card("a", "b", URL, thumbnail_url="x"), None, "thumbnail_url"),
        ("rcs", Card("a", "b", URL, media_height="BIG"), None, "media_height"),  # type: ignore[arg-type]
        ("rcs", Card("a", "b", URL, suggestions=[Reply("a", "b")] * 5), None, "at most 4"),
        ("rcs", Card("a", "b", URL, suggestions=["Yes"]), None, "Suggestion 1"),  # type: ignore[list-item]
        ("rcs", Carousel([CARD]), None, "2 to 10"),
        ("rcs", Carousel([CARD] * 11), None, "2 to 10"),
        ("rcs", Carousel([CARD, Card("a", "", URL)]), None, "Card 2"),
        ("rcs", "Hello", RcsOptions(ttl=299), "300"),
        ("rcs", "Hello", RcsOptions(webhook_version="v1"), "webhook_version"),
        ("rcs", "Hello", chips(*[Reply("a", "b")] * 12), "at most 11"),
        ("rcs", "Hello", chips(Reply("a" * 26, "b")), "25"),
        ("rcs", "Hello", chips(Reply("a", "")), "postback_data"),
        ("rcs", "Hello", chips(Reply("a", 5)), "postback_data must be a str"),  # type: ignore[arg-type]
        ("rcs", "Hello", chips(Dial("a", "b", "0207")), "phone_number"),
        ("rcs", "Hello", chips(Dial("a", "b", "+²³")), "phone_number"),
        ("rcs", "Hello", chips(ViewLocation("a", "b", "1_0", "0")), "latitude"),
        ("whatsapp", Sticker(URL, None), None, "must be str"),  # type: ignore[arg-type]
        ("whatsapp", Sticker([], "12"), None, "must be str"),  # type: ignore[arg-type]
        ("whatsapp", Reaction("👍", Uncomparable()), ABOUT, "'react' or"),  # type: ignore[arg-type]
        ("rcs", Card("a", "b", URL, media_height=Uncomparable()), None, "media_height"),  # type: ignore[arg-type]
        ("sms", "Hello", SmsOptions(encoding_type=Uncomparable()), "encoding_type"),  # type: ignore[arg-type]
        ("sms", "Hello", SmsOptions(ttl=10**5000), "ttl"),
        ("viber", FILM, ViberOptions(duration=Seconds.ONE, file_size=1), "duration"),
        ("whatsapp", Custom(CYCLE), None, "JSON"),
        ("whatsapp", Custom({"a\x00": 1, "a\ufffd": 2}), None, "still differ when stored"),
        ("rcs", "Hello", chips(OpenUrl("a", "b", "cat")), "url"),
        ("rcs", "Hello", chips(ViewLocation("a", "b", "91", "0")), "latitude"),
        ("rcs", CARD, chips(Reply("a", "b")), "Only a Text allows"),
        ("rcs", CARD, RcsOptions(image_alignment="LEFT"), "HORIZONTAL"),
        ("rcs", "Hello", RcsOptions(card_orientation="VERTICAL"), "Card"),
        ("rcs", CARD, RcsOptions(card_width="SMALL"), "Carousel"),
        ("mms", "Hello", MmsOptions(ttl=259_201), "259200"),
        ("sms", "Hello", SmsOptions(ttl=0), "ttl"),
        ("sms", "Hello", SmsOptions(encoding_type="utf8"), "encoding_type"),  # type: ignore[arg-type]
        ("sms", "Hello", SmsOptions(webhook_url="/status"), "webhook_url"),
        ("sms", "Hello", SmsOptions(trusted_recipient=1), "True or False"),  # type: ignore[arg-type]
        ("sms", "Hello", SmsOptions(extra={}), "extra"),
        ("sms", "Hello", SmsOptions(extra={"failover": []}), "failover"),
        ("sms", "Hello", SmsOptions(extra={"to": "1"}), "replace 'to'"),
        ("sms", "Hello", SmsOptions(ttl=9, extra={"ttl": 1}), "replace 'ttl'"),
        ("sms", "Hello", SmsOptions(extra={"text": {"a": 1}}), "replace 'text'"),
        (
            "sms",
            "Hello",
            SmsOptions(entity_id="e", extra={"sms": {"entity_id": "f"}}),
            "replace 'sms.entity_id'",
        ),
        ("sms", "Hello", SmsOptions(extra={"a": float("nan")}), "JSON"),
        ("whatsapp", Image(URL, extra={"url": "x"}), None, "replace 'url'"),
        ("whatsapp", Image(URL, extra={}), None, "The extra must be a dict and not empty"),
        ("mms", Attachments([Image(URL, extra={"type": "x"})]), None, "File 1: The extra would"),
        ("mms", Attachments([Image(URL, extra=[1])]), None, "File 1: The extra must be"),  # type: ignore[arg-type]
        ("rcs", Card("a", "b", URL, extra={"text": "x"}), None, "replace 'text'"),
        ("rcs", Carousel([CARD, Card("a", "b", URL, extra={"title": 1})]), None, "Card 2: The ext"),
        ("rcs", "Hello", chips(Reply("a", "b", extra={"type": "dial"})), "Suggestion 1: The extra"),
        ("rcs", "Hello", chips(Reply("a", "b", extra={"n": CYCLE})), "Suggestion 1: The extra"),
        ("sms", "Hello", MmsOptions(ttl=300), "SmsOptions"),
    ],
)
def test_content_or_options_are_rejected(
    channel: str, content: Any, options: Any, word: str
) -> None:
    texts = content_problems(channel, content, options=options)
    assert word in " ".join(texts)
    assert outbox == []


@pytest.mark.parametrize(
    ("channel", "content", "options", "word"),
    [
        ("whatsapp", Sticker(URL), None, "Sticker"),
        ("whatsapp", Reaction("👍"), None, "Reaction"),
        ("whatsapp", "Hello", ABOUT, "has no option context. Use API v1 instead"),
        ("whatsapp", File(URL, name="a.pdf"), None, "name"),
        ("whatsapp", Video(URL, "Look"), None, "caption"),
        ("whatsapp", Video(URL, thumb_url=URL), None, "thumb_url"),
        ("mms", "Hello", None, "MMS on API v0.1 allows Image"),
        ("mms", Attachments([Image(URL)]), None, "Attachments"),
        ("sms", "Hello", SmsOptions(ttl=60), "SMS on API v0.1 has no option ttl. Use API v1"),
        ("viber", "Hello", ViberOptions(action=ViberAction(URL, "Go")), "action"),
        ("viber", "Hello", ViberOptions(webhook_url=URL), "webhook_url"),
        ("viber", "Hello", ViberOptions(extra={"to": "1"}), "replace 'to'"),
        (
            "sms",
            "Hello",
            SmsOptions(extra={"message": {"content": 1}}),
            "replace 'message.content'",
        ),
        ("whatsapp", Image(URL, extra={"url": "x"}), None, "replace 'url'"),
        ("messenger", "Hello", MessengerOptions(trusted_recipient=True), "trusted_recipient"),
    ],
)
def test_v0_1_names_the_content_or_option_that_it_rejects(
    channel: str, content: Any, options: Any, word: str
) -> None:
    assert word in " ".join(content_problems(channel, content, options=options))


def test_v0_1_rejects_rcs() -> None:
    fields = problems("447700900000", "Hello", channel="rcs", sender="Vonage")
    assert "API v0.1 cannot send on RCS" in fields["channel"][0]


@pytest.mark.usefixtures("on_v1")
@pytest.mark.parametrize("sender", ["Vonage Ltd", "Vonage!", "V" * 51])
def test_invalid_rcs_sender_is_rejected(sender: str) -> None:
    assert list(problems("447700900000", "Hello", channel="rcs", sender=sender)) == ["sender"]


@pytest.mark.usefixtures("on_v1")
def test_repr_shows_no_extra_url_or_text() -> None:
    assert "secret" not in repr(SmsOptions(extra={"a": "secret"}, webhook_url="https://secret.io"))
    assert "secret" not in repr(ViberAction("https://secret.io", "secret"))
    assert "secret" not in repr(
        [Text("secret"), Card("secret", "secret", URL), Reply("secret", "")]
    )


@pytest.mark.django_db
def test_message_queued_for_v1_fails_on_v0_1_instead_of_losing_parts() -> None:
    with v1_account():
        sticker = queue_message("447700900000", Sticker(URL), channel="whatsapp")
        aged = queue_message("447700900000", "Hello", options=SmsOptions(ttl=60))
        long = queue_message("447700900000", "Hello", client_ref="r" * 41)
        both = queue_message("447700900000", "Hello", client_ref="r" * 40)
    for message in (sticker, aged, long, both):
        deliver(message.pk)
        message.refresh_from_db()

    assert [m.status for m in (sticker, aged, long, both)] == ["failed"] * 3 + ["accepted"]
    assert "not Sticker" in sticker.error_detail
    assert "SMS on API v0.1 has no option ttl" in aged.error_detail
    assert "client_ref has more than 40" in long.error_detail
    assert [sent.body["client_ref"] for sent in outbox] == ["r" * 40]


@pytest.mark.django_db
def test_repeated_call_raises_not_sent_for_a_message_that_v0_1_could_not_carry() -> None:
    with v1_account():
        first = queue_message("447700900000", Sticker(URL), channel="whatsapp", idempotency_key="k")
    deliver(first.pk)
    with v1_account(), pytest.raises(MessageNotSent, match="does not support this message"):
        send_message("447700900000", Sticker(URL), channel="whatsapp", idempotency_key="k")


@pytest.mark.django_db
def test_both_versions_store_the_same_content() -> None:
    rows = []
    for account in (changed_account(), v1_account()):
        with account:
            message = send_message("447700900000", Image(URL, "Oliver"), channel="whatsapp")
            rows.append((message.content_type, message.content, message.text, message.options))
    assert rows[0] == rows[1]
    v0_1, v1 = (sent.body for sent in outbox)
    assert v0_1["message"]["content"]["image"] == v1["image"]
