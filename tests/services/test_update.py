"""mark_message_read() and revoke_message(), over HTTP to a server on loopback."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test import TestCase
from django.utils import timezone

from django_vonage_messages import exceptions, mark_message_read, revoke_message
from django_vonage_messages.backends import BaseBackend, MessageUpdate
from django_vonage_messages.backends.connections import close_session
from django_vonage_messages.backends.locmem import updates
from django_vonage_messages.models import Conversation, Direction, Message
from django_vonage_messages.protocol.outcomes import Accepted, Outcome
from django_vonage_messages.services.receiving.receive import VerifiedWebhook, receive
from django_vonage_messages.services.sending import updates as services
from django_vonage_messages.testing import allow_http
from tests.backends.server import Play, Server, answer, hang_up
from tests.settings import VONAGE_MESSAGES

NUMBER, TEXT = "447700900000", "My code is 1234"
UUID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
EU = f"https://api-eu.vonage.com/v1/messages/{UUID}"
DONE = answer(202, b"")
READ, REVOKED = {"status": "read"}, {"status": "revoked"}
TYPING = READ | {"replying_indicator": {"show": True, "type": "text"}}
BASE = VONAGE_MESSAGES["default"]
LOGGER = "django_vonage_messages"

Act = Callable[[Message], None]

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def pem() -> str:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def server(settings: Any, pem: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A local Vonage for the default account."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", os.devnull)
    close_session()
    with Server() as running:
        account = {
            **BASE,
            "BACKEND": "django_vonage_messages.backends.api.ApiBackend",
            "API_VERSION": "v1",
            "API_SECRET": "an-api-secret",
            "APPLICATION_ID": "an-application",
            "PRIVATE_KEY": pem,
            "AUTH": "basic",
            "OPTIONS": {"base_url": running.url, "timeout": (0.5, 0.5)},
        }
        settings.VONAGE_MESSAGES = {"default": account}
        yield running
        close_session()


@pytest.fixture
def local(settings: Any) -> None:
    settings.VONAGE_MESSAGES = {"default": {**BASE, "API_VERSION": "v1"}}


def new(channel: str, direction: str, **columns: Any) -> Message:
    thread, _ = Conversation.objects.get_or_create(
        account="default", channel=channel, our_address="Example", their_address=NUMBER
    )
    defaults = {
        "conversation": thread,
        "account": "default",
        "channel": channel,
        "direction": direction,
        "our_address": "Example",
        "their_address": NUMBER,
        "message_uuid": UUID,
        "content_type": "text",
        "text": TEXT,
        "status": "received" if direction == Direction.INBOUND else "accepted",
    }
    return Message.objects.create(**defaults | columns)


def inbound(**columns: Any) -> Message:
    return new("whatsapp", Direction.INBOUND, **columns)


def outbound(**columns: Any) -> Message:
    return new("rcs", Direction.OUTBOUND, **columns)


ACTS = [
    pytest.param(mark_message_read, inbound, "marked_read_at", id="read"),
    pytest.param(revoke_message, outbound, "revoked_at", id="revoked"),
]


def stored(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


# Accepted updates


@pytest.mark.parametrize(("act", "make", "column"), ACTS)
def test_accepted_update_is_stored(act: Act, make: Any, column: str, server: Server) -> None:
    server.script.append(DONE)
    message = make()
    status = message.status
    before = timezone.now()
    assert act(message) is None
    assert before <= getattr(message, column) <= timezone.now()
    assert getattr(stored(message), column) == getattr(message, column)
    (request,) = server.received
    assert (request.method, request.target) == ("PATCH", f"/v1/messages/{UUID}")
    assert request.json == (READ if act is mark_message_read else REVOKED)
    assert request.values("Authorization")[0].startswith("Bearer ")
    assert (stored(message).status, message.events.count()) == (status, 0)


@pytest.mark.parametrize(("act", "make", "column"), ACTS)
def test_repeated_update_is_not_requested_again(
    act: Act, make: Any, column: str, server: Server
) -> None:
    server.script.extend([DONE, DONE])
    message = make()
    copy = stored(message)
    act(message)
    first = getattr(message, column)
    act(message)
    act(copy)
    assert len(server.received) == 1
    assert getattr(copy, column) == getattr(stored(message), column) == first


def test_typing_can_be_shown_again(server: Server) -> None:
    server.script.extend([DONE] * 3)
    message = inbound()
    mark_message_read(message, typing=True)
    first = message.marked_read_at
    mark_message_read(message, typing=True)
    mark_message_read(message)
    assert [request.json for request in server.received] == [TYPING, TYPING]
    assert first is not None
    assert stored(message).marked_read_at == first


def test_backend_receives_uuid_body_and_url(local: None) -> None:
    body = {
        "channel": "whatsapp",
        "message_uuid": UUID,
        "to": "447700900001",
        "from": NUMBER,
        "timestamp": "2026-11-24T10:00:00Z",
        "message_type": "text",
        "text": TEXT,
        "context_status": "none",
        "_self": {"href": EU},
    }
    assert receive(VerifiedWebhook(json.dumps(body).encode(), ("default",))) == "applied"
    mark_message_read(Message.objects.get())
    revoke_message(outbound(message_uuid="sent", payload={"_self": {"href": EU}}))
    assert updates == [MessageUpdate(UUID, READ, EU), MessageUpdate("sent", REVOKED, None)]


def test_changed_request_body_does_not_affect_later_updates(local: None) -> None:
    mark_message_read(inbound(), typing=True)
    updates[0].body["replying_indicator"]["show"] = False
    mark_message_read(Message.objects.get(), typing=True)
    assert updates[1].body == TYPING


# Refused updates


@pytest.mark.parametrize(
    ("act", "message", "text"),
    [
        (mark_message_read, {"channel": "sms", "direction": "inbound"}, "Only a WhatsApp message"),
        (mark_message_read, {"channel": "rcs", "direction": "inbound"}, "Only a WhatsApp message"),
        (mark_message_read, {"channel": "whatsapp", "direction": "outbound"}, "from a customer"),
        (revoke_message, {"channel": "whatsapp", "direction": "outbound"}, "Only an RCS message"),
        (revoke_message, {"channel": "rcs", "direction": "inbound"}, "to a customer"),
        (
            revoke_message,
            {"channel": "rcs", "direction": "outbound", "message_uuid": None, "status": "queued"},
            "no message_uuid",
        ),
        (
            revoke_message,
            {"channel": "rcs", "direction": "outbound", "status": "undeliverable"},
            "The message is undeliverable: it did not arrive",
        ),
        (
            mark_message_read,
            {"channel": "whatsapp", "direction": "inbound", "message_uuid": "../evil"},
            "no message_uuid",
        ),
    ],
)
def test_unsuitable_message_is_refused_with_its_reason(
    act: Act, message: dict[str, Any], text: str, server: Server
) -> None:
    row = new(**message)
    with pytest.raises(exceptions.NotUpdatable, match=text) as caught:
        act(row)
    assert caught.value.message == row
    assert not caught.value.retryable
    assert str(caught.value).startswith("No request was made.")
    assert server.received == []


def test_message_of_24_hours_ago_cannot_be_revoked(server: Server) -> None:
    server.script.append(DONE)
    now = timezone.now()
    old, young = now - timedelta(hours=24, seconds=1), now - timedelta(hours=23, minutes=59)
    late = outbound(message_uuid="late", created_at=old)
    assert not services.can_be_revoked(late)
    with pytest.raises(exceptions.NotUpdatable, match="sent over 24 hours ago"):
        revoke_message(late)
    revoked = outbound(message_uuid="revoked", accepted_at=old, revoked_at=young)
    revoke_message(revoked)  # a second call does nothing
    assert server.received == []

    scheduled = outbound(created_at=old, accepted_at=young)
    assert services.can_be_revoked(scheduled)
    revoke_message(scheduled)
    assert len(server.received) == 1


@pytest.mark.parametrize(("act", "make", "column"), ACTS)
def test_v0_1_account_is_named_in_the_refusal(
    act: Act, make: Any, column: str, settings: Any
) -> None:
    settings.VONAGE_MESSAGES = {"default": {**BASE, "API_VERSION": "v0.1"}}
    with pytest.raises(exceptions.NotUpdatable, match=r"account 'default' uses API v0\.1"):
        act(make())


class SendsOnly(BaseBackend):
    def send(self, message: Any) -> Outcome:
        return Accepted(UUID)


class Breaks(SendsOnly):
    supports_update = True

    def update(self, update: MessageUpdate) -> Outcome:
        raise KeyError(f"{TEXT} {NUMBER}")


@pytest.mark.parametrize(("act", "make", "column"), ACTS)
def test_backend_without_updates_is_named_in_the_refusal(
    act: Act, make: Any, column: str, settings: Any
) -> None:
    account = {**BASE, "API_VERSION": "v1", "BACKEND": f"{__name__}.SendsOnly"}
    settings.VONAGE_MESSAGES = {"default": account}
    with pytest.raises(exceptions.NotUpdatable, match="account 'default', SendsOnly, does not"):
        act(make())


@pytest.mark.parametrize(("act", "make", "column"), ACTS)
def test_missing_private_key_is_named_in_the_error(
    act: Act, make: Any, column: str, server: Server, settings: Any
) -> None:
    account = settings.VONAGE_MESSAGES["default"] | {"PRIVATE_KEY": None}
    settings.VONAGE_MESSAGES = {"default": account}
    with pytest.raises(ImproperlyConfigured, match=r"\['PRIVATE_KEY'\] and APPLICATION_ID must"):
        act(make())
    assert server.received == []


# Failed updates


@pytest.mark.parametrize(("act", "make", "column"), ACTS)
@pytest.mark.parametrize(
    ("play", "error", "retryable", "text"),
    [
        (answer(404, {"title": "Not Found"}), exceptions.UpdateFailed, False, "Not Found"),
        (
            answer(422, {"title": "Invalid", "detail": f"No: +{NUMBER} {TEXT}"}),
            exceptions.UpdateFailed,
            False,
            "the API rejected the request. Invalid: No:",
        ),
        (answer(429, {}, ("Retry-After: 3",)), exceptions.UpdateFailed, True, "rate limit"),
        (answer(500, {}), exceptions.UpdateUnconfirmed, True, "It is safe to try again"),
        (answer(200, b""), exceptions.UpdateUnconfirmed, True, "It is safe to try again"),
        (answer(308, {}, (f"Location: {EU}",)), exceptions.UpdateUnconfirmed, True, "HTTP 308"),
        (hang_up, exceptions.UpdateUnconfirmed, True, "It is not known whether"),
    ],
)
def test_failure_is_raised_and_not_stored(
    play: Play,
    error: type[exceptions.VonageMessagesError],
    retryable: bool,
    text: str,
    act: Act,
    make: Any,
    column: str,
    server: Server,
) -> None:
    server.script.append(play)
    message = make()
    with pytest.raises(error, match=text) as caught:
        act(message)
    assert type(caught.value) is error
    assert caught.value.retryable is retryable
    assert caught.value.message == message
    assert not any(secret in str(caught.value) for secret in (NUMBER, "1234", "Bearer", "ey"))
    assert getattr(message, column) is getattr(stored(message), column) is None
    assert len(server.received) == 1


def test_throttled_update_carries_retry_after(server: Server) -> None:
    server.script.append(answer(429, {}, ("Retry-After: 3",)))
    with pytest.raises(exceptions.UpdateFailed) as caught:
        mark_message_read(inbound())
    assert (caught.value.reason, caught.value.retry_after) == ("throttled", 3.0)
    assert not isinstance(caught.value, exceptions.MessageNotSent)


def test_refused_connection_is_retryable(server: Server, settings: Any) -> None:
    closed = server.url.rpartition(":")[0] + ":1"
    account = settings.VONAGE_MESSAGES["default"] | {"OPTIONS": {"base_url": closed}}
    settings.VONAGE_MESSAGES = {"default": account}
    with pytest.raises(exceptions.UpdateFailed) as caught:
        mark_message_read(inbound())
    assert caught.value.retryable


def test_exception_of_a_backend_is_named_without_its_message(settings: Any) -> None:
    account = {**BASE, "API_VERSION": "v1", "BACKEND": f"{__name__}.Breaks"}
    settings.VONAGE_MESSAGES = {"default": account}
    with pytest.raises(exceptions.UpdateUnconfirmed, match="KeyError") as caught:
        mark_message_read(inbound())
    assert NUMBER not in str(caught.value)
    assert caught.value.__suppress_context__


# Inside a transaction


@pytest.mark.parametrize(("act", "make", "column"), ACTS)
@pytest.mark.django_db(transaction=True)
def test_update_in_a_transaction_is_requested_after_the_commit(
    act: Act, make: Any, column: str, server: Server
) -> None:
    server.script.append(DONE)
    with transaction.atomic():
        message = make()
        act(message)
        assert server.received == []
    assert len(server.received) == 1
    assert getattr(stored(message), column) is not None


@pytest.mark.django_db(transaction=True)
def test_rolled_back_update_is_not_requested(server: Server) -> None:
    message = inbound()
    with transaction.atomic():
        mark_message_read(message)
        transaction.set_rollback(True)
    assert server.received == []


@pytest.mark.django_db(transaction=True)
def test_refusal_in_a_transaction_is_raised_at_once(local: None) -> None:
    with transaction.atomic(), pytest.raises(exceptions.NotUpdatable):
        mark_message_read(outbound())


@pytest.mark.parametrize("play", [answer(422, {"title": f"No {NUMBER} {TEXT}"}), hang_up])
@pytest.mark.django_db(transaction=True)
def test_failure_after_the_commit_logs_one_line(
    play: Play, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.script.append(play)
    done: list[str] = []
    with caplog.at_level(logging.WARNING), transaction.atomic():
        message = inbound()
        mark_message_read(message)
        transaction.on_commit(lambda: done.append("the hook after it"))
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    assert line.getMessage().startswith(f"Message {message.pk} was not marked as read: ")
    assert NUMBER not in line.getMessage()
    assert "1234" not in line.getMessage()
    assert line.exc_info is None
    assert done
    assert stored(message).marked_read_at is None


@pytest.mark.django_db(transaction=True)
def test_message_deleted_before_the_commit_logs_one_line(
    local: None, caplog: pytest.LogCaptureFixture
) -> None:
    message = inbound()
    with transaction.atomic():
        mark_message_read(message)
        Message.objects.all().delete()
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    assert "DoesNotExist" in line.getMessage()
    assert updates == []


@pytest.mark.django_db(transaction=True)
def test_two_updates_in_a_transaction_are_requested_once(local: None) -> None:
    message = inbound()
    with transaction.atomic():
        mark_message_read(message)
        mark_message_read(message)
    assert len(updates) == 1


class InATestCase(TestCase):
    def test_transaction_of_testcase_does_not_delay_the_update(self) -> None:
        with self.settings(VONAGE_MESSAGES={"default": {**BASE, "API_VERSION": "v1"}}):
            mark_message_read(inbound())
        assert len(updates) == 1
        assert Message.objects.get().marked_read_at


# Possible updates


def test_possible_updates_take_no_query(local: None, django_assert_num_queries: Any) -> None:
    rows = [inbound(), inbound(marked_read_at=timezone.now()), outbound()]
    rows.append(outbound(revoked_at=timezone.now()))
    with django_assert_num_queries(0):
        assert [services.can_be_marked_read(row) for row in rows] == [True, False, False, False]
        assert [services.can_be_revoked(row) for row in rows] == [False, False, True, False]


@pytest.mark.parametrize(
    "account",
    [
        {"API_VERSION": "v0.1"},
        {"API_VERSION": "v9"},
        {"BACKEND": f"{__name__}.SendsOnly"},
        {"BACKEND": "nowhere.Backend"},
        {
            "BACKEND": "django_vonage_messages.backends.api.ApiBackend",
            "API_SECRET": "an-api-secret",
        },
    ],
)
@allow_http()
def test_account_without_updates_offers_none(account: dict[str, Any], settings: Any) -> None:
    settings.VONAGE_MESSAGES = {"default": {**BASE, "API_VERSION": "v1", **account}}
    assert not services.can_be_marked_read(inbound())
    settings.VONAGE_MESSAGES = {"other": BASE}
    assert not services.can_be_revoked(outbound())
