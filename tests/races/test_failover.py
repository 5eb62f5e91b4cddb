"""Concurrent statuses of a workflow: the next message is sent once, and nothing deadlocks."""

import json
import random
import threading
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections

from django_vonage_messages import cancel_message, queue_message, send_message
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.simulator import Simulator
from tests.races.conftest import at_once, times_accepted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NUMBER = "447700900000"
COPIES = 8
ROUNDS = 6


@pytest.fixture(params=["v0.1", "v1"])
def version(request: Any, vonage: Simulator, settings: LazySettings) -> str:
    settings.VONAGE_MESSAGES = {"default": vonage.settings(API_VERSION=request.param)}
    return str(request.param)


def send() -> list[Message]:
    """Send a workflow whose first and second message share a conversation."""
    failover = [
        Failover("Second", channel="whatsapp"),
        Failover("Third", channel="sms"),
    ]
    first = send_message(NUMBER, "First", channel="whatsapp", failover=failover)
    assert first.workflow is not None
    return list(first.workflow.messages.order_by("workflow_position"))


def body_of(member: Message, status: str, when: int = 0) -> bytes:
    """Return a v1 status; a standby message gets its first uuid from it."""
    body = {
        "channel": member.channel,
        "message_uuid": member.message_uuid or member.reference.hex,
        "to": member.their_address,
        "from": member.our_address,
        "timestamp": f"2026-01-01T14:00:{when:02}Z",
        "status": status,
        "client_ref": member.client_ref,
    }
    if status == "rejected":
        body["error"] = {"type": "https://example.com/#1300", "title": 1300, "detail": "No"}
    return json.dumps(body).encode()


def statuses_of(members: list[Message]) -> list[str]:
    rows = Message.objects.in_bulk([member.pk for member in members])
    return [rows[member.pk].status for member in members]


def test_copies_of_a_rejection_send_the_next_message_once(
    version: str, vonage: Any, post: Any
) -> None:
    members = send()
    bodies = [body_of(members[0], "rejected", when % 3) for when in range(COPIES)]

    at_once(COPIES, lambda number: post("message-status", bodies[number]))

    assert set(times_accepted(vonage).values()) == {1}
    second_status = "accepted" if version == "v0.1" else "standby"
    assert statuses_of(members) == ["rejected", second_status, "standby"]


@pytest.mark.usefixtures("version")
def test_concurrent_rejected_and_delivered_never_send_twice(vonage: Any, post: Any) -> None:
    for _ in range(ROUNDS):
        members = send()
        bodies = [body_of(members[0], "rejected"), body_of(members[0], "delivered", 1)] * 3
        random.shuffle(bodies)

        at_once(len(bodies), lambda number, bodies=bodies: post("message-status", bodies[number]))

        assert statuses_of(members)[0] == "delivered"
        assert statuses_of(members)[2] == "cancelled"
    assert set(times_accepted(vonage).values()) == {1}


def test_concurrent_statuses_of_a_workflow_do_not_deadlock(
    version: str, vonage: Any, post: Any
) -> None:
    """Each status locks its message and the later ones, then the conversation: no lock circle."""
    for _ in range(ROUNDS):
        members = send()
        if version == "v0.1":
            post("message-status", body_of(members[0], "rejected"))
            post("message-status", body_of(Message.objects.get(pk=members[1].pk), "rejected"))
        fresh = [Message.objects.get(pk=member.pk) for member in members]
        bodies = [
            body_of(member, status, when)
            for member in fresh
            for when, status in enumerate(("submitted", "rejected"))
        ]
        bodies.append(body_of(fresh[2], "delivered", 2))
        random.shuffle(bodies)

        responses = at_once(
            len(bodies), lambda number, bodies=bodies: post("message-status", bodies[number])
        )

        assert {response.status_code for response in responses} == {200}
        reconcile()
        assert statuses_of(members) == ["rejected", "rejected", "delivered"]
    assert set(times_accepted(vonage).values()) == {1}


def test_message_cannot_be_cancelled_while_it_is_handed_to_vonage(
    vonage: Any, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VONAGE_MESSAGES = {"default": vonage.settings(API_VERSION="v1")}
    failover = [Failover("Second", channel="viber"), Failover("Third")]
    first = queue_message(NUMBER, "First", channel="whatsapp", failover=failover)
    assert first.workflow is not None
    third = first.workflow.messages.get(workflow_position=3)
    cancelled: list[bool] = []
    canceller = threading.Thread(
        target=lambda: (cancelled.append(cancel_message(third)), connections.close_all())
    )

    def cancel_meanwhile(*_: Any) -> bool:
        if canceller.ident is None:
            canceller.start()
            canceller.join(0.5)
        return False

    monkeypatch.setattr(
        "django_vonage_messages.services.delivery.failover.is_suppressed", cancel_meanwhile
    )
    deliver(first.pk)
    canceller.join()

    body = json.loads(vonage.accepted[-1].body)
    assert len(body["failover"]) == 2
    assert cancelled == [False]


def test_plans_in_opposite_channel_orders_do_not_deadlock(vonage: Any) -> None:
    def plan(number: int) -> Message:
        channels = ["whatsapp", "viber", "sms"][:: 1 if number % 2 else -1]
        rest = [Failover("Hello", channel=channel) for channel in channels[1:]]
        return queue_message(NUMBER, "Hello", channel=channels[0], failover=rest)

    at_once(COPIES, plan)
    assert Message.objects.count() == 3 * COPIES
