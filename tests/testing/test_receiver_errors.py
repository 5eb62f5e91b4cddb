"""Exceptions of signal receivers: raised in tests, and stored on live sites."""

import json
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.dispatch import Signal
from django.test import SimpleTestCase

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, SignalDispatch
from django_vonage_messages.signals import (
    message_received,
    message_status_changed,
    receiver_failed,
)
from django_vonage_messages.testing import (
    VonageMessagesTestMixin,
    capture_messages,
    receiver_errors,
    simulate_inbound,
    simulate_status,
)

CUSTOMER = "447700900000"
PostWebhook = Callable[..., Any]


class BookingError(Exception):
    """A mistake of the site."""


def fail(message: Message, **kwargs: object) -> None:
    raise BookingError(message.text)


def decode(message: Message, **kwargs: object) -> None:
    json.loads(message.text)


@contextmanager
def connected(signal: Signal, receiver: Callable[..., None] = fail) -> Iterator[None]:
    signal.connect(receiver)
    try:
        yield
    finally:
        signal.disconnect(receiver)


@pytest.mark.django_db
def test_exception_of_receiver_is_raised_by_simulate_inbound() -> None:
    with connected(message_received), pytest.raises(BookingError, match="YES") as caught:
        simulate_inbound(CUSTOMER, "YES")
    assert caught.traceback[-1].name == "fail"
    dispatch = SignalDispatch.objects.get()  # as on a live site
    assert (dispatch.message.text, dispatch.done_at) == ("YES", None)


@pytest.mark.django_db
def test_exception_of_receiver_is_raised_by_simulate_status() -> None:
    message = send_message(CUSTOMER, "Hello")
    with connected(message_status_changed), pytest.raises(BookingError):
        simulate_status(message, "delivered")
    assert message.status == "delivered"


@pytest.mark.django_db
def test_test_can_expect_failing_receivers() -> None:
    with connected(message_received), capture_messages():
        message = simulate_inbound(CUSTOMER, "YES", raise_receiver_errors=False)
        assert message.text == "YES"
        assert [type(error) for error in receiver_errors] == [BookingError]
        assert SignalDispatch.objects.count() == 1


@pytest.mark.django_db
def test_capture_raises_exception_of_receiver_at_its_end() -> None:
    with connected(message_status_changed), pytest.raises(BookingError), capture_messages():
        send_message(CUSTOMER, "Hello")
    assert Message.objects.get().status == "accepted"
    assert not receiver_failed.receivers


@pytest.mark.django_db
def test_capture_raises_nothing_if_test_empties_list() -> None:
    with connected(message_status_changed), capture_messages():
        send_message(CUSTOMER, "Hello")
        receiver_errors.clear()


@pytest.mark.django_db
def test_errors_of_an_earlier_test_are_forgotten() -> None:
    for number in range(2):
        with connected(message_received), capture_messages():
            simulate_inbound(CUSTOMER, f"Hello {number}", raise_receiver_errors=False)
            assert [str(error) for error in receiver_errors] == [f"Hello {number}"]


@pytest.mark.django_db
def test_later_call_does_not_raise_the_error_of_an_earlier_call() -> None:
    reached = []

    @capture_messages()
    def test() -> None:
        with connected(message_status_changed):
            message = send_message(CUSTOMER, "Hello")
        reached.append(simulate_status(message, "delivered").status)

    with pytest.raises(BookingError):
        test()
    assert reached == ["delivered"]


@pytest.mark.django_db
def test_capture_does_not_hide_exception_of_test() -> None:
    @capture_messages()
    def test() -> None:
        send_message(CUSTOMER, "Hello")
        raise ZeroDivisionError

    with connected(message_status_changed), pytest.raises(ZeroDivisionError):
        test()


@pytest.mark.django_db
def test_exception_is_raised_once_in_nested_captures() -> None:
    with connected(message_received), capture_messages():
        with pytest.raises(BookingError), capture_messages():
            simulate_inbound(CUSTOMER, "YES")
        with pytest.raises(BookingError):
            simulate_inbound(CUSTOMER, "NO")


@pytest.mark.django_db
def test_failing_receiver_fails_test_case() -> None:
    class SiteTests(VonageMessagesTestMixin, SimpleTestCase):
        def test_it(self) -> None:
            send_message(CUSTOMER, "Hello")

    result = unittest.TestResult()
    with connected(message_status_changed):
        SiteTests("test_it").run(result)
    ((_case, traceback),) = result.errors
    assert "BookingError: Hello" in traceback


@pytest.mark.django_db
def test_live_site_keeps_line_and_function_of_receiver(
    post_webhook: PostWebhook, inbound_body: Callable[..., dict[str, Any]]
) -> None:
    with connected(message_received, decode):
        assert post_webhook("inbound-message", inbound_body()).status_code == 200
    error = SignalDispatch.objects.get().error
    line = decode.__code__.co_firstlineno + 1
    assert f"(in testing/test_receiver_errors.py:{line}, decode(), raised in json/dec" in error
    assert error.endswith(", JSONDecoder.raw_decode())")
    assert not receiver_errors


@pytest.mark.django_db
def test_long_text_of_exception_does_not_displace_line_and_function(
    post_webhook: PostWebhook, inbound_body: Callable[..., dict[str, Any]]
) -> None:
    def fail_at_length(**kwargs: object) -> None:
        raise BookingError("no " * 400)

    with connected(message_received, fail_at_length):
        post_webhook("inbound-message", inbound_body())
    error = SignalDispatch.objects.get().error
    assert len(error) == 500
    assert error.startswith("BookingError: no no")
    assert error.endswith("fail_at_length())")
