"""Validation of the arguments of send_message(), before anything is stored."""

from collections.abc import Callable
from typing import Any
from unicodedata import category

import phonenumbers
import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from django_vonage_messages import send_message
from django_vonage_messages.backends.locmem import outbox
from django_vonage_messages.content import Image, Text
from django_vonage_messages.exceptions import InvalidMessage
from django_vonage_messages.models import Conversation, Message, StatusEvent
from django_vonage_messages.options import ViberAction, ViberOptions
from django_vonage_messages.services.sending.validation import ValidatedMessage, validate_message
from tests.accounts import v1_account

LOCMEM = "django_vonage_messages.backends.locmem.LocMemBackend"
NUMBER = "447700900000"
REGIONS = [None, "GB", "DE", "US", "IT", "RU", "CI"]


def validate(to: Any = NUMBER, content: Any = "Hello", **changes: Any) -> ValidatedMessage:
    defaults: dict[str, Any] = {
        "channel": "sms",
        "sender": None,
        "account": "default",
        "options": None,
        "client_ref": "",
        "idempotency_key": "",
        "related": None,
        "created_by": None,
    }
    return validate_message(to, content, **(defaults | changes))


def problems(*args: Any, **changes: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidMessage) as caught:
        validate(*args, **changes)
    result: dict[str, list[str]] = caught.value.message_dict
    return result


def accounts(**config: Any) -> Any:
    default = {"BACKEND": LOCMEM, "SENDERS": {"sms": "447700900001"}, **config}
    return override_settings(VONAGE_MESSAGES={"default": default})


class PhoneNumber:
    """A number of ``phonenumber_field``."""

    def __init__(self, as_e164: Any) -> None:
        self.as_e164 = as_e164


# Numbers


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    "to",
    [
        "447700900000",
        "+447700900000",
        "+44 7700 900000",
        "00447700900000",
        "0044 7700 900000",
        "44 7700-900.000",
        "+44 (7700) 900000",
        "+44 (0)7700 900000",
        " 447700900000\n",
        PhoneNumber("+447700900000"),
    ],
)
def test_every_spelling_of_a_number_is_normalised_in_every_region(
    to: Any, region: str | None
) -> None:
    with accounts(REGION=region):
        assert validate(to).to == NUMBER


def test_a_national_number_is_read_in_the_region_of_the_account() -> None:
    with accounts(REGION="GB"):
        assert validate("07700 900000").to == NUMBER
    with accounts(REGION=None):
        assert list(problems("07700 900000")) == ["to"]


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from(REGIONS))
def test_unassigned_numbers_are_accepted_unchanged_in_every_region(
    digits: str, region: str | None
) -> None:
    with accounts(REGION=region):
        assert (
            validate(digits).to == validate(f"+{digits}").to == validate(f"00{digits}").to == digits
        )


@pytest.mark.parametrize(
    "to",
    ["", " ", "+", "00", "0", "123456", "1" * 16, "+0447700900000", "4477OO900000", "SHOP", "4;7"],
)
def test_invalid_number_is_rejected(to: str) -> None:
    assert list(problems(to)) == ["to"]


@pytest.mark.parametrize("to", [None, 447700900000, b"447700900000", [NUMBER], PhoneNumber(None)])
def test_recipient_must_be_text(to: Any) -> None:
    assert problems(to) == {"to": ["The recipient must be a phone number, as text."]}


# Text


@pytest.mark.parametrize("text", ["x" * 1000, "🙂" * 1000, "€" * 1000, "x\n" * 500, " x", "."])
def test_text_of_up_to_1000_characters_is_accepted_unchanged(text: str) -> None:
    assert validate(content=text).content == Text(text)
    assert validate(content=Text(text)).content == Text(text)


@pytest.mark.parametrize("text", ["x" * 1001, "🙂" * 1001, " " * 1000 + "x"])
def test_text_of_1001_characters_is_rejected(text: str) -> None:
    for content in (text, Text(text)):
        assert problems(content=content) == {
            "content": ["The text has 1001 characters; at most 1000 are allowed."]
        }


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u2003"])
def test_empty_text_is_rejected(text: str) -> None:
    assert problems(content=text) == {"content": ["The text is empty."]}


@pytest.mark.parametrize("content", [None, 5, b"Hello", ["Hello"], {"text": "x"}, Text(5)])  # type: ignore[arg-type]
def test_invalid_content_type_is_named(content: Any) -> None:
    name = type(content).__name__
    expected = f"SMS on API v0.1 allows Text (or a str), not {name}."
    if isinstance(content, Text):
        expected = "The text must be a str."
    assert problems(content=content) == {"content": [expected]}


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=1000))
def test_every_text_becomes_storable(text: str) -> None:
    if any(not c.isspace() and category(c) not in {"Cc", "Cf"} for c in text):
        result = validate(content=text).content.text
        assert len(result) == len(text)
        assert "\x00" not in result
        result.encode()


@pytest.mark.parametrize("invisible", ["\u200b", " \u202e\n", "\x00", "\ufeff"])
def test_invisible_text_counts_as_empty(invisible: str) -> None:
    assert problems(content=invisible) == {"content": ["The text is empty."]}


# The other arguments


def test_client_ref_has_at_most_40_characters() -> None:
    assert validate(client_ref="é" * 40).client_ref == "é" * 40
    assert problems(client_ref="x" * 41) == {
        "client_ref": ["This has 41 characters; at most 40 are allowed."]
    }


def test_idempotency_key_has_at_most_200_characters() -> None:
    assert validate(idempotency_key="x" * 200).idempotency_key == "x" * 200
    assert list(problems(idempotency_key="x" * 201)) == ["idempotency_key"]


@pytest.mark.parametrize("name", ["client_ref", "idempotency_key"])
@pytest.mark.parametrize("value", [None, 42, b"x", ["x"]])
def test_references_must_be_text(name: str, value: Any) -> None:
    assert problems(**{name: value}) == {name: ["This must be text."]}


@pytest.mark.parametrize("sender", ["447700900001", "+44 7700 900001", "0044 7700 900001"])
def test_sender_number_is_normalised(sender: str) -> None:
    assert validate(sender=sender).sender == "447700900001"


@pytest.mark.parametrize("sender", ["SHOP", "12345", "My Shop 24"])
def test_sender_may_be_a_name_or_a_short_code(sender: str) -> None:
    assert validate(sender=sender).sender == sender


def test_the_default_sender_is_the_accounts_first() -> None:
    with accounts(SENDERS={"sms": ["SHOP", "447700900001"]}):
        assert validate().sender == "SHOP"


@pytest.mark.parametrize("sender", ["", "A name that is too long", "12", "Ünïcödé", 447700900001])
def test_invalid_sender_is_rejected(sender: Any) -> None:
    assert list(problems(sender=sender)) == ["sender"]


def test_missing_sender_names_the_setting() -> None:
    with accounts(SENDERS={}):
        assert problems() == {
            "sender": [
                "There is no sender: pass sender=…, or set SENDERS['sms'] of the account 'default'."
            ]
        }


@pytest.mark.parametrize("channel", ["fax", "SMS", "", None, 5, ["sms"]])
def test_unknown_channel_is_rejected(channel: Any) -> None:
    usable = "sms, mms, whatsapp, viber, messenger"
    assert problems(channel=channel) == {"channel": [f"Unknown channel; use one of {usable}."]}


def test_channel_of_another_version_is_rejected() -> None:
    assert problems(channel="rcs") == {
        "channel": [
            "API v0.1 cannot send on RCS; use one of sms, mms, whatsapp, viber, messenger. "
            "Use API v1 instead: set the account's API_VERSION."
        ]
    }


@pytest.mark.parametrize("unsaved", [Group(name="x"), Group(pk=5), "orders/5"])
def test_a_related_object_must_be_saved(unsaved: Any) -> None:
    assert problems(related=unsaved) == {
        "related": ["The related object must be a saved model instance."]
    }


def test_a_saved_object_can_be_related(db: None) -> None:
    group = Group.objects.create(name="x")
    assert validate(related=group).related == group


@pytest.mark.parametrize("account", ["shop", "", "DEFAULT"])
def test_error_for_an_unknown_account_lists_the_accounts(account: str) -> None:
    words = rf"no account '{account}'\. Its accounts are 'default'"
    with pytest.raises(ImproperlyConfigured, match=words):
        validate(account=account)


# Several problems at once


def everything_wrong() -> dict[str, Any]:
    return {
        "to": "not a number",
        "content": "x" * 1001,
        "channel": "fax",
        "sender": "a name too long for this",
        "client_ref": "x" * 41,
        "idempotency_key": "x" * 201,
        "related": Group(name="unsaved"),
    }


@pytest.mark.django_db
def test_every_problem_is_listed_at_once_and_nothing_is_stored_or_sent(
    django_assert_num_queries: Callable[..., Any],
) -> None:
    wrong = everything_wrong()
    with django_assert_num_queries(0), pytest.raises(InvalidMessage) as caught:
        send_message(wrong.pop("to"), wrong.pop("content"), **wrong)
    result = caught.value.message_dict
    assert set(result) == set(everything_wrong())
    for field, texts in result.items():
        assert f"{field}: " in str(caught.value)
        for text in texts:
            assert text in str(caught.value)
            assert text.endswith(".")
    assert outbox == []
    for model in (Message, Conversation, StatusEvent):
        assert not model.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", everything_wrong())
def test_one_problem_stops_the_message(wrong: str) -> None:
    call = {"to": NUMBER, "content": "Hello", wrong: everything_wrong()[wrong]}
    with pytest.raises(InvalidMessage) as caught:
        send_message(call.pop("to"), call.pop("content"), **call)
    assert list(caught.value.message_dict) == [wrong]
    assert outbox == []
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_an_unusable_account_stores_nothing() -> None:
    with accounts(BACKEND="nowhere.Backend"), pytest.raises(ImproperlyConfigured):
        send_message(NUMBER, "Hello")
    with accounts(OPTIONS={"retries": 3}), pytest.raises(ImproperlyConfigured):
        send_message(NUMBER, "Hello")
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_values_at_the_limits_are_sent() -> None:
    message = send_message("+44 7700 900000", "x" * 1000, client_ref="r" * 40)
    (sent,) = outbox
    assert sent.body == {
        "client_ref": "r" * 40,
        "to": {"type": "sms", "number": NUMBER},
        "from": {"type": "sms", "number": "447700900001"},
        "message": {"content": {"type": "text", "text": "x" * 1000}},
    }
    assert (message.their_address, message.client_ref) == (NUMBER, "r" * 40)


def test_repr_of_a_validated_message_shows_no_number_or_text() -> None:
    shown = repr(validate(NUMBER, "A secret text"))
    assert NUMBER not in shown
    assert "secret" not in shown


@pytest.mark.parametrize("unsaved_user", [AnonymousUser(), User(username="new"), "ada", 5])
def test_created_by_must_be_a_saved_user(unsaved_user: Any) -> None:
    assert problems(created_by=unsaved_user) == {
        "created_by": ["This must be a saved user or None."]
    }


class FieldNumber:
    as_e164 = "+447700900000"


@pytest.mark.parametrize(
    "to",
    [
        phonenumbers.parse("+447700900000"),
        phonenumbers.parse("07700 900000", "GB"),
        FieldNumber(),
    ],
)
def test_phone_number_objects_are_recipients(to: Any) -> None:
    assert validate(to).to == "447700900000"


def test_leading_zero_of_an_italian_number_stays() -> None:
    assert validate(phonenumbers.parse("+39 06 1234567")).to == "39061234567"


@pytest.mark.parametrize("to", [phonenumbers.PhoneNumber(), object(), 447700900000, None])
def test_incomplete_numbers_are_refused(to: Any) -> None:
    assert list(problems(to)) == ["to"]


def test_lazy_texts_are_translated_when_sent(settings: Any) -> None:
    settings.USE_I18N = True
    text = Text(gettext_lazy("Delete"))
    with translation.override("de"):
        assert validate(content=text).content == Text("Löschen")
        assert validate(content=gettext_lazy("Delete")).content == Text("Löschen")
    with translation.override("fr"):
        assert validate(content=text).content == Text("Supprimer")


def test_lazy_texts_inside_contents_and_options_are_translated() -> None:
    image = validate(content=Image("https://example.com/a.png", gettext_lazy("Delete")),
                  channel="whatsapp").content  # fmt: skip
    assert (image.text, type(image.as_json()["image"]["caption"])) == ("Delete", str)
    options = ViberOptions(action=ViberAction("https://example.com", gettext_lazy("Delete")))  # type: ignore[arg-type]  # options are typed for str
    with v1_account():
        result = validate(channel="viber", options=options).options
    assert result is not None
    assert result.as_json()["action"]["text"] == "Delete"
