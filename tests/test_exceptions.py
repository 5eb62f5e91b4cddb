"""Exceptions: one root, the API's error as attributes, no private data in ``str()``."""

import copy
import inspect
import pickle
import traceback
from typing import Any

import pytest
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.test import override_settings
from rest_framework.fields import get_error_detail

from django_vonage_messages import exceptions, send_message
from django_vonage_messages.exceptions import (
    ConnectionFailed,
    DeliveryUnconfirmed,
    IdempotencyConflict,
    InvalidMessage,
    MessageNotSent,
    MessageRejected,
    RateLimited,
    RecipientNotAllowed,
    RecipientSuppressed,
    UpdateUnconfirmed,
    VonageMessagesError,
)
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.outcomes import (
    NotSent,
    Outcome,
    Rejected,
    Throttled,
    Unconfirmed,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.testing import outcomes

NUMBER, TEXT = "447700900000", 'Your "code" is 1234 – don\'t share it'
INSTANCE = "f94b4e8d0c5b4a0f8f3b2f1e0d9c8b7a"
API_ERROR = ErrorInfo(
    code="InvalidParams",
    title=f"Invalid: {NUMBER}",
    detail=f"to +{NUMBER}: cannot send {TEXT}",
    instance=INSTANCE,
)
ERRORS = [
    error
    for _, error in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(error, VonageMessagesError)
]
PLAIN = [error for error in ERRORS if not issubclass(error, InvalidMessage)]
PROBLEMS = {"to": ["The number is empty."], "content": ["Too long.", "And 100% wrong %s."]}

SETTINGS = {
    "default": {
        "BACKEND": "django_vonage_messages.backends.locmem.LocMemBackend",
        "SENDERS": {"sms": "447700900001"},
        "SIGNATURE_SECRETS": ["a signature secret of the tests"],
    }
}


def shown(exc: BaseException) -> str:
    """Return every text that a log, traceback or error page shows of an exception."""
    printed = "".join(traceback.format_exception_only(exc))
    return f"{exc} {exc!r} {exc.args!r} {printed} {exc}"


def assert_discreet(exc: BaseException) -> None:
    for secret in (NUMBER, "7700900000", TEXT, "1234", "Your"):
        assert secret not in shown(exc)


# Class hierarchy


def test_all_errors_have_one_root() -> None:
    assert len(ERRORS) == 14
    assert all(issubclass(error, VonageMessagesError) for error in ERRORS)


@pytest.mark.parametrize(
    ("error", "bases"),
    [
        (InvalidMessage, [ValidationError]),
        (RecipientSuppressed, [InvalidMessage, ValidationError]),
        (MessageRejected, [MessageNotSent]),
        (RecipientNotAllowed, [MessageNotSent]),
        (RateLimited, [MessageNotSent]),
        (ConnectionFailed, [MessageNotSent, ConnectionError, OSError]),
    ],
)
def test_errors_inherit_from_standard_exceptions(error: type[Exception], bases: list[type]) -> None:
    assert all(issubclass(error, base) for base in bases)


def test_unconfirmed_error_is_neither_unsent_nor_retryable() -> None:
    assert not issubclass(DeliveryUnconfirmed, MessageNotSent)
    retryable = {error for error in ERRORS if error.retryable}
    assert retryable == {RateLimited, ConnectionFailed, UpdateUnconfirmed}


# Attributes of an error


@pytest.mark.parametrize("error", PLAIN)
def test_error_carries_the_message_and_the_error_of_the_api(
    error: type[VonageMessagesError],
) -> None:
    message = Message(text=TEXT, their_address=NUMBER)
    exc = error(f"Refused. {API_ERROR.title}: {API_ERROR.detail}", message=message, error=API_ERROR)
    assert exc.message is message
    assert (exc.title, exc.detail) == (API_ERROR.title, API_ERROR.detail)
    assert (exc.code, exc.instance) == ("InvalidParams", INSTANCE)
    assert_discreet(exc)
    assert str(exc).startswith("Refused. Invalid: ")
    assert "cannot send [text]" in str(exc)


@pytest.mark.parametrize("error", PLAIN)
def test_error_attributes_are_empty_by_default(error: type[VonageMessagesError]) -> None:
    exc = error("Refused.")
    assert (exc.message, exc.title, exc.detail, exc.code, exc.instance) == (None, "", "", "", "")
    assert (str(exc), exc.args) == ("Refused.", ("Refused.",))
    assert repr(exc) == f"{error.__name__}('Refused.')"


@pytest.mark.parametrize("error", PLAIN)
def test_error_can_be_pickled_and_copied(error: type[VonageMessagesError]) -> None:
    exc = error("Refused.", message=Message(text=TEXT), error=API_ERROR)
    if isinstance(exc, RateLimited):
        exc.retry_after = 3.0
    for again in (pickle.loads(pickle.dumps(exc)), copy.copy(exc), copy.deepcopy(exc)):
        assert type(again) is error
        assert (str(again), again.detail, again.instance) == (
            "Refused.",
            API_ERROR.detail,
            INSTANCE,
        )
        assert again.message.text == TEXT
        assert getattr(again, "retry_after", None) == getattr(exc, "retry_after", None)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        (TEXT, TEXT),
        (TEXT, r"Your \"code\" is 1234 – don't share it"),
        (TEXT, r"Your \"code\" is 1234 \u2013 don't share it"),
        ("123456", "123456"),
        ("  Your secret  \n", "Your secret"),
        ("two\nlines", r"two\nlines"),
    ],
)
def test_text_of_the_message_is_replaced(text: str, quoted: str) -> None:
    exc = MessageRejected(f'The API said: "{quoted}" is no.', message=Message(text=text))
    assert str(exc) == 'The API said: "[text]" is no.'


@pytest.mark.parametrize("text", ["", "a", "the", " "])
def test_short_text_is_not_replaced(text: str) -> None:
    exc = MessageRejected("The API refused the message.", message=Message(text=text))
    assert str(exc) == "The API refused the message."


@pytest.mark.parametrize(
    "message_text",
    [
        f"to +{NUMBER} is barred",
        "to +44 7700 900000 is barred",
        "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl",
        "api_secret=hunter2hunter2",
        "https://user:hunter2hunter2@api.nexmo.com/?x=hunter2hunter2",
        "mail me@example.com",
    ],
)
def test_message_of_an_error_is_redacted(message_text: str) -> None:
    for error in PLAIN:
        text_shown = shown(error(message_text))
        for secret in ("7700", "eyJhbGci", "hunter2hunter2", "me@example"):
            assert secret not in text_shown


# Errors of send_message()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (Rejected(error=API_ERROR), MessageRejected),
        (Throttled(error=API_ERROR, retry_after=7.0), RateLimited),
        (NotSent(API_ERROR.title, API_ERROR.detail), ConnectionFailed),
        (Unconfirmed(API_ERROR.title, API_ERROR.detail), DeliveryUnconfirmed),
    ],
)
def test_error_of_the_api_is_on_the_exception_and_not_in_the_log(
    outcome: Outcome, error: type[VonageMessagesError], caplog: pytest.LogCaptureFixture
) -> None:
    outcomes.append(outcome)
    with override_settings(VONAGE_MESSAGES=SETTINGS), pytest.raises(error) as caught:
        send_message(NUMBER, TEXT)
    exc = caught.value
    assert_discreet(exc)
    assert exc.message == Message.objects.get()
    assert (exc.title, exc.detail) == (API_ERROR.title, API_ERROR.detail)
    assert exc.instance == outcome.error.instance
    assert getattr(exc, "retry_after", None) == outcome.retry_after
    assert NUMBER not in caplog.text
    assert TEXT not in caplog.text


@pytest.mark.django_db
def test_a_failure_after_the_commit_is_logged_without_number_and_text(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    outcomes.append(Rejected(error=API_ERROR))
    with (
        override_settings(VONAGE_MESSAGES=SETTINGS),
        django_capture_on_commit_callbacks(execute=True),
        transaction.atomic(),
    ):
        message = send_message(NUMBER, TEXT)
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("django_vonage_messages", "WARNING")
    assert str(message.reference) in record.getMessage()
    assert "Invalid: " in record.getMessage()
    for secret in (NUMBER, TEXT):
        assert secret not in caplog.text


@pytest.mark.django_db
def test_conflict_carries_the_earlier_message() -> None:
    first = send_message(NUMBER, TEXT, idempotency_key="order-42")
    with pytest.raises(IdempotencyConflict) as caught:
        send_message(NUMBER, "Another text", idempotency_key="order-42")
    assert caught.value.message == first
    assert_discreet(caught.value)


# InvalidMessage, which is a ValidationError too


class SendForm(forms.Form):
    to = forms.CharField()
    content = forms.CharField()

    def clean(self) -> None:
        self.add_error(None, InvalidMessage(PROBLEMS))


@pytest.fixture(params=[InvalidMessage, RecipientSuppressed])
def invalid(request: pytest.FixtureRequest) -> InvalidMessage:
    exc: InvalidMessage = request.param(PROBLEMS)
    return exc


def test_every_problem_is_listed_by_field(invalid: InvalidMessage) -> None:
    assert invalid.message_dict == PROBLEMS
    assert invalid.messages == [text for texts in PROBLEMS.values() for text in texts]
    assert dict(invalid) == PROBLEMS
    assert invalid.update_error_dict({}).keys() == PROBLEMS.keys()
    assert not hasattr(
        invalid, "error_list"
    )  # otherwise it would contain a problem without a field


def test_str_contains_one_sentence_for_each_problem(invalid: InvalidMessage) -> None:
    text = "Nothing was sent. to: The number is empty. content: Too long. And 100% wrong %s."
    assert str(invalid) == text
    assert repr(invalid) == f"{type(invalid).__name__}({text!r})"
    assert invalid.args == (text,)


def test_invalid_message_has_no_message_or_api_error(invalid: InvalidMessage) -> None:
    assert (invalid.message, invalid.code, invalid.title) == (None, "", "")
    assert (invalid.detail, invalid.instance) == ("", "")
    assert invalid.retryable is False


def test_invalid_message_equals_only_itself(invalid: InvalidMessage) -> None:
    twin = type(invalid)(PROBLEMS)
    assert invalid == invalid
    assert invalid != twin
    assert len({invalid, twin, invalid}) == 2


def test_invalid_message_can_be_pickled_and_copied(invalid: InvalidMessage) -> None:
    for again in (pickle.loads(pickle.dumps(invalid)), copy.copy(invalid), copy.deepcopy(invalid)):
        assert type(again) is type(invalid)
        assert again.message_dict == PROBLEMS
        assert str(again) == str(invalid)
        assert again.message is None


def test_invalid_message_can_be_raised_in_form_clean() -> None:
    form = SendForm({"to": "x", "content": "y"})
    assert not form.is_valid()
    assert form.errors == PROBLEMS


def test_invalid_message_can_be_nested_in_validation_errors(invalid: InvalidMessage) -> None:
    assert ValidationError(invalid).message_dict == PROBLEMS
    assert ValidationError([invalid, "Other."]).messages == [*invalid.messages, "Other."]
    assert ValidationError({NON_FIELD_ERRORS: invalid.messages}).messages == invalid.messages


def test_rest_framework_shows_invalid_message_by_field(invalid: InvalidMessage) -> None:
    assert get_error_detail(invalid) == PROBLEMS


class PhoneForm(forms.Form):
    phone = forms.CharField()

    def clean(self) -> None:
        self.add_error(None, InvalidMessage(PROBLEMS).for_fields(to="phone"))


def test_problems_have_the_names_of_the_forms_fields(invalid: InvalidMessage) -> None:
    form = PhoneForm({"phone": "x"})
    assert not form.is_valid()
    assert form.errors == {"phone": PROBLEMS["to"], NON_FIELD_ERRORS: PROBLEMS["content"]}
    error = invalid.for_fields(to="phone", content="phone")
    assert type(error) is ValidationError
    assert error.message_dict == {"phone": [*PROBLEMS["to"], *PROBLEMS["content"]]}
    assert get_error_detail(error) == error.message_dict
    assert invalid.message_dict == PROBLEMS


def test_newlines_in_the_words_of_the_api_forge_no_log_line() -> None:
    """Each character that str.splitlines() knows."""
    for newline in ("\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"):
        exc = MessageRejected(f"Refused.{newline}ERROR forged")
        assert str(exc) == "Refused. ERROR forged"


def test_text_of_invalid_message_is_redacted() -> None:
    exc = InvalidMessage({"to": [f"{NUMBER} is not wanted"]})
    assert NUMBER not in shown(exc)


@pytest.mark.django_db
def test_invalid_call_reveals_no_private_data() -> None:
    with pytest.raises(InvalidMessage) as caught:
        send_message(f"{NUMBER}x", TEXT * 100, sender="+" + NUMBER * 2, client_ref=NUMBER * 4)
    assert set(caught.value.message_dict) == {"to", "content", "sender", "client_ref"}
    assert_discreet(caught.value)
    assert NUMBER not in str(caught.value.message_dict)
    assert not Message.objects.exists()
