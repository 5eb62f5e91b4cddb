"""Simultaneous copies of a webhook over HTTP; first messages of a new customer."""

import json
import random
import threading
import uuid
from collections import Counter
from contextlib import contextmanager, suppress

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet

from django_vonage_messages import send_message
from django_vonage_messages.models import Conversation, Message, StatusEvent, UnprocessedWebhook
from django_vonage_messages.signals import message_received, message_status_changed
from tests.races.conftest import SERVER, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
COPIES = 20


class Effects:
    """A receiver with one effect in the database and one after the commit."""

    def __init__(self):
        self.after_commit = []

    def __call__(self, sender, message, **kwargs):
        effect = f"{message.pk} {message.status}"
        Group.objects.create(name=f"{effect} {uuid.uuid4()}")
        transaction.on_commit(lambda: self.after_commit.append(effect))

    @property
    def in_database(self):
        """Effects in the order of their transactions, which lock the message."""
        names = Group.objects.order_by("id").values_list("name", flat=True)
        return [name.rpartition(" ")[0] for name in names]


@contextmanager
def effects_of(signal):
    effects = Effects()
    signal.connect(effects)
    try:
        yield effects
    finally:
        signal.disconnect(effects)
    # Not in the same order: the hooks after two commits can run in any order.
    assert sorted(effects.in_database) == sorted(effects.after_commit)


def results(responses):
    assert {response.status_code for response in responses} == {200}
    return Counter(response.json()["result"] for response in responses)


def test_twenty_copies_of_an_inbound_message_are_applied_once(post, inbound_body):
    body = json.dumps(inbound_body()).encode()
    with effects_of(message_received) as effects:
        responses = at_once(COPIES, lambda _: post("inbound-message", body))
    assert results(responses) == {"applied": 1, "duplicate": COPIES - 1}
    message = Message.objects.get()
    assert effects.in_database == [f"{message.pk} received"]
    assert Conversation.objects.get().unread_count == 1
    assert not UnprocessedWebhook.objects.exists()


def test_twenty_copies_of_each_status_are_applied_once(post, status_body):
    message = send_message("447700900000", "Hello")
    with effects_of(message_status_changed) as effects:
        for word in ("submitted", "delivered", "read"):
            body = json.dumps(status_body(message, word)).encode()
            responses = at_once(COPIES, lambda _, body=body: post("message-status", body))
            assert results(responses) == {"applied": 1, "duplicate": COPIES - 1}
    expected = [f"{message.pk} {word}" for word in ("submitted", "delivered", "read")]
    assert effects.in_database == expected


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 30))]
)
def test_mixed_copies_of_three_statuses_are_applied_once_each(post, status_body, seed):
    """In every order the final status is the same, and the status only rises."""
    statuses = ["submitted", "rejected", "delivered"]
    message = send_message("447700900000", "Hello")
    bodies = [json.dumps(status_body(message, word)).encode() for word in statuses] * COPIES
    random.Random(seed).shuffle(bodies)
    with effects_of(message_status_changed) as effects:
        responses = at_once(
            COPIES, lambda n: [post("message-status", b) for b in bodies[n::COPIES]]
        )
    all_responses = [response for some in responses for response in some]
    assert results(all_responses) == {"applied": 3, "duplicate": 3 * COPIES - 3}
    message.refresh_from_db()
    assert message.status == "delivered"
    assert StatusEvent.objects.filter(source="vonage").count() == 3
    path = [effect.partition(" ")[2] for effect in effects.in_database]
    assert path == sorted(set(path), key=statuses.index)


def test_twenty_copies_of_an_unmatched_status_are_stored_once(post):
    body = b'{"message_uuid": "of-nobody", "status": "delivered"}'
    responses = at_once(COPIES, lambda _: post("message-status", body))
    assert results(responses) == {"stored": COPIES}
    assert UnprocessedWebhook.objects.get().deliveries == COPIES


def test_two_first_messages_of_a_customer_create_one_conversation(post, inbound_body):
    for customer in range(5):
        sender = {"type": "sms", "number": f"44770090020{customer}"}
        bodies = [
            json.dumps({**inbound_body(message_uuid=str(uuid.uuid4())), "from": sender}).encode()
            for _ in range(2)
        ]
        responses = at_once(2, lambda n, bodies=bodies: post("inbound-message", bodies[n]))
        assert results(responses) == {"applied": 2}
    threads = Conversation.objects.all()
    assert [(t.unread_count, t.messages.count()) for t in threads] == [(2, 2)] * 5


def test_two_requests_before_their_insert_create_one_conversation(post, inbound_body, monkeypatch):
    """Both requests are between their SELECT and their INSERT at the same time."""
    if not SERVER:
        pytest.skip("SQLite has one writer at a time.")
    both = threading.Barrier(2)
    real = QuerySet.create

    def create(self, **columns):
        if self.model is Conversation and not both.broken:
            with suppress(threading.BrokenBarrierError):
                both.wait(timeout=5)
            both.abort()
        return real(self, **columns)

    monkeypatch.setattr(QuerySet, "create", create)
    bodies = [inbound_body(f"Hello {n}", message_uuid=str(uuid.uuid4())) for n in range(2)]
    responses = at_once(2, lambda n: post("inbound-message", json.dumps(bodies[n]).encode()))
    assert results(responses) == {"applied": 2}
    thread = Conversation.objects.get()
    assert (thread.unread_count, thread.messages.count()) == (2, 2)


def test_concurrent_inbound_and_outbound_messages_create_one_conversation_each(post, inbound_body):
    numbers = [f"4477009001{n:02}" for n in range(10)]

    def work(n):
        number = numbers[n // 2]
        if n % 2:
            send_message(number, "Hello")
            return 200
        sender = {"type": "sms", "number": number}
        body = {**inbound_body(message_uuid=str(uuid.uuid4())), "from": sender}
        return post("inbound-message", json.dumps(body).encode()).status_code

    assert set(at_once(20, work)) == {200}
    threads = Conversation.objects.all()
    assert {thread.their_address for thread in threads} == set(numbers)
    assert {(t.unread_count, t.messages.count()) for t in threads} == {(1, 2)}
    assert len(threads) == 10
