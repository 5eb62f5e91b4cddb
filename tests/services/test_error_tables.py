"""Errors are looked up by their origin: response codes in one table, status codes in another."""

import json
from typing import get_args

import pytest

from django_vonage_messages import exceptions, queue_message, send_message
from django_vonage_messages.exceptions import DeliveryUnconfirmed, MessageRejected, RateLimited
from django_vonage_messages.models import FailureReason, Message
from django_vonage_messages.protocol import outcomes
from django_vonage_messages.protocol.error_codes import ERROR_CODES, HTTP_ERRORS
from django_vonage_messages.protocol.outcomes import Outcome, interpret
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.testing import simulate_status

pytestmark = pytest.mark.django_db

TO = "447700900000"
TYPE = "https://developer.vonage.com/api-errors/messages#"


def interpreted(status: int, fragment: str, **members: object) -> Outcome:
    body = {"type": TYPE + fragment, "title": "Refused", "detail": "No.", "instance": "1"} | members
    return interpret(status, json.dumps(body).encode())


def refused(text: str = "Hello") -> MessageRejected:
    with pytest.raises(MessageRejected) as raised:
        send_message(TO, text)
    return raised.value


@pytest.mark.parametrize("code", ["1120", "1140", "1150", "unathorized", "110"])
def test_response_code_is_looked_up_among_http_errors(outcomes, code):
    outcomes.append(interpreted(422, code))
    message = refused().message
    assert (message.status, message.error_code) == ("failed", code)
    assert message.error_info is HTTP_ERRORS[code]
    assert Message.objects.get().error_info is HTTP_ERRORS[code]


@pytest.mark.parametrize("code", ["1120", "1140", "1150"])
@pytest.mark.parametrize("status", ["submitted", "rejected", "undeliverable", "delivered"])
def test_status_code_is_looked_up_among_error_codes(outcomes, code, status):
    message = simulate_status(send_message(TO, "Hello"), status, error_code=code)
    assert (message.status, message.error_code) == (status, code)
    assert message.error_info is ERROR_CODES[code]


def test_code_1000_of_a_500_leaves_the_message_unconfirmed(outcomes):
    outcomes.append(interpreted(500, "1000"))
    with pytest.raises(DeliveryUnconfirmed) as raised:
        send_message(TO, "Hello")
    message = raised.value.message
    assert message.error_info is None
    simulate_status(message, "rejected", error_code="1000")
    assert message.error_info is ERROR_CODES["1000"]


def test_5xx_keeps_the_words_of_the_api(outcomes):
    given = {"title": "Sorry", "detail": "An error", "instance": "a1b2", "type": "#1000"}
    outcomes.append(interpret(503, json.dumps(given).encode()))
    with pytest.raises(DeliveryUnconfirmed) as raised:
        send_message(TO, "Hello")
    exc = raised.value
    assert (exc.code, exc.title, exc.detail, exc.instance) == ("1000", "Sorry", "An error", "a1b2")
    event = exc.message.events.get(status="unconfirmed")
    assert (event.error_code, event.payload["instance"]) == ("1000", "a1b2")


@pytest.mark.parametrize(
    ("status", "owner"), [(401, "developer"), (402, "account_owner"), (404, "developer")]
)
def test_refusal_without_a_body_names_the_person_who_must_act(outcomes, status, owner):
    outcomes.append(interpret(status, b""))
    assert refused().message.error_info.owner == owner


def test_code_of_one_table_is_not_found_in_the_other(outcomes):
    outcomes += [interpreted(422, "1240"), interpreted(422, "0")]
    assert refused().message.error_info is None
    assert refused().message.error_info is None
    message = simulate_status(send_message(TO, "Hello"), "rejected", error_code="110")
    assert message.error_info is None


def test_throttled_message_is_explained_while_it_waits_for_its_retry(outcomes):
    outcomes.append(interpreted(429, "1010"))
    message = queue_message(TO, "Hello")
    deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.error_code) == ("queued", "1010")
    assert message.error_info is HTTP_ERRORS["1010"]


def test_code_1010_is_a_rate_limit_only_with_http_429(outcomes):
    outcomes += [interpreted(429, "1010"), interpreted(422, "1010")]
    with pytest.raises(RateLimited):
        send_message(TO, "Hello")
    assert not refused().retryable


def test_error_names_the_invalid_parameter_without_number_or_text(outcomes):
    text = 'Your "code" is 1234'
    wrong = [
        {"name": "to", "reason": f"`+{TO}` is no number."},
        {"name": "text", "reason": f"cannot be {json.dumps(text)}"},
    ]
    outcomes.append(interpreted(422, "1150", invalid_parameters=wrong))
    error = refused(text)
    assert error.detail == f"No. to: `+{TO}` is no number. text: cannot be {json.dumps(text)}."
    assert Message.objects.get().error_detail == error.detail
    assert "to: `••••" in str(error)
    assert 'text: cannot be "[text]"' in str(error)
    for secret in (TO, "7700900000", "1234"):
        assert secret not in str(error)
        assert secret not in repr(error)


def test_reasons_of_outcomes_and_errors_are_failure_reasons() -> None:
    reasons = set(get_args(outcomes.Reason)) - {""}
    classes = [each for each in vars(outcomes).values() if isinstance(each, type)]
    assert {each.reason for each in classes if hasattr(each, "reason")} - {""} == reasons
    assert reasons < set(FailureReason.values)
    errors = [each for each in vars(exceptions).values() if isinstance(each, type)]
    error_reasons = {getattr(each, "reason", "") for each in errors} - {""}
    assert {"rejected", "throttled", "not_sent", "unconfirmed", "suppressed"} <= error_reasons
    assert error_reasons <= set(FailureReason.values)
