"""Tables of errors on the sending page; each error is provoked through the simulator."""

import socket
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from django_vonage_messages import exceptions, resend_message, send_message
from django_vonage_messages.models import Message, Suppression
from django_vonage_messages.simulator import Simulator, number_for
from tests.docs.blocks import ROOT, blocks_of
from tests.docs.tables import page, rows_of

TABLE = {name: row for name, *row in rows_of("sending", "Exception")}
UPDATES = {name: row for name, *row in rows_of("sending", "Exception of an update")}
ABSTRACT = {"VonageMessagesError", "MessageNotSent"}
AFTER_ANOTHER = {"IdempotencyConflict", "NotResendable"}
NUMBER = "447700900000"


@pytest.fixture(autouse=True)
def simulator(transactional_db: None) -> Iterator[Simulator]:
    with Simulator() as running:
        accounts = {"default": running.settings()}
        with override_settings(VONAGE_MESSAGES=accounts):
            yield running


def invalid() -> None:
    send_message(NUMBER, "")


def suppressed() -> None:
    Suppression.objects.create(address=NUMBER, evidence="A test.")
    send_message(NUMBER, "Hello")


def conflict() -> None:
    send_message(NUMBER, "Hello", idempotency_key="a key")
    send_message(NUMBER, "Hello again", idempotency_key="a key")


def connect_to_closed_port() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        account = settings.VONAGE_MESSAGES["default"] | {"OPTIONS": {"base_url": base_url}}
        with override_settings(VONAGE_MESSAGES={"default": account}):
            send_message(NUMBER, "Hello")


def exclude() -> None:
    account = settings.VONAGE_MESSAGES["default"] | {"ALLOWED_RECIPIENTS": []}
    with override_settings(VONAGE_MESSAGES={"default": account}):
        send_message(NUMBER, "Hello")


CAUSES: dict[str, Callable[[], Any]] = {
    "InvalidMessage": invalid,
    "RecipientSuppressed": suppressed,
    "IdempotencyConflict": conflict,
    "NotResendable": lambda: resend_message(send_message(NUMBER, "Hello")),
    "RecipientNotAllowed": exclude,
    "MessageRejected": lambda: send_message(number_for("payment_required"), "Hello"),
    "RateLimited": lambda: send_message(number_for("throttled"), "Hello"),
    "ConnectionFailed": connect_to_closed_port,
    "DeliveryUnconfirmed": lambda: send_message(number_for("server_error"), "Hello"),
    "ImproperlyConfigured": lambda: send_message(NUMBER, "Hello", account="nobody"),
}


def test_every_exception_is_listed() -> None:
    public = {
        name
        for name, value in vars(exceptions).items()
        if isinstance(value, type)
        and issubclass(value, exceptions.VonageMessagesError)
        and name not in ABSTRACT
    }
    assert set(UPDATES) <= public
    assert set(TABLE) == public - set(UPDATES) | {"ImproperlyConfigured"} == set(CAUSES)


@pytest.mark.parametrize("name", UPDATES)
def test_row_of_an_update_error_states_if_it_is_retryable(name: str) -> None:
    *_, again = UPDATES[name]
    assert getattr(exceptions, name).retryable == again.startswith("yes")


@pytest.mark.parametrize("name", CAUSES)
def test_row_of_an_error_equals_the_behaviour(name: str, simulator: Simulator) -> None:
    _when, sent, again, stored = TABLE[name]
    with pytest.raises((exceptions.VonageMessagesError, ImproperlyConfigured)) as raised:
        CAUSES[name]()
    assert type(raised.value).__name__ == name
    assert getattr(raised.value, "retryable", False) == again.startswith("yes")
    assert (sent == "not known") == (name == "DeliveryUnconfirmed")
    last = Message.objects.exclude(status="accepted").last()
    assert (last.status if last else "none") == stored
    assert len(simulator.accepted) == (1 if name in AFTER_ANOTHER else 0)


def test_mypy_settings_are_those_of_the_typing_tests() -> None:
    (block,) = [block for block in blocks_of(page("sending")) if block.name == "mypy"]
    documented, ours = ConfigParser(), ConfigParser()
    documented.read_string(block.code)
    ours.read(ROOT / "tests" / "type_hints" / "mypy.ini")
    assert set(documented) == set(ours)
    for key in ("strict", "plugins"):
        assert documented["mypy"][key] == ours["mypy"][key]


def test_second_attempt_requires_another_idempotency_key() -> None:
    number = number_for("throttled")
    for _ in range(2):
        with pytest.raises(exceptions.RateLimited):
            send_message(number, "Hello", idempotency_key="the same")
    assert Message.objects.count() == 1
